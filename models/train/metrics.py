# SPDX-License-Identifier: ISC
"""What a listener hears, as numbers. Sounds are float32 arrays (time,) of equal length."""

import numpy as np
import torch

import audio
from frontend import erb_space
from losses import SIZES, magnitudes

STEP = 480  # samples between frames, 10 ms at 48 kHz
VOICED = 0.88  # how well a voiced frame repeats


def spectra(sound: np.ndarray) -> list[np.ndarray]:
    """Level in dB, floored at -80, of each bin and frame, for each of the sizes."""
    x = torch.from_numpy(np.ascontiguousarray(sound))[None, None]
    return [20.0 * np.log10(np.maximum(magnitudes(x, n)[0].numpy(), 1e-4)) for n in SIZES]


def to_bands(levels: np.ndarray, rate: int, count: int = 40) -> np.ndarray:
    """Bins of one size (bins, frames) to bands on the ear's scale, in dB."""
    size = 2 * (levels.shape[0] - 1)
    edges = np.unique((erb_space(40.0, 0.42 * rate, count + 1).numpy() / rate * size).astype(int))
    power = np.add.reduceat(10.0 ** (levels / 10.0), edges, axis=0)[:-1]
    return audio.decibels(power)


def distances(target: np.ndarray, output: np.ndarray, rate: int) -> tuple[float, float]:
    """Mean difference in dB, of multi-scale spectra and of bands."""
    pairs = list(zip(spectra(target), spectra(output)))
    spectral = float(np.mean([np.abs(a - b).mean() for a, b in pairs]))
    a, b = (to_bands(levels, rate) for levels in pairs[1])
    return spectral, float(np.abs(a - b).mean())


def distances_to_mean(target: np.ndarray, mean: list[np.ndarray], rate: int) -> tuple[float, float]:
    """As `distances`, to a sound that always has the mean spectrum."""
    pairs = list(zip(spectra(target), mean))
    spectral = float(np.mean([np.abs(a - b[:, None]).mean() for a, b in pairs]))
    bands = to_bands(pairs[1][0], rate)
    constant = to_bands(pairs[1][1][:, None], rate)
    return spectral, float(np.abs(bands - constant).mean())


def levels(sound: np.ndarray) -> np.ndarray:
    return audio.frame_levels(sound, 2048, STEP)


def pitches(sound: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Hz and how well it repeats (to 1) each STEP: the McLeod pitch method, not causal."""
    size, longest, shortest = 2048, int(rate / 60), int(rate / 1300)
    starts = np.arange(0, max(len(sound) - size - longest, 0) + 1, STEP)
    hertz, clear = np.zeros(len(starts)), np.zeros(len(starts))
    for i, start in enumerate(starts):
        frame = sound[start : start + size + longest].astype(np.float64)
        head = frame[:size]
        length = 1 << (len(frame) + size - 1).bit_length()
        cross = np.fft.irfft(np.fft.rfft(frame, length) * np.conj(np.fft.rfft(head, length)))
        squares = np.concatenate([[0.0], np.cumsum(frame**2)])
        power = squares[size : size + longest] - squares[:longest]
        alike = 2.0 * cross[:longest] / (power[0] + power + 1e-9)
        inner = alike[shortest - 1 :]
        peaks = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:])) + shortest
        if len(peaks) == 0 or power[0] / size < 1e-6:
            continue
        best = alike[peaks].max()
        lag = peaks[np.argmax(alike[peaks] >= 0.93 * best)]
        left, middle, right = alike[lag - 1 : lag + 2]
        shift = 0.5 * (left - right) / min(left - 2.0 * middle + right, -1e-12)
        hertz[i], clear[i] = rate / (lag + shift), middle
    return hertz, clear


def pitch_agreement(source: np.ndarray, output: np.ndarray, rate: int) -> dict[str, float]:
    """Of the source's voiced frames: within 50 cents, apart from octaves; octave errors; count.

    A frame counts where pitch holds still for 60 ms, so that the tracker's own errors stay out.
    """
    f_source, clear = pitches(source, rate)
    f_output, _ = pitches(output, rate)
    count = min(len(f_source), len(f_output))
    log_source = np.log2(np.maximum(f_source[:count], 1.0))
    steady = np.ones(count, bool)
    for shift in (-3, 3):
        steady &= np.abs(log_source - np.roll(log_source, shift)) < 0.5 / 12
    loud = levels(source)[:count] > -45.0
    voiced = steady & loud & (clear[:count] > VOICED)
    error = 1200.0 * (np.log2(np.maximum(f_output[:count], 1.0)) - log_source)[voiced]
    octave = np.abs(error - 1200.0 * np.round(error / 1200.0)) < 50.0
    exact = np.abs(error) < 50.0
    return {
        "voiced": len(error),
        "within": int(exact.sum()),
        "octave": int((octave & ~exact).sum()),
    }


def onsets(sound: np.ndarray, rate: int) -> np.ndarray:
    """Times in seconds where the bands' levels rise by 6 dB or more, in mean, within 10 ms."""
    size, step = 512, rate // 500
    windows = np.lib.stride_tricks.sliding_window_view(sound, size)[::step] * np.hanning(size)
    power = np.abs(np.fft.rfft(windows, axis=1)).T * (4.0 / size)
    bands = np.maximum(to_bands(audio.decibels(power**2), rate, 24), -60.0)
    rise = np.maximum(bands[:, 5:] - bands[:, :-5], 0.0).mean(0)
    loud = bands[:, 5:].max(0) > -45.0
    found: list[float] = []
    for i in np.flatnonzero((rise > 6.0) & loud):
        near = rise[max(0, i - 15) : i + 16]
        if rise[i] >= near.max() and (not found or i * step / rate - found[-1] > 0.04):
            found.append(i * step / rate)
    return np.array(found)


def onsets_found(source: np.ndarray, output: np.ndarray, rate: int) -> dict[str, int]:
    """How many of the source's onsets the output has within 15 ms, and how many it adds."""
    wanted, made = onsets(source, rate), onsets(output, rate)
    near = [len(made) > 0 and np.abs(made - time).min() <= 0.015 for time in wanted]
    extra = [len(wanted) == 0 or np.abs(wanted - time).min() > 0.05 for time in made]
    return {"onsets": len(wanted), "found": int(sum(near)), "extra": int(sum(extra))}


def shapes(sound: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Band levels in dB of the loud frames, each frame's mean taken out, and their places in samples."""
    bands = to_bands(spectra(sound)[1], rate)
    loud = bands.max(0) > bands.max() - 30.0
    levels = np.maximum(bands[:, loud], bands.max() - 70.0)
    places = SIZES[1] // 2 + np.flatnonzero(loud) * (SIZES[1] // 4)
    return levels - levels.mean(0), places


def mean_shape(sound: np.ndarray, rate: int) -> np.ndarray:
    """Mean of shapes()."""
    return shapes(sound, rate)[0].mean(1)
