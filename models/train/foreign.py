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


def held(rate: int, seconds: float = 2.0) -> list[np.ndarray]:
    """A square wave, a chord of saws and a breath, each held at one level after 0.2 s of silence."""
    time = np.arange(int(rate * seconds)) / rate
    square = sum(np.sin(2 * np.pi * 220.0 * k * time) / k for k in range(1, 40, 2))
    saws = [
        np.sin(2 * np.pi * note * k * time) / k
        for note in (130.8, 155.6, 196.0)
        for k in range(1, 60)
    ]
    white = np.random.default_rng(1).standard_normal(len(time))
    breath = np.convolve(white, np.hanning(24) * np.cos(np.arange(24) * 0.4), "same")
    start = np.minimum(time / 0.005, 1.0)
    silence = np.zeros(int(0.2 * rate))
    sounds = [start * sound / np.abs(sound).max() for sound in (square, sum(saws), breath)]
    return [np.concatenate([silence, 0.5 * sound]).astype(np.float32) for sound in sounds]
