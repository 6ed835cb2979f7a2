# SPDX-License-Identifier: ISC
"""Plain synthetic input that no model was trained on."""

import numpy as np


def square_wave(rate: int, seconds: float = 8.0) -> np.ndarray:
    """Notes of a square wave up a scale, half of each second, band-limited."""
    time = np.arange(int(rate * seconds)) / rate
    notes = 110.0 * 2.0 ** (np.array([0, 4, 7, 12, 16, 19, 12, 7])[time.astype(int) % 8] / 12.0)
    phase = np.cumsum(notes) / rate
    sound = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 40, 2))
    gate = np.clip((0.6 - time % 1.0) / 0.02, 0.0, 1.0) * np.clip(time % 1.0 / 0.005, 0.0, 1.0)
    return (0.25 * gate * sound).astype(np.float32)


def plucks(rate: int, seconds: float = 8.0) -> np.ndarray:
    """Plucked strings (Karplus and Strong, 1983), two a second."""
    rng = np.random.default_rng(1)
    out = np.zeros(int(rate * seconds), np.float32)
    for i, semitone in enumerate([0, 7, 12, 5, 10, 3, 15, 8] * int(seconds / 4)):
        period = round(rate / (98.0 * 2.0 ** (semitone / 12.0)))
        string = rng.uniform(-1.0, 1.0, period)
        start = i * rate // 2
        for at in range(start, min(start + rate // 2, len(out)), period):
            part = string[: len(out) - at]
            out[at : at + len(part)] = 0.5 * part
            string = 0.498 * (string + np.roll(string, 1))
    return out
