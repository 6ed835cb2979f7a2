# SPDX-License-Identifier: ISC
"""The codec: sound to a few latents a frame and back, causal.

Latents are, in this order: pitch and its clearness (models with a pitch only), level, then learned
timbre. The decoder makes sines (harmonics of the pitch, or a fixed bank) and noise, scaled so that
their power is the level latent's: what is quiet at the input stays quiet.
"""

from dataclasses import dataclass, field

import torch
from torch import nn

from frontend import Bands, Level
from pitch import Pitch
from streaming import Stack
from struck import Fade
from synth import Bank, Gliders, Harmonics, Noise, bank_frequencies

GRID = 72  # points of the harmonics' envelope, on the ERB-rate scale
SILENT_DB = -75.0  # a level under this is faded to nothing
FADE_DB = 60.0  # by which a held sound is faded at most


@dataclass
class ModelConfig:
    rate: int = 48000
    hop: int = 256
    latents: int = 8
    pitched: bool = True
    sines: int = 64  # harmonics (a power of 2), or sines of the bank
    sines_low: float = 36.0  # Hz, of a fixed bank
    sines_high: float = 1800.0
    detune: list[float] = field(default_factory=lambda: [0.0])
    gliders: list[list[float]] = field(default_factory=list)  # Hz from and to of each, beside a bank
    fade_held: bool = False  # the decoder may fade what is held, as nothing struck is
    noise_bands: int = 32
    noise_parts: int = 1
    bands: int = 48
    band_taps: int = 1024
    band_parts: int = 1
    level_window: int = 768
    delay: int = 512  # samples by which the output trails the input
    reach: float = 0.7  # deviations from what is usual that a timbre latent of encode keeps within
    encoder_channels: int = 96
    encoder_dilations: list[int] = field(default_factory=lambda: [1, 4])
    decoder_channels: int = 128
    decoder_dilations: list[int] = field(default_factory=lambda: [1, 2, 4, 8])

    @property
    def explicit(self) -> int:
        """Latents that are measured, not learned."""
        return 3 if self.pitched else 1


class Encoder(nn.Module):
    """Sound (batch, 1, time) to measured values and timbre, each (batch, *, frames)."""

    __constants__ = ["pitched", "timbre"]

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.pitched = config.pitched
        self.timbre = config.latents - config.explicit
        self.level = Level(config.hop, config.level_window)
        self.bands = Bands(
            config.rate, config.hop, config.bands, config.band_taps, config.band_parts
        )
        self.pitch = Pitch(config.rate, config.hop) if config.pitched else nn.Identity()
        self.net = Stack(
            config.bands * config.band_parts,
            config.encoder_channels,
            2 * self.timbre,
            config.encoder_dilations,
        )

    def measure(self, x: torch.Tensor) -> torch.Tensor:
        """log2 pitch, clearness (where pitched) and level in dB, stacked."""
        level = self.level(x)
        if self.pitched:
            pitch, sure = self.pitch(x)
            return torch.cat([pitch, sure, level], 1)
        return level

    def features(self, x: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """Band levels relative to the whole, about -3 to 0.5."""
        return ((self.bands(x) - level) / 20.0).clamp(-3.0, 1.0)

    def shape(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean, bounded so that foreign sounds land near known ones, and log variance."""
        y = self.net(features)
        mean = 3.0 * torch.tanh(y[:, : self.timbre] / 3.0)
        return mean, y[:, self.timbre :].clamp(-9.0, 2.0)


class Decoder(nn.Module):
    """Normalised latents, with the frequency and level they mean, to sound.

    The network answers, in this order, with log amplitudes of the sines, of the noise and of the
    gliders, the gliders' places within their ranges, and how far to fade.
    """

    __constants__ = ["pitched", "parts", "rate", "points", "silent", "fade", "glides", "fades"]

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.points, self.silent, self.fade = GRID, SILENT_DB, FADE_DB
        self.pitched = config.pitched
        self.glides, self.fades = len(config.gliders) > 0, config.fade_held
        self.rate, self.parts = config.rate, config.noise_parts
        shapes = GRID if config.pitched else config.sines
        count = len(config.gliders)
        noises = config.noise_bands * config.noise_parts
        sizes = [shapes, noises, count, count, int(config.fade_held)]
        self.at = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
        self.net = Stack(
            config.latents,
            config.decoder_channels,
            self.at[-1],
            config.decoder_dilations,
        )
        if config.pitched:
            self.sines = Harmonics(config.rate, config.hop, config.sines, config.detune)
        else:
            fixed = bank_frequencies(config.sines_low, config.sines_high, config.sines)
            self.sines = Bank(config.rate, config.hop, fixed)
        self.noise = Noise(config.hop, config.noise_bands, config.noise_parts)
        self.faded = Fade() if config.fade_held else nn.Identity()
        if config.fade_held:
            nn.init.constant_(self.net.last.bias[-1:], -6.0)
        self.gliders = Gliders(config.rate, config.hop, count) if count else nn.Identity()
        ranges = torch.tensor(config.gliders, dtype=torch.float32).reshape(-1, 2).log2()
        self.register_buffer("low", ranges[:, :1], persistent=False)
        self.register_buffer("octaves", ranges[:, 1:] - ranges[:, :1], persistent=False)
        numbers = torch.arange(1, config.sines + 1, dtype=torch.float32)
        self.register_buffer("numbers", numbers.reshape(1, -1, 1))
        self.register_buffer("grid", torch.arange(GRID, dtype=torch.float32).reshape(1, 1, GRID))

    def harmonics(self, envelope: torch.Tensor, frequency: torch.Tensor) -> torch.Tensor:
        """Log amplitudes: the envelope (batch, GRID, frames) read at each harmonic."""
        batch, frames = frequency.shape[0], frequency.shape[-1]
        hertz = frequency * self.numbers
        # ERB rate is 21.4 log10(1 + 0.00437 f): 1.5 at 40 Hz, 42 at 20 kHz.
        place = (21.4 * torch.log10(1.0 + 0.00437 * hertz) - 1.5) * ((self.points - 1) / 40.5)
        place = place.clamp(0.0, self.points - 1.0).permute(0, 2, 1).reshape(batch * frames, -1, 1)
        weight = (1.0 - (place - self.grid).abs()).clamp(min=0.0)
        points = envelope.permute(0, 2, 1).reshape(batch * frames, self.points, 1)
        values = torch.matmul(weight.to(points.dtype), points)
        return values.reshape(batch, frames, -1).permute(0, 2, 1)

    def places(self, y: torch.Tensor) -> torch.Tensor:
        """log2 Hz of the gliders, (batch, count, frames)."""
        return self.low + self.octaves * torch.sigmoid(y[:, self.at[3] : self.at[4]])

    def fading(self, y: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """dB by which the sound is faded, (batch, 1, frames)."""
        return self.faded(self.fade * torch.sigmoid(y[:, self.at[4] :]), level)

    def render(self, y: torch.Tensor, frequency: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """The network's answer to sound; `frequency` in Hz, `level` in dB, (batch, 1, frames)."""
        loud = 8.0 * torch.tanh(y / 8.0)
        tone, noise = loud[:, : self.at[1]], loud[:, self.at[1] : self.at[2]]
        body = torch.exp(loud[:, self.at[2] : self.at[3]])
        if self.pitched:
            audible = ((0.46 * self.rate - frequency * self.numbers) / 500.0).clamp(0.0, 1.0)
            tone = torch.exp(self.harmonics(tone, frequency)) * audible
        else:
            tone = torch.exp(tone)
        noise = torch.exp(noise - 3.0)
        power = 0.5 * tone.square().sum(1, keepdim=True)
        power = power + noise.square().sum(1, keepdim=True) / self.parts
        if self.glides:
            power = power + 0.5 * body.square().sum(1, keepdim=True)
        if self.fades:
            level = level - self.fading(y, level)
        gain = torch.pow(10.0, level / 20.0) * ((level - self.silent + 5.0) / 10.0).clamp(0.0, 1.0)
        gain = gain / torch.sqrt(power + 1e-9)
        if self.pitched:
            sound = self.sines(tone * gain, frequency)
        else:
            sound = self.sines(tone * gain)
        if self.glides:
            sound = sound + self.gliders(body * gain, torch.pow(2.0, self.places(y)))
        return sound + self.noise(noise * gain)

    def forward(
        self, z: torch.Tensor, frequency: torch.Tensor, level: torch.Tensor
    ) -> torch.Tensor:
        return self.render(self.net(z), frequency, level)


class Codec(nn.Module):
    """Encoder, decoder and the scales that bring latents to mean 0 and variance 1."""

    __constants__ = ["pitched", "explicit", "hop", "reach"]

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.pitched, self.explicit, self.hop = config.pitched, config.explicit, config.hop
        self.reach = config.reach
        timbre = config.latents - config.explicit
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.register_buffer("mean", torch.zeros(1, config.explicit, 1))
        self.register_buffer("scale", torch.ones(1, config.explicit, 1))
        # Timbre as played = turn (timbre as learned - what is usual at that pitch and level); set
        # after training.
        self.register_buffer("lean", torch.zeros(timbre, 1 + 2 * config.explicit))
        self.register_buffer("turn", torch.eye(timbre))
        self.register_buffer("unturn", torch.eye(timbre))

    def measure(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Measured values in their units, and the features of the timbre network."""
        values = self.encoder.measure(x)
        return values, self.encoder.features(x, values[:, self.explicit - 1 :])

    def controls(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Frequency in Hz and level in dB of the measured values."""
        level = values[:, self.explicit - 1 :].clamp(max=6.0)
        if self.pitched:
            return torch.pow(2.0, values[:, :1].clamp(4.5, 11.5)), level
        return torch.ones_like(level), level

    def synthesise(self, values: torch.Tensor, timbre: torch.Tensor) -> torch.Tensor:
        """Sound of measured values and learned timbre."""
        frequency, level = self.controls(values)
        return self.decoder(self.normal(values, timbre), frequency, level)

    def normal(self, values: torch.Tensor, timbre: torch.Tensor) -> torch.Tensor:
        """What the decoder's network sees."""
        return torch.cat([(values - self.mean) / self.scale, timbre], 1)

    def basis(self, measured: torch.Tensor) -> torch.Tensor:
        """1, the measured latents and their squares, as `lean` takes them."""
        near = measured.clamp(-2.5, 2.5)
        return torch.cat([torch.ones_like(near[:, :1]), near, near * near], 1)

    def usual(self, measured: torch.Tensor) -> torch.Tensor:
        """The timbre that the model's own sounds have at these measured latents."""
        return torch.matmul(self.lean, self.basis(measured))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        values, features = self.measure(x)
        measured = (values - self.mean) / self.scale
        mean, _ = self.encoder.shape(features)
        timbre = torch.matmul(self.turn, mean - self.usual(measured))
        # Foreign sounds may lie anywhere; what the decoder never saw is not its class of sounds.
        timbre = self.reach * torch.tanh(timbre / self.reach)
        return torch.cat([measured, timbre], 1)

    def learned(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents as played to measured values in their units and timbre as learned."""
        timbre = torch.matmul(self.unturn, z[:, self.explicit :])
        timbre = timbre + self.usual(z[:, : self.explicit])
        return z[:, : self.explicit] * self.scale + self.mean, timbre

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        values, timbre = self.learned(z)
        return self.synthesise(values, timbre)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encode(x))
