# SPDX-License-Identifier: ISC
"""Distances of sounds, as RAVE measures them (arXiv 2111.05011)."""

import torch

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
