# SPDX-License-Identifier: ISC
"""Random tones of known pitch, to teach the pitch network without any recording."""

import math

import torch

HARMONICS = 40


def uniform(shape: tuple[int, ...], low: float, high: float) -> torch.Tensor:
    return low + (high - low) * torch.rand(shape)


def pitch_curves(count: int, length: int, rate: float, low: float, high: float) -> torch.Tensor:
    """log2 Hz at each sample: steady, gliding or with vibrato."""
    time = torch.arange(length) / rate
    start = uniform((count, 1), math.log2(low), math.log2(high))
    glide = uniform((count, 1), -8.0, 8.0) / 12.0 * (torch.rand(count, 1) < 0.3)
    depth = uniform((count, 1), 0.0, 0.6) / 12.0 * (torch.rand(count, 1) < 0.4)
    speed, phase = uniform((count, 1), 4.0, 7.0), uniform((count, 1), 0.0, 2 * math.pi)
    curve = start + glide * time + depth * torch.sin(2 * math.pi * speed * time + phase)
    return curve.clamp(math.log2(low), math.log2(high))


def spectra(count: int) -> torch.Tensor:
    """Harmonic amplitudes: slopes, formants, hollow (odd) tones, weak fundamentals."""
    number = torch.arange(1, HARMONICS + 1).float()
    amplitude = torch.pow(number, -uniform((count, 1), 0.0, 2.5))
    scatter = uniform((count, 1), 0.0, 8.0) * torch.randn(count, HARMONICS)
    amplitude = amplitude * torch.pow(10.0, scatter / 20.0)
    odd = (torch.rand(count, 1) < 0.2) & (number % 2 == 0)
    amplitude = torch.where(odd, amplitude * 0.03, amplitude)
    weak = torch.where(torch.rand(count, 1) < 0.3, uniform((count, 1), -30.0, 0.0), torch.zeros(1))
    amplitude[:, :1] *= torch.pow(10.0, weak / 20.0)
    return amplitude


def tones(count: int, length: int, rate: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Signals (count, length) of power near 1 and their log2 pitch at each sample."""
    curve = pitch_curves(count, length, rate, 65.0, 1150.0)
    frequency = torch.pow(2.0, curve)
    turns = (frequency / rate).double().cumsum(1).float().unsqueeze(1)
    number = torch.arange(1, HARMONICS + 1).float().reshape(1, -1, 1)
    stretch = torch.sqrt(1.0 + uniform((count, 1, 1), 0.0, 2e-4) * number * number)
    partial = number * stretch
    amplitude = spectra(count).unsqueeze(2) * (partial * frequency.unsqueeze(1) < 0.46 * rate)
    phase = turns * partial + torch.rand(count, HARMONICS, 1)
    sound = (amplitude * torch.sin(2 * math.pi * (phase - phase.floor()))).sum(1)
    sound = sound / (sound.square().mean(1, keepdim=True).sqrt() + 1e-6)
    decay = torch.where(torch.rand(count, 1) < 0.4, uniform((count, 1), 0.0, 12.0), torch.zeros(1))
    return sound * torch.exp(-decay * torch.arange(length) / rate), curve


def exercise(
    count: int, length: int, rate: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Signals, log2 pitch, and 1 where there is one clear pitch, each (count, length).

    A tone starts somewhere, after silence or another tone that dies away; noise is added; one in
    ten signals is only noise.
    """
    first, first_curve = tones(count, length, rate)
    second, second_curve = tones(count, length, rate)
    place = torch.arange(length).unsqueeze(0) / rate
    change = uniform((count, 1), -0.3, 0.25)
    after = (place >= change).float()
    tail = torch.exp(-(place - change).clamp(min=0.0) * uniform((count, 1), 30.0, 300.0))
    before = (torch.rand(count, 1) < 0.5).float()
    sound = before * first * tail + after * second
    curve = torch.where(place >= change, second_curve, first_curve)
    settled = 0.003 + 1.5 * torch.pow(2.0, -second_curve)
    clear = torch.where(place >= change, (place - change > settled).float(), before)
    noise = torch.randn(count, length) * torch.pow(10.0, -uniform((count, 1), 8.0, 60.0) / 20.0)
    only_noise = torch.rand(count, 1) < 0.1
    sound = torch.where(only_noise, torch.randn(count, length), sound + noise)
    clear = torch.where(only_noise, torch.zeros(1), clear)
    gain = torch.pow(10.0, -uniform((count, 1), 0.0, 50.0) / 20.0)
    return sound * gain, curve, clear
