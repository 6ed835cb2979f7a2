# SPDX-License-Identifier: ISC
"""Sound out of a frame's parameters: a bank of sines and bands of noise.

The harmonic-plus-noise idea is that of DDSP (Engel et al., arXiv 2001.04643); noise is drawn per
band and put together by one synthesis filter bank.
"""

import math

import torch
from torch import nn

from frontend import erb_hertz, erb_rate
from streaming import MAX_BATCH, Past


class Ends(nn.Module):
    """Amplitudes (batch, count, frames) to those each frame starts and ends with.

    The result is (batch frames, 2, count).
    """

    def __init__(self, count: int):
        super().__init__()
        self.past = Past(count, 1)

    def forward(self, amplitude: torch.Tensor) -> torch.Tensor:
        both = self.past(amplitude).permute(0, 2, 1)
        ends = torch.stack([both[:, :-1], both[:, 1:]], 2)
        return ends.reshape(-1, 2, ends.shape[-1])


def fade(ends: torch.Tensor, rows: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
    """Rows of sound (frames or 1, count, hop) weighted from start to end: (1, frames, 1, hop).

    `time` goes from 0 to 1 over the hop.
    """
    sound = torch.matmul(ends, rows)
    return sound[:, :1] + (sound[:, 1:] - sound[:, :1]) * time


class Double(nn.Module):
    """Sines and cosines of harmonics 1 to n, (*, n, hop), to those of 1 to 2n."""

    def forward(
        self, sine: torch.Tensor, cosine: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        top = sine.shape[-2] - 1
        last_sine, last_cosine = sine[..., top:, :], cosine[..., top:, :]
        more_sine = sine * last_cosine + cosine * last_sine
        more_cosine = cosine * last_cosine - sine * last_sine
        return torch.cat([sine, more_sine], -2), torch.cat([cosine, more_cosine], -2)


class Phase(nn.Module):
    """Phases in turns, at each sample, of `count` frequencies that glide from frame to frame.

    Hz (batch, count, frames) to (batch, count, frames, hop).
    """

    __constants__ = ["streaming", "seconds"]

    def __init__(self, rate: int, hop: int, count: int):
        super().__init__()
        self.streaming = False
        self.seconds = hop / rate
        self.past = Past(count, 1)
        # Not part of a checkpoint: it follows from the hop.
        time = (torch.arange(1, hop + 1) / hop).reshape(1, 1, 1, -1)
        self.register_buffer("time", time, persistent=False)
        self.register_buffer("cache", torch.zeros(MAX_BATCH, count, 1))

    def forward(self, frequency: torch.Tensor) -> torch.Tensor:
        step = self.seconds * self.past(frequency)
        first, last = step[:, :, :-1], step[:, :, 1:]
        # Whole turns are dropped on the way, for the precision of the sum.
        ends = torch.remainder(0.5 * (first + last), 1.0).cumsum(-1)
        if self.streaming:
            batch = frequency.shape[0]
            ends = ends + self.cache[:batch]
            self.cache[:batch].copy_(torch.remainder(ends[:, :, ends.shape[-1] - 1 :], 1.0))
        begin = (ends - 0.5 * (first + last)).unsqueeze(-1)
        first, last = first.unsqueeze(-1), last.unsqueeze(-1)
        turns = begin + self.time * (first + 0.5 * self.time * (last - first))
        return turns - turns.floor()


class Harmonics(nn.Module):
    """`count` (a power of 2) harmonics of a frequency that glides from frame to frame.

    `detune` holds the voices' offsets in cents; each voice sings all the harmonics.
    """

    __constants__ = ["voices"]

    def __init__(self, rate: int, hop: int, count: int, detune: list[float]):
        super().__init__()
        self.voices = len(detune)
        self.phase = Phase(rate, hop, self.voices)
        self.ends = Ends(count)
        self.doubles = nn.ModuleList(Double() for _ in range(count.bit_length() - 1))
        cents = torch.tensor(detune, dtype=torch.float32).reshape(1, -1, 1)
        self.register_buffer("detune", torch.pow(2.0, cents / 1200.0))

    def rows(self, frequency: torch.Tensor) -> torch.Tensor:
        """All harmonics of all voices, (batch frames, count, hop)."""
        angle = (2.0 * math.pi) * self.phase(frequency * self.detune).permute(0, 2, 1, 3)
        angle = angle.reshape(-1, self.voices, 1, angle.shape[-1])
        sine, cosine = torch.sin(angle), torch.cos(angle)
        for double in self.doubles:
            sine, cosine = double(sine, cosine)
        return sine.sum(1) * (1.0 / math.sqrt(self.voices))

    def forward(self, amplitude: torch.Tensor, frequency: torch.Tensor) -> torch.Tensor:
        """Amplitudes (batch, count, frames) and Hz (batch, 1, frames) to (batch, 1, time)."""
        sound = fade(self.ends(amplitude), self.rows(frequency), self.phase.time)
        return sound.reshape(amplitude.shape[0], 1, -1)


class Gliders(nn.Module):
    """Sines that each glide by themselves."""

    def __init__(self, rate: int, hop: int, count: int):
        super().__init__()
        self.phase = Phase(rate, hop, count)
        self.ends = Ends(count)

    def forward(self, amplitude: torch.Tensor, frequency: torch.Tensor) -> torch.Tensor:
        """Amplitudes and Hz, (batch, count, frames), to (batch, 1, time)."""
        angle = (2.0 * math.pi) * self.phase(frequency).permute(0, 2, 1, 3)
        rows = torch.sin(angle.reshape(-1, angle.shape[2], angle.shape[3]))
        sound = fade(self.ends(amplitude), rows, self.phase.time)
        return sound.reshape(amplitude.shape[0], 1, -1)


def bank_frequencies(low: float, high: float, count: int) -> torch.Tensor:
    """As close as the ear asks, each a little off its place: an even row would beat."""
    place = torch.Generator().manual_seed(1)
    away = 0.6 * (torch.rand(count, generator=place, dtype=torch.float64) - 0.5)
    rates = erb_rate(torch.tensor([low, high], dtype=torch.float64))
    steps = rates[0] + (rates[1] - rates[0]) * (torch.arange(count) + 0.5 + away) / count
    return erb_hertz(steps)


class Bank(nn.Module):
    """Sines that run on at fixed frequencies."""

    __constants__ = ["streaming"]

    def __init__(self, rate: int, hop: int, frequencies: torch.Tensor):
        super().__init__()
        self.streaming = False
        self.ends = Ends(len(frequencies))
        time = torch.arange(1, hop + 1, dtype=torch.float64) / rate
        angle = (2.0 * math.pi) * frequencies.unsqueeze(1) * time
        self.register_buffer("rows", torch.cat([torch.cos(angle), torch.sin(angle)])[None].float())
        # Not part of a checkpoint: it follows from the hop.
        self.register_buffer("time", time.float() * (rate / hop), persistent=False)
        step = torch.remainder(frequencies * (hop / rate), 1.0).float()
        self.register_buffer("step", step.reshape(1, -1, 1))
        self.phase = nn.Module()
        self.phase.register_buffer("cache", torch.zeros(MAX_BATCH, len(frequencies), 1))

    def forward(self, amplitude: torch.Tensor) -> torch.Tensor:
        """Amplitudes (batch, count, frames) to (batch, 1, time)."""
        ends = (torch.ones_like(amplitude) * self.step).cumsum(-1)
        if self.streaming:
            batch = amplitude.shape[0]
            ends = ends + self.phase.cache[:batch]
            self.phase.cache[:batch].copy_(torch.remainder(ends[:, :, ends.shape[-1] - 1 :], 1.0))
        angle = (2.0 * math.pi) * torch.remainder(ends - self.step, 1.0).permute(0, 2, 1)
        angle = angle.reshape(-1, 1, angle.shape[-1])
        level = self.ends(amplitude)
        both = torch.cat([level * torch.sin(angle), level * torch.cos(angle)], 2)
        return fade(both, self.rows, self.time).reshape(amplitude.shape[0], 1, -1)


def noise_bank(bands: int) -> torch.Tensor:
    """Cosine-modulated synthesis kernels (bands, 8 bands); white noise in one band has power 1."""
    taps = 8 * bands
    time = torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2
    shape = torch.sinc(time / (2 * bands)) * torch.kaiser_window(taps, False, 9.0).double()
    rows = (torch.arange(bands, dtype=torch.float64) + 0.5).unsqueeze(1) * math.pi / bands
    sign = torch.pow(-1.0, torch.arange(bands)).unsqueeze(1) * (math.pi / 4)
    kernels = shape * torch.cos(rows * time + sign)
    return kernels * torch.sqrt(bands / kernels.square().sum(1, keepdim=True))


class Noise(nn.Module):
    """Noise in even bands; amplitudes (batch, bands parts, frames), `parts` moments of each hop."""

    __constants__ = ["bands", "parts", "hold"]

    def __init__(self, hop: int, bands: int, parts: int):
        super().__init__()
        self.bands, self.parts = bands, parts
        self.hold = hop // bands // parts
        # As a convolution from `bands` channels to the `bands` samples made each step.
        kernels = noise_bank(bands).reshape(bands, 8, bands).permute(2, 0, 1).flip(2)
        self.register_buffer("kernels", kernels.float().contiguous())
        self.register_buffer("gain", torch.ones(1))
        self.past = Past(bands, 7)

    def forward(self, amplitude: torch.Tensor) -> torch.Tensor:
        batch, frames = amplitude.shape[0], amplitude.shape[-1]
        moments = amplitude.reshape(batch, self.bands, self.parts, frames).permute(0, 1, 3, 2)
        moments = moments.reshape(batch, self.bands, frames * self.parts, 1)
        held = moments.repeat(1, 1, 1, self.hold).reshape(batch, self.bands, -1)
        drawn = torch.randn_like(held) * held * self.gain
        steps = nn.functional.conv1d(self.past(drawn), self.kernels)
        return steps.permute(0, 2, 1).reshape(batch, 1, -1)
