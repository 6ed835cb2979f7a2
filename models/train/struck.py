# SPDX-License-Identifier: ISC
"""What struck things do: their bodies' pitch falls, and they die away."""

import torch
from torch import nn

from streaming import Past

APART = 8  # samples between two spectra whose phases tell a frequency
SIZE = 2048  # long enough to part 50 Hz from its mirror image
WITHIN = (6, 24)  # frames ago, between which a sound must have been quieter to count as struck
RISE_DB = 3.0
FALL_DB = 60.0  # a second, by which a struck sound falls: less than a tom, more than a cymbal


KEEP = 64  # frames for which a fade stays where it was, at least


def strokes(
    level: torch.Tensor,
    near: int = WITHIN[0],
    far: int = WITHIN[1],
    rise: float = RISE_DB,
) -> torch.Tensor:
    """1 where a sound is struck: louder than shortly before; in between, 0 to 1.

    `level` in dB, (batch, 1, `far` frames before the first wanted, and those).
    """
    now = level[:, :, far:]
    before = level.unfold(2, far - near, 1)[:, :, : now.shape[-1]].amax(-1)
    return ((now - before) / rise - 0.5).clamp(0.0, 1.0)


class Fade(nn.Module):
    """Lets a fade go back only where the sound is struck anew: tails would flicker otherwise."""

    __constants__ = ["keep"]

    def __init__(self) -> None:
        super().__init__()
        self.keep = KEEP
        self.levels, self.fades, self.strokes = Past(1, WITHIN[1]), Past(1, KEEP), Past(1, KEEP)

    def forward(self, fade: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """Both in dB, (batch, 1, frames); before the first frame there was silence, at -100."""
        struck = strokes(self.levels(level + 100.0))
        # What was before a stroke lies 100 dB lower for each stroke since.
        count = self.strokes(struck).cumsum(-1)
        held = (self.fades(fade) + 100.0 * count).unfold(2, self.keep + 1, 1).amax(-1)
        return (held - 100.0 * count[:, :, self.keep :]).clamp(min=0.0)


def strongest(
    sound: torch.Tensor, rate: int, hop: int, late: int, ranges: list[list[float]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the sound is strongest within each range: log2 Hz, and how loud (0 to 1), each
    (batch, ranges, frames), for output that trails `sound` (batch, 1, time) by `late`.

    The frequency is that by which the phase moves on, in mean over the range's power.
    """
    frames = sound.shape[-1] // hop
    # Frame i ends at (i + 1) hop: a window's middle is there, less `late`.
    before = SIZE // 2 + late - hop
    x = torch.nn.functional.pad(sound.squeeze(1), (before, SIZE + APART))
    window = torch.hann_window(SIZE, device=sound.device)
    spectra = [
        torch.fft.rfft(x[:, shift:].unfold(1, SIZE, hop)[:, :frames] * window)
        for shift in (0, APART)
    ]
    turned = spectra[1] * spectra[0].conj()
    places, weights = [], []
    for low, high in ranges:
        first, last = int(low * SIZE / rate), int(high * SIZE / rate) + 2
        within = turned[..., first:last].sum(-1)
        hertz = torch.angle(within) * (rate / (2.0 * torch.pi * APART))
        places.append(hertz.clamp(low, high).log2())
        weights.append((within.abs().clamp(min=1e-12).log10() / 4.0 + 0.6).clamp(0.0, 1.0))
    return torch.stack(places, 1), torch.stack(weights, 1)


def fading(level: torch.Tensor, seconds: float) -> torch.Tensor:
    """dB by which what is held would have died away, had it been struck.

    `level` in dB, (batch, 1, frames of `seconds`). A sound counts as struck while it is louder than
    shortly before; from then on it may ring for as long as it falls by itself.
    """
    fresh = strokes(nn.functional.pad(level, (WITHIN[1], 0), value=-100.0))
    ringing = torch.full_like(level[..., 0], -200.0)
    out = []
    for now, new in zip(level.unbind(-1), fresh.unbind(-1)):
        ringing = torch.maximum(now - 60.0 * (1.0 - new), ringing - FALL_DB * seconds)
        out.append(now - ringing)
    return torch.stack(out, -1).clamp(0.0, 60.0)
