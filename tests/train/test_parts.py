#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The parts of training by themselves, on sounds whose answer is known.

    test_parts.py MODELS_TRAIN_FOLDER
"""

import sys

sys.path.insert(0, sys.argv[1])

# The tools are found by the line above.
import judges  # noqa: E402
import listener  # noqa: E402
import numpy as np  # noqa: E402
import struck  # noqa: E402
import torch  # noqa: E402
from config import table, TrainConfig  # noqa: E402
from synth import Gliders, bank_frequencies  # noqa: E402

RATE, HOP, LATE = 48000, 256, 256


def check_strongest() -> None:
    """A kick's falling pitch is found where the output, which trails by LATE, has it."""
    time = torch.arange(RATE // 256 * 256) / RATE
    hertz = 50.0 + 250.0 * torch.exp(-time / 0.05)
    phase = 2.0 * torch.pi * torch.cumsum(hertz / RATE, 0)
    sound = (0.5 * torch.sin(phase))[None, None]
    places, weights = struck.strongest(sound, RATE, HOP, LATE, [[35.0, 400.0], [4000.0, 8000.0]])
    frames = torch.arange(8, places.shape[-1] - 8)
    known = hertz[(frames + 1) * HOP - LATE]
    error = (places[0, 0, frames] - known.log2()).abs()
    assert error[30:].max() < 0.03, f"a settled pitch is {error[30:].max():.3f} octaves off"
    assert error.max() < 0.25, f"a falling pitch is {error.max():.3f} octaves off"
    assert weights[0, 0, frames].min() > 0.8 and weights[0, 1, 20:-8].max() < 0.3


def check_fading() -> None:
    """What falls by itself is let be; what is held dies away; a new stroke is heard."""
    frame = HOP / RATE
    time = torch.arange(400) * frame
    falls = torch.where(time < 0.5, -90.0, -10.0 - 150.0 * (time - 0.5)).clamp(min=-90.0)
    held = torch.where(time < 0.5, -90.0, -20.0)
    again = torch.where(time < 1.5, held, -8.0)
    wanted = struck.fading(torch.stack([falls, held, again])[:, None], frame)[:, 0]
    loud = falls > -70.0
    assert wanted[0, loud].max() < 1.0, wanted[0, loud].max()
    at = int(0.5 / frame) + 1
    assert wanted[1, at : at + 7].max() < 1.0 and wanted[1, at + 20] < 9.0
    assert wanted[1, at + 150] > 40.0 and wanted[1, -1] == 60.0
    assert (wanted[1, at + 40 : -1].diff() >= 0.0).all()
    assert wanted[2, int(1.5 / frame) + 1] < 1.0


def check_fade() -> None:
    """A fade stays until a stroke, and no longer; in blocks as in the whole."""
    fade = struck.Fade()
    level = torch.full((1, 1, 200), -30.0)
    level[..., 100:] = -12.0
    raw = torch.zeros(1, 1, 200)
    raw[..., 60:64] = 40.0
    raw[..., 140] = 20.0
    out = fade(raw, level)[0, 0]
    assert out[:60].max() < 0.01 and out[60:99].min() > 39.9, "the fade has gone back by itself"
    assert out[103:140].max() < 0.1, "the fade has outlived a stroke"
    assert out[140:].min() > 19.9
    for part in fade.children():
        part.streaming = True
    blocks = [fade(raw[..., i : i + 8], level[..., i : i + 8]) for i in range(0, 200, 8)]
    assert (torch.cat(blocks, -1)[0, 0] - out).abs().max() < 0.01


def check_gliders() -> None:
    """A glide's output is the sine of the phase summed up, without a seam between blocks."""
    gliders = Gliders(RATE, HOP, 2)
    frames = 40
    frequency = torch.stack([torch.linspace(300.0, 60.0, frames), torch.full((frames,), 440.0)])
    amplitude = torch.ones(1, 2, frames)
    whole = gliders(amplitude, frequency[None])
    gliders.phase.streaming = gliders.phase.past.streaming = gliders.ends.past.streaming = True
    parts = [
        gliders(amplitude[..., i : i + 1], frequency[None, :, i : i + 1]) for i in range(frames)
    ]
    assert (torch.cat(parts, -1) - whole).abs().max() < 2e-3
    assert whole.abs().max() > 1.5
    step = gliders(torch.ones(1, 2, 1), torch.tensor([[[0.0], [0.0]]]))
    assert torch.isfinite(step).all()


def check_bank() -> None:
    frequencies = bank_frequencies(36.0, 16000.0, 192)
    assert (frequencies.diff() > 0.0).all() and 36.0 < frequencies[0] < 45.0
    assert 15000.0 < frequencies[-1] < 16000.0
    assert torch.equal(frequencies, bank_frequencies(36.0, 16000.0, 192)), "drawn anew"


def check_judges() -> None:
    """Judges learn to tell noise from sines, and their layers are nearer for like sounds."""
    torch.manual_seed(1)
    bench = judges.Judges([256], 4)
    optimiser = torch.optim.Adam(bench.parameters(), 3e-3, (0.5, 0.9))
    time = torch.arange(4800) / RATE
    sines = 0.3 * torch.sin(2.0 * torch.pi * 100.0 * torch.rand(4, 1, 1) * 50.0 * time)
    first = last = 0.0
    for step in range(25):
        noise = 0.2 * torch.randn(4, 1, 4800)
        loss = judges.hinge(bench(sines), bench(noise))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        first, last = (float(loss), float(loss)) if step == 0 else (first, float(loss))
    assert last < 0.6 * first, f"hinge from {first:.2f} to {last:.2f}"
    with torch.no_grad():
        noise, other = (bench(0.2 * torch.randn(4, 1, 4800)) for _ in range(2))
        tones = bench(sines)
        near, far = (judges.feature_distance(noise, x) for x in (other, tones))
        assert near < far and judges.deceit(tones) < judges.deceit(noise)
        assert judges.feature_distance(noise, noise) == 0.0


def check_frechet() -> None:
    """Distances of known normal distributions; a set is nearest to itself."""
    rng = np.random.default_rng(1)
    near = rng.standard_normal((4000, 3))
    near -= near.mean(0)
    assert listener.frechet(near, near) < 1e-6
    moved = listener.frechet(near, near + [2.0, 0.0, 0.0])
    assert abs(moved - 4.0) < 1e-6, moved
    wide = listener.frechet(near, 3.0 * near)
    assert abs(wide - 4.0 * np.trace(np.cov(near.T))) < 1e-6, wide


def check_listener() -> None:
    """The listener hears pitched sounds and hits apart, however loud they are."""
    ear = listener.load()
    rng = np.random.default_rng(1)
    time = np.arange(RATE) / RATE
    tones = [
        sum(np.sin(2 * np.pi * hertz * k * time) / k**2 for k in range(1, 10))
        for hertz in (150.0, 200.0, 260.0, 330.0, 400.0, 500.0)
    ]
    hits = [
        rng.standard_normal(RATE) * np.exp(-(time % 0.4) * fall) for fall in (12, 16, 20, 25, 30, 40)
    ]
    some = [listener.embeddings(ear, [0.1 * sound for sound in sounds]) for sounds in (tones, hits)]
    quiet = listener.embeddings(ear, [0.02 * sound for sound in tones])
    assert quiet.shape == (6, listener.EMBEDDING) and np.abs(quiet - some[0]).max() < 0.05
    apart = listener.frechet(*some)
    within = listener.frechet(some[0][::2], some[0][1::2])
    assert apart > 2.0 * within, f"{apart:.3f} between kinds, {within:.3f} within one"
    assert len(listener.embeddings(ear, [np.zeros(RATE, np.float32)])) == 0
    assert len(listener.embeddings(ear, [np.ones(2 * RATE, np.float32)])) == 3


def check_settings() -> None:
    try:
        table(TrainConfig, {"stepps": 1}, "[train]")
    except SystemExit as told:
        assert "stepps" in str(told)
    else:
        raise AssertionError("a setting that there is not was taken")


def main() -> None:
    torch.set_num_threads(1)
    np.random.seed(1)
    for check in (
        check_strongest,
        check_fading,
        check_fade,
        check_gliders,
        check_bank,
        check_judges,
        check_frechet,
        check_listener,
        check_settings,
    ):
        check()
    print("the parts of training do what they say")


if __name__ == "__main__":
    main()
