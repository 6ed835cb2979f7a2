# SPDX-License-Identifier: ISC
"""What the encoder hears: level and band energies of each hop, by fixed filters."""

import math

import torch
from torch import nn

from streaming import FixedFilters, Past


def erb_rate(hertz: torch.Tensor) -> torch.Tensor:
    """Place on the ear's ERB-rate scale (Glasberg, Moore 1990)."""
    return 21.4 * torch.log10(1.0 + 0.00437 * hertz)


def erb_hertz(rate: torch.Tensor) -> torch.Tensor:
    return (torch.pow(10.0, rate / 21.4) - 1.0) / 0.00437


def erb_space(low: float, high: float, count: int) -> torch.Tensor:
    """`count` frequencies in Hz, evenly spaced on the ear's ERB-rate scale."""
    first, last = erb_rate(torch.tensor([low, high], dtype=torch.float64)).tolist()
    return erb_hertz(torch.linspace(first, last, count, dtype=torch.float64))


def band_kernels(rate: int, count: int, taps: int) -> torch.Tensor:
    """Cosine and sine kernels (2 count, taps), about 1.5 bands wide; high bands are short.

    All end at the newest sample, so that high bands, which carry attacks, are not late. A sine of
    amplitude 1 in the middle of a band gives an energy (sum of the squares of the pair) of 0.5.
    """
    centres = erb_space(40.0, 0.42 * rate, count)
    kernels = torch.zeros(2 * count, taps, dtype=torch.float64)
    for i, centre in enumerate(centres.tolist()):
        width = 24.7 * (1.0 + 0.00437 * centre) * 1.5
        length = int(min(taps, max(96, 2.0 * rate / width)))
        time = torch.arange(length, dtype=torch.float64) - length
        window = torch.hann_window(length, periodic=False, dtype=torch.float64)
        window = window * math.sqrt(2.0) / window.sum()
        kernels[i, taps - length :] = window * torch.cos(2 * math.pi * centre / rate * time)
        kernels[i + count, taps - length :] = window * torch.sin(2 * math.pi * centre / rate * time)
    return kernels


def log_energy(power: torch.Tensor) -> torch.Tensor:
    """Power to dB, floored smoothly at -90."""
    return 10.0 * torch.log10(power + 1e-9)


class Level(nn.Module):
    """Level in dB (full-scale sine: -3) of each hop, (batch, 1, frames)."""

    __constants__ = ["hop"]

    def __init__(self, hop: int, window: int):
        super().__init__()
        self.hop = hop
        self.past = Past(1, window - hop)
        shape = torch.hann_window(window, periodic=False)
        self.register_buffer("shape", (shape / shape.sum()).reshape(1, 1, -1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.past(x)
        return log_energy(nn.functional.conv1d(x * x, self.shape, stride=self.hop))


class Bands(nn.Module):
    """Log energies of `count` bands at `parts` moments of each hop, (batch, parts count, frames)."""

    __constants__ = ["count", "parts"]

    def __init__(self, rate: int, hop: int, count: int, taps: int, parts: int):
        super().__init__()
        self.count, self.parts = count, parts
        self.filters = FixedFilters(band_kernels(rate, count, taps), hop // parts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.filters(x)
        energy = y[:, : self.count].square() + y[:, self.count :].square()
        batch, frames = energy.shape[0], energy.shape[-1] // self.parts
        folded = energy.reshape(batch, self.count, frames, self.parts).permute(0, 3, 1, 2)
        return log_energy(folded.reshape(batch, self.parts * self.count, frames))
