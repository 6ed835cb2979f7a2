# SPDX-License-Identifier: ISC
"""A listener's stand-in: a small network that tells kinds of instruments apart, and how far two sets of
sounds are from each other for it (the Fréchet distance of arXiv 1812.08466).

It has heard other sounds than any model (`train_listener.py`), and only its last layer but one counts.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from frontend import erb_space
from losses import magnitudes

RATE, SIZE, BANDS = 48000, 2048, 64
WINDOW = 48000  # samples that are heard at once
KINDS = 24  # of instruments: General MIDI's families, then a kit's classes
EMBEDDING = 16
WEIGHTS = Path(__file__).with_name("listener.pt")


def band_edges() -> list[int]:
    edges = (erb_space(30.0, 18000.0, BANDS + 1) / RATE * SIZE).round().int().tolist()
    for i in range(1, len(edges)):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    return edges


def picture(x: torch.Tensor) -> torch.Tensor:
    """(batch, 1, time) to band levels (batch, 1, BANDS, frames): about -2 to 2, loudness taken out."""
    total = magnitudes(x, SIZE).square().cumsum(1)
    total = torch.cat([torch.zeros_like(total[:, :1]), total], 1)
    edges = torch.tensor(band_edges(), device=x.device)
    power = total[:, edges[1:]] - total[:, edges[:-1]]
    loudest = power.sum(1, keepdim=True).amax(2, keepdim=True)
    level = 10.0 * torch.log10((power / (loudest + 1e-10)).clamp(min=1e-7))
    return (level / 20.0 + 2.0).unsqueeze(1)


class Listener(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = [1, 16, 24, 32]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 5, stride=2, padding=2) for a, b in zip(sizes, sizes[1:])
        )
        self.embedding = nn.Linear(2 * sizes[-1], EMBEDDING)
        self.kind = nn.Linear(EMBEDDING, KINDS)

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Sounds (batch, 1, WINDOW) to (batch, EMBEDDING)."""
        y = picture(x)
        for layer in self.layers:
            y = nn.functional.leaky_relu(layer(y), 0.2)
        y = torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)
        return torch.tanh(self.embedding(y))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.kind(self.embed(x))


def load() -> Listener:
    listener = Listener()
    listener.load_state_dict(torch.load(WEIGHTS, map_location="cpu"))
    return listener.eval()


@torch.no_grad()
def embeddings(listener: Listener, sounds: list[np.ndarray]) -> np.ndarray:
    """Of all windows that overlap by half and hold something, (count, EMBEDDING).

    What lacks of a last window is silence.
    """
    windows = [
        np.pad(sound[start : start + WINDOW], (0, max(0, start + WINDOW - len(sound))))
        for sound in sounds
        for start in range(0, max(1, len(sound) - WINDOW // 2), WINDOW // 2)
    ]
    windows = [window for window in windows if np.abs(window).max() > 1e-3]
    if not windows:
        return np.zeros((0, EMBEDDING))
    return listener.embed(torch.from_numpy(np.stack(windows)).float()[:, None]).double().numpy()


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two sets of rows, each taken as normally distributed."""
    away = a.mean(0) - b.mean(0)
    first, second = np.cov(a.T), np.cov(b.T)
    values, axes = np.linalg.eigh(first)
    root = (axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T
    both = np.linalg.eigvalsh(root @ second @ root)
    shared = 2.0 * np.sqrt(np.maximum(both, 0.0)).sum()
    return float(away @ away + np.trace(first) + np.trace(second) - shared)
