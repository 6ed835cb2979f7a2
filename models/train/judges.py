# SPDX-License-Identifier: ISC
"""The adversarial stage: small discriminators that look at bands of spectra of several sizes.

The idea is that of EnCodec's and DAC's discriminators (arXiv 2210.13438, 2306.06546), here small
enough for a processor: few channels, and a short crop of each excerpt.
"""

import torch
from torch import nn

BANDS = (0.0, 0.1, 0.25, 0.5, 1.0)  # shares of the spectrum, each judged by layers of its own


def complex_spectrum(x: torch.Tensor, size: int) -> torch.Tensor:
    """(batch, 1, time) to real and imaginary parts, (batch, 2, frames, bins), quiet ones raised."""
    window = torch.hann_window(size, device=x.device)
    spectrum = torch.stft(
        x.squeeze(1).float(), size, size // 4, window=window, center=False, return_complex=True
    )
    parts = torch.stack([spectrum.real, spectrum.imag], 1).transpose(2, 3) * (4.0 / size)
    # As loudness is heard: with the square root of the power's root.
    power = parts.square().sum(1, keepdim=True)
    return parts * torch.pow(power + 1e-8, -0.35)


class Judge(nn.Module):
    """Looks at one band of spectra; returns all its layers, the verdict last."""

    def __init__(self, channels: int):
        super().__init__()
        sizes = [2, channels, channels, channels]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (3, 7), stride=(1, 2), padding=(1, 3)) for a, b in zip(sizes, sizes[1:])
        )
        self.verdict = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        layers = []
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), 0.2)
            layers.append(x)
        return [*layers, self.verdict(x)]


class Judges(nn.Module):
    """A judge for each band of each size of spectra."""

    def __init__(self, sizes: list[int], channels: int):
        super().__init__()
        self.sizes = sizes
        self.judges = nn.ModuleList(
            nn.ModuleList(Judge(channels) for _ in BANDS[1:]) for _ in sizes
        )

    def forward(self, x: torch.Tensor) -> list[list[torch.Tensor]]:
        judged = []
        for size, judges in zip(self.sizes, self.judges):
            spectrum = complex_spectrum(x, size)
            bins = spectrum.shape[-1]
            for low, high, judge in zip(BANDS, BANDS[1:], judges):
                judged.append(judge(spectrum[..., int(low * bins) : int(high * bins)]))
        return judged


def hinge(real: list[list[torch.Tensor]], fake: list[list[torch.Tensor]]) -> torch.Tensor:
    """What the judges minimise: 2 where they cannot tell, 0 where they are sure and right."""
    pairs = [((1.0 - a[-1]).relu(), (1.0 + b[-1]).relu()) for a, b in zip(real, fake)]
    return sum(a.mean() + b.mean() for a, b in pairs) / len(pairs)


def deceit(fake: list[list[torch.Tensor]]) -> torch.Tensor:
    """What the codec minimises to pass as real."""
    return sum(-judged[-1].mean() for judged in fake) / len(fake)


def feature_distance(
    real: list[list[torch.Tensor]], fake: list[list[torch.Tensor]]
) -> torch.Tensor:
    """Mean distance of the judges' hidden layers, each as a share of its own size."""
    pairs = [(a.detach(), b) for r, f in zip(real, fake) for a, b in zip(r[:-1], f[:-1])]
    return sum((a - b).abs().mean() / (a.abs().mean() + 1e-3) for a, b in pairs) / len(pairs)
