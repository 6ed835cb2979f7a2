# SPDX-License-Identifier: ISC
"""Pitch of a signal, causal: how well it repeats after each lag, read by a small network.

For lags on a logarithmic scale (one each STEP_CENTS) the normalised square difference of McLeod and
Wyvill ("A smarter way to find pitch", 2005) is taken over a short window, as long as the lag asks,
and over a long one. The network looks along the lags, where an octave has the same shape
everywhere, and answers with a pitch salience per lag.
"""

import math

import torch
from torch import nn

from streaming import FixedFilters, Past

LOW_HZ, STEP_CENTS, COUNT = 62.0, 20.0, 256
FACTOR = 8  # the signal is decimated by this
BLOCK = 8  # decimated samples that are summed before the windows


def frequencies() -> torch.Tensor:
    steps = torch.arange(COUNT, dtype=torch.float64)
    return LOW_HZ * torch.pow(2.0, steps * STEP_CENTS / 1200.0)


def low_pass(cutoff: float, taps: int) -> torch.Tensor:
    """A Hann-windowed sinc; `cutoff` in cycles per sample."""
    time = torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2
    kernel = torch.sinc(2 * cutoff * time) * torch.hann_window(taps + 2, False)[1:-1].double()
    return kernel / kernel.sum()


def lag_kernels(rate: float) -> torch.Tensor:
    """Fractional delays (COUNT, taps) by the periods of the frequencies, at `rate`."""
    lags = rate / frequencies()
    reach = 4  # samples each side of a lag
    taps = int(lags.max().ceil()) + reach + 1
    distance = torch.arange(taps, dtype=torch.float64).unsqueeze(0) - lags.unsqueeze(1)
    window = 0.5 + 0.5 * torch.cos(math.pi * (distance / reach).clamp(-1.0, 1.0))
    return (torch.sinc(distance) * window).flip(1)


def window_kernels(rate: float, shortest: float, periods: float) -> torch.Tensor:
    """Windows (COUNT, taps) over blocks, that favour the newest samples; sums are 1."""
    lengths = ((rate * shortest + periods * rate / frequencies()) / BLOCK).ceil() + 1.0
    age = torch.arange(int(lengths.max()), dtype=torch.float64).flip(0).unsqueeze(0)
    place = ((age + 0.5) / lengths.unsqueeze(1)).clamp(max=1.0)
    window = torch.sin(math.pi * torch.sqrt(place)) ** 2 + 1e-9
    return window / window.sum(1, keepdim=True)


class Smooth(nn.Module):
    """Weighted mean of each channel over its own window, one each `stride` samples."""

    __constants__ = ["stride", "block"]

    def __init__(self, kernels: torch.Tensor, stride: int):
        super().__init__()
        self.block, self.stride = BLOCK, stride // BLOCK
        kernels = nn.functional.pad(kernels, (max(self.stride - kernels.shape[-1], 0), 0))
        self.past = Past(COUNT, kernels.shape[-1] - self.stride)
        self.register_buffer("kernels", kernels.float().unsqueeze(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, count = x.shape[0], x.shape[1]
        x = x.reshape(batch, count, x.shape[-1] // self.block, self.block).mean(-1)
        windows = self.past(x).unfold(2, self.kernels.shape[-1], self.stride)
        return (windows * self.kernels).sum(-1)


class Periodicity(nn.Module):
    """Decimated signal (batch, 1, time) to (batch, 2 COUNT, frames): 1 repeats, -1 inverts."""

    def __init__(self, rate: float, stride: int):
        super().__init__()
        self.lagged = FixedFilters(lag_kernels(rate), 1)
        self.short_product = Smooth(window_kernels(rate, 0.006, 1.6), stride)
        self.short_power = Smooth(window_kernels(rate, 0.006, 1.6), stride)
        self.long_product = Smooth(window_kernels(rate, 0.030, 0.5), stride)
        self.long_power = Smooth(window_kernels(rate, 0.030, 0.5), stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        late = self.lagged(x)
        product = 2.0 * x * late
        power = x * x + late * late
        short = self.short_product(product) / (self.short_power(power) + 1e-8)
        long = self.long_product(product) / (self.long_power(power) + 1e-8)
        return torch.cat([short, long], 1)


class FarConv(nn.Module):
    """A five-tap dilated convolution along the lags, as shifted copies and a 1x1."""

    __constants__ = ["dilation"]

    def __init__(self, channels: int, dilation: int):
        super().__init__()
        self.dilation = dilation
        self.conv = nn.Conv1d(5 * channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        d, count = self.dilation, x.shape[-1]
        x = nn.functional.pad(x, (2 * d, 2 * d))
        taps = [
            x[:, :, :count],
            x[:, :, d : d + count],
            x[:, :, 2 * d : 2 * d + count],
            x[:, :, 3 * d : 3 * d + count],
            x[:, :, 4 * d :],
        ]
        return self.conv(torch.cat(taps, 1))


class Salience(nn.Module):
    """(batch, 2 COUNT, frames) to the logit of each frequency, (batch, COUNT, frames)."""

    def __init__(self, channels: int = 16):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(2, channels, 9, padding=4),
            nn.LeakyReLU(0.2),
            FarConv(channels, 30),
            nn.LeakyReLU(0.2),
            FarConv(channels, 19),
            nn.LeakyReLU(0.2),
            nn.Conv1d(channels, channels, 9, padding=4),
            nn.LeakyReLU(0.2),
            nn.Conv1d(channels, 1, 5, padding=2),
        )
        nn.init.constant_(self.net[-1].bias, -4.0)  # most frequencies are not the pitch

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, count, frames = x.shape[0], x.shape[1] // 2, x.shape[2]
        rows = x.reshape(batch, 2, count, frames).permute(0, 3, 1, 2)
        logits = self.net(rows.reshape(batch * frames, 2, count))
        return logits.reshape(batch, frames, count).permute(0, 2, 1)


class Pitch(nn.Module):
    """Signal to log2 of the frequency in Hz and how sure that is (0 to 1), each (batch, 1, frames)."""

    __constants__ = ["octaves", "lowest"]

    def __init__(self, rate: int, hop: int):
        super().__init__()
        self.octaves, self.lowest = STEP_CENTS / 1200.0, math.log2(LOW_HZ)
        self.decimate = FixedFilters(low_pass(0.38 / FACTOR, 12 * FACTOR).unsqueeze(0), FACTOR)
        self.periodicity = Periodicity(rate / FACTOR, hop // FACTOR)
        self.salience = Salience()
        steps = torch.arange(COUNT, dtype=torch.float32).reshape(1, -1, 1)
        self.register_buffer("steps", steps)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        return self.salience(self.periodicity(self.decimate(x)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        chance = torch.sigmoid(self.logits(x))
        sure, best = chance.max(1, keepdim=True)
        near = (1.0 - (self.steps - best.to(chance.dtype)).abs() / 4.0).clamp(0.0, 1.0)
        weight = near * (chance + 1e-6)
        step = (weight * self.steps).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        return step * self.octaves + self.lowest, sure
