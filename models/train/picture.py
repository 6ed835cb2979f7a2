# SPDX-License-Identifier: ISC
"""Spectrograms as PNG files."""

import struct
import zlib
from pathlib import Path

import numpy as np
from scipy.signal import stft

from frontend import erb_space


def write_png(path: Path, pixels: np.ndarray) -> None:
    """`pixels`: uint8 (height, width, 3)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    height, width = pixels.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b""))


def colours(values: np.ndarray) -> np.ndarray:
    """0 to 1 as black, violet, orange, pale yellow."""
    stops = np.array([[4, 4, 20], [90, 20, 110], [230, 90, 40], [252, 250, 190]], float)
    place = np.clip(values, 0.0, 1.0) * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)
    part = (place - low)[..., None]
    return (stops[low] * (1.0 - part) + stops[low + 1] * part).astype(np.uint8)


def spectrogram(sound: np.ndarray, rate: int, height: int = 200) -> np.ndarray:
    """Pixels (height, width, 3), a column each 10 ms, 40 Hz to 16 kHz upwards, -90 to 0 dB."""
    size = 4096
    _, _, spectrum = stft(sound, nperseg=size, noverlap=size - rate // 100)
    level = 20.0 * np.log10(np.abs(spectrum) * 2.0 + 1e-6)
    bins = np.round(erb_space(40.0, 16000.0, height).numpy() / rate * size).astype(int)
    return colours((level[bins[::-1]] + 90.0) / 90.0)


def compare(path: Path, sounds: list[np.ndarray], rate: int) -> None:
    """The sounds' spectrograms, one under the other."""
    pictures = [spectrogram(sound, rate) for sound in sounds]
    width = min(picture.shape[1] for picture in pictures)
    line = np.full((4, width, 3), 255, np.uint8)
    rows = [part for picture in pictures for part in (picture[:, :width], line)]
    write_png(path, np.concatenate(rows[:-1]))
