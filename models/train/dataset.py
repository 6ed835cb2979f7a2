# SPDX-License-Identifier: ISC
"""A training set on disk: train.npy and valid.npy, int16 pieces (count, length), and set.json."""

import json
from pathlib import Path

import numpy as np
import torch


class Pieces:
    """Random excerpts of a split."""

    def __init__(self, folder: Path, split: str):
        self.pieces = np.load(folder / f"{split}.npy", mmap_mode="r")
        self.about = json.loads((folder / "set.json").read_text())

    def __len__(self) -> int:
        return len(self.pieces)

    def whole(self, index: int) -> torch.Tensor:
        """Piece `index`, (1, 1, time)."""
        return torch.from_numpy(self.pieces[index].astype(np.float32) / 32768.0)[None, None]

    def excerpts(self, rng: np.random.Generator, count: int, length: int) -> torch.Tensor:
        """(count, 1, length), each at a gain of its own down to -18 dB."""
        out = np.empty((count, 1, length), np.float32)
        for i, index in enumerate(rng.integers(len(self.pieces), size=count)):
            start = rng.integers(self.pieces.shape[1] - length + 1)
            gain = 10.0 ** (-rng.uniform(0.0, 18.0) / 20.0)
            out[i, 0] = self.pieces[index, start : start + length] * (gain / 32768.0)
        return torch.from_numpy(out)
