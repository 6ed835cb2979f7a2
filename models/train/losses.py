# SPDX-License-Identifier: ISC
"""Distances of sounds, as RAVE measures them (arXiv 2111.05011), and its adversarial losses."""

import torch
from torch import nn

SIZES = (4096, 2048, 1024, 512, 256, 128)


def magnitudes(x: torch.Tensor, size: int) -> torch.Tensor:
    """Short-time spectra of (batch, 1, time): (batch, bins, frames); a full-scale sine gives 1."""
    window = torch.hann_window(size, device=x.device)
    spectrum = torch.stft(
        x.squeeze(1).float(), size, size // 4, window=window, center=False, return_complex=True
    )
    power = spectrum.real.square() + spectrum.imag.square()
    return torch.sqrt(power + 1e-10) * (4.0 / size)


def spectral_distance(target: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """Relative linear distance plus mean log distance, over all sizes, in mean."""
    total = torch.zeros((), device=target.device)
    for size in SIZES:
        a, b = magnitudes(target, size), magnitudes(output, size)
        linear = (a - b).square().mean((1, 2)) / (a.square().mean((1, 2)) + 1e-8)
        logarithmic = (torch.log(a + 1e-4) - torch.log(b + 1e-4)).abs()
        total = total + torch.sqrt(linear + 1e-8).mean() + logarithmic.mean()
    return total / len(SIZES)


def kl_divergence(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """To the standard normal distribution, summed over latents, in mean over frames."""
    each = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0)
    return each.sum(1).mean()


def moments(rows: torch.Tensor) -> torch.Tensor:
    """Mean and covariance of (latents, count), side by side: (latents, 1 + latents)."""
    mean = rows.mean(1, keepdim=True)
    away = rows - mean
    return torch.cat([mean, torch.matmul(away, away.t()) / max(1, rows.shape[1])], 1)


class Discriminator(nn.Module):
    """Judges a waveform at one scale; returns all its layers, the verdict last."""

    def __init__(self, channels: int):
        super().__init__()
        sizes = [1, channels, 2 * channels, 4 * channels, 4 * channels]
        self.layers = nn.ModuleList(
            nn.Conv1d(a, b, 15, stride=4, padding=7, groups=min(a, 4))
            for a, b in zip(sizes, sizes[1:])
        )
        self.verdict = nn.Conv1d(sizes[-1], 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        layers = []
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), 0.2)
            layers.append(x)
        return [*layers, self.verdict(x)]


class Discriminators(nn.Module):
    """Discriminators at `scales` halvings of the rate."""

    def __init__(self, scales: int, channels: int):
        super().__init__()
        self.scales = nn.ModuleList(Discriminator(channels) for _ in range(scales))

    def forward(self, x: torch.Tensor) -> list[list[torch.Tensor]]:
        judged = []
        for scale in self.scales:
            judged.append(scale(x))
            x = nn.functional.avg_pool1d(x, 2)
        return judged


def hinge(real: list[list[torch.Tensor]], fake: list[list[torch.Tensor]]) -> torch.Tensor:
    """What the discriminators minimise."""
    pairs = [((1.0 - a[-1]).relu(), (1.0 + b[-1]).relu()) for a, b in zip(real, fake)]
    return sum(a.mean() + b.mean() for a, b in pairs) / len(pairs)


def deceit(fake: list[list[torch.Tensor]]) -> torch.Tensor:
    """What the codec minimises to pass as real."""
    return sum(-scale[-1].mean() for scale in fake) / len(fake)


def feature_distance(
    real: list[list[torch.Tensor]], fake: list[list[torch.Tensor]]
) -> torch.Tensor:
    """Mean distance of the discriminators' hidden layers."""
    pairs = [(a.detach(), b) for r, f in zip(real, fake) for a, b in zip(r[:-1], f[:-1])]
    return sum((a - b).abs().mean() for a, b in pairs) / len(pairs)
