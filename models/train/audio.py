# SPDX-License-Identifier: ISC
"""Sound files and levels. Signals are float32 arrays of shape (time,), full scale 1."""

import math
from pathlib import Path
from typing import Iterator

import numpy as np
import soundfile
from scipy.signal import resample_poly

SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".aif", ".aiff", ".mp3"}


def find(folders: list[Path]) -> Iterator[Path]:
    """The sound files in the folders (or the files themselves), in a fixed order."""
    for folder in folders:
        if folder.is_file():
            yield folder
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES:
                yield path


def load(path: Path, rate: int) -> np.ndarray:
    """The file's channels averaged, at `rate`."""
    sound, own_rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    if own_rate == rate:
        return mono
    common = math.gcd(rate, own_rate)
    return resample_poly(mono, rate // common, own_rate // common).astype(np.float32)


def save(path: Path, sound: np.ndarray, rate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.clip(sound, -1.0, 1.0), rate, subtype="PCM_16")


def decibels(power: np.ndarray) -> np.ndarray:
    """Power to dB, never below -120."""
    return 10.0 * np.log10(np.maximum(power, 1e-12))


def frame_levels(sound: np.ndarray, length: int, step: int) -> np.ndarray:
    """Level in dB of windows of `length` samples, one each `step`."""
    total = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    starts = np.arange(0, max(len(sound) - length, 0) + 1, step)
    ends = np.minimum(starts + length, len(sound))
    return decibels((total[ends] - total[starts]) / length)
