#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Train a tiny model on a made-up set with the commands a user runs, and play its export.

    test_train.py MODELS_TRAIN_FOLDER
"""

import contextlib
import io
import json
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch

RATE = 48000
HERE = Path(__file__).parent


def run(tools: Path, command: str, *arguments: object) -> str:
    """One of the commands, in this process, since PyTorch is long in loading; returns what it said."""
    said, own = io.StringIO(), sys.argv
    sys.argv = [command, *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(str(tools / command), run_name="__main__")
    finally:
        sys.argv = own
    return said.getvalue()


def make_sounds(folder: Path) -> None:
    """Twelve files of sung-like tones, hum and hiss below them, one file twice, one silent."""
    rng = np.random.default_rng(1)
    time = np.arange(6 * RATE) / RATE
    for i in range(12):
        pitch = 110.0 * 2.0 ** (i / 6.0) * 2.0 ** (0.02 * np.sin(2 * np.pi * 5 * time))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        swell = np.clip(np.sin(2 * np.pi * (0.3 + 0.05 * i) * time), 0.0, 1.0)
        tone = sum(np.sin(k * phase) / k**1.5 for k in range(1, 12))
        sound = 0.2 * swell * tone + 0.001 * rng.standard_normal(len(time))
        soundfile.write(folder / f"tone{i:02}.wav", np.stack([sound, sound], 1), RATE)
    soundfile.write(folder / "zz-again.wav", np.stack([sound, sound], 1), RATE)
    soundfile.write(folder / "zz-silent.wav", np.zeros(RATE), 44100)


def losses(log: str) -> list[float]:
    return [float(value) for value in re.findall(r"spectral ([\d.]+)", log)]


def untrained_loss(tools: Path, work: Path) -> float:
    log = run(
        tools,
        "train.py",
        HERE / "tiny.toml",
        "--data",
        work / "set",
        "--out",
        work / "raw",
        "--steps",
        1,
    )
    return losses(log)[-1]


def play_in_blocks(model: Path, sound: torch.Tensor, block: int) -> torch.Tensor:
    """The exported file's output without its noise, which is drawn anew each time."""
    module = torch.jit.load(str(model))
    module.codec.decoder.noise.gain.zero_()
    parts = [module(sound[..., i : i + block]) for i in range(0, sound.shape[-1], block)]
    return torch.cat(parts, -1)


@torch.no_grad()
def check_export(model: Path) -> None:
    module = torch.jit.load(str(model))
    assert module.sr == RATE and module.latent_size == 8 and module.full_latent_size == 8
    assert module.get_methods() == ["encode", "decode", "forward"]
    assert module.encode_params.tolist() == [1, 1, 8, 256]
    assert module.decode_params.tolist() == [8, 256, 1, 1]
    assert len(module.encode_output_labels) == 8 and len(module.decode_input_labels) == 8
    kinds = [label.split(") ")[1] if "timbre" not in label else "normal" for label in module.encode_output_labels]
    assert module.latent_kinds == kinds
    for name, buffer in module.named_buffers():
        if name.split(".")[-1] == "cache":
            assert not buffer.any(), f"{name} is not zero"
    time = torch.arange(RATE) / RATE
    tone = sum(torch.sin(2 * torch.pi * 220 * k * time) / k for k in range(1, 8))
    sound = (0.2 * tone)[: RATE // 1280 * 1280].reshape(1, 1, -1)
    whole = play_in_blocks(model, sound, sound.shape[-1])
    assert whole.shape == sound.shape and whole.abs().max() > 0.01
    for block in (256, 1280):
        error = (play_in_blocks(model, sound, block) - whole).abs().max() / whole.abs().max()
        assert error < 5e-3, f"blocks of {block} differ from the whole by {error:.5f}"
    if module.latent_kinds[0] == "pitch":
        fresh = torch.jit.load(str(model))  # a call of one leaves a second of a batch behind
        said = fresh.latent_offsets[0] + fresh.latent_scales[0] * fresh.encode(sound)[0, 0, -1]
        heard = 69 + 12 * (fresh.codec.encoder.measure(sound)[0, 0, -1] - torch.log2(torch.tensor(440.0)))
        assert abs(said - heard) < 0.5, f"note {said}, not {heard}"
    frames = module.encode(sound.repeat(2, 1, 1))
    assert frames.shape == (2, 8, sound.shape[-1] // 256)
    assert torch.equal(frames[0], frames[1])
    silence = play_in_blocks(model, torch.cat([sound, torch.zeros(1, 1, 25600)], -1), 256)
    assert silence[..., -12800:].abs().max() < 1e-4


def check_drums(tools: Path, work: Path) -> None:
    """A decoder that goes on from a model leaves the model's latents as they are."""
    base, run_dir, model = work / "struck.ts", work / "struck", work / "struck-on.ts"
    common = [HERE / "struck.toml", "--data", work / "set"]
    run(tools, "train.py", *common, "--out", run_dir, "--steps", 3)
    run(tools, "export.py", run_dir, "--data", work / "set", "-o", base)
    on = [*common, "--out", work / "on", "--from", base]
    log = run(tools, "train.py", *on, "--only-decoder", "--steps", 4)
    assert "begun anew" not in log and "glide" in log and "fade" in log, log
    run(tools, "export.py", work / "on", "--data", work / "set", "-o", model)
    before, after = torch.jit.load(str(base)), torch.jit.load(str(model))
    sound = 0.1 * torch.randn(1, 1, 12800)
    assert torch.equal(before.encode(sound), after.encode(sound)), "the latents have changed"
    assert before.latent_space == after.latent_space and len(before.latent_space) == 32
    z = torch.randn(1, 8, 8)
    assert not torch.equal(before.decode(z), after.decode(z)), "the decoder has learned nothing"
    figures = run(tools, "evaluate.py", model, "--data", work / "set", "--pieces", 2)
    assert "held_later" in figures, figures


def check_from(tools: Path, work: Path, model: Path, first: float) -> None:
    """Weights come out of a model's file; a file that has none of ours is refused."""
    common = [HERE / "tiny.toml", "--data", work / "set", "--out", work / "from", "--steps", 1]
    log = run(tools, "train.py", *common, "--from", model)
    assert "begun anew" not in log and losses(log)[-1] < 0.8 * first, log
    torch.jit.save(torch.jit.script(torch.nn.Identity()), str(work / "other.ts"))
    try:
        run(tools, "train.py", *common, "--from", work / "other.ts")
    except SystemExit as told:
        assert "does not tell its configuration" in str(told), told
    else:
        raise AssertionError("a model of others was taken")


def check_voice(tools: Path, work: Path, model: Path) -> None:
    """One command makes a voice, and goes on with it; few files are not held out whole."""
    (work / "few").mkdir()
    for name in ("tone03.wav", "tone04.wav"):
        (work / "few" / name).write_bytes((work / "sounds" / name).read_bytes())
    out = work / "mine.ts"
    common = [work / "few", "-o", out, "--like", model, "--threads", 1]
    line = [tools / "voice", *common, "--minutes", 0.05]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True)
    log = done.stdout
    assert done.returncode == 0, log + done.stderr
    about = json.loads((work / "mine-run" / "set" / "set.json").read_text())
    assert 0.0 < about["minutes_valid"] < 0.4 * about["minutes_train"], about
    assert "to try already" in log and "done" in log and " left" in log, log
    assert "# mine" in out.with_suffix(".md").read_text()
    step = torch.load(work / "mine-run" / "run" / "last.pt")["step"]
    log = run(tools, "voice", *common, "--minutes", 0.08)
    state = torch.load(work / "mine-run" / "run" / "last.pt")
    assert "goes on with" in log and state["step"] > step and state["seconds"] >= 4.8, log
    check_export(out)


def main() -> None:
    tools = Path(sys.argv[1])
    sys.path.insert(0, str(tools))
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "sounds").mkdir()
        make_sounds(work / "sounds")
        run(tools, "prepare.py", work / "sounds", "-o", work / "set", "--seconds", 1)
        about = json.loads((work / "set" / "set.json").read_text())
        assert about["files"] == 13 and about["duplicates"] >= 1, about
        assert about["minutes_valid"] > 0.0, about
        common = ["--data", work / "set", "--out", work / "run"]
        first = untrained_loss(tools, work)
        run(tools, "train.py", HERE / "tiny.toml", *common, "--steps", 30)
        log = run(tools, "train.py", HERE / "tiny.toml", *common, "--resume")
        assert "step 60/60" in log and "feature" in log, log
        state = torch.load(work / "run" / "last.pt")
        last = state["means"]["spectral"]
        assert state["step"] == 60
        assert last < 0.8 * first, f"the loss went from {first} to {last}"
        assert list((work / "run" / "samples").glob("*.png"))
        model = work / "tiny.ts"
        run(tools, "export.py", work / "run", "--data", work / "set", "-o", model)
        check_export(model)
        check_from(tools, work, model, first)
        check_drums(tools, work)
        check_voice(tools, work, model)
        card = work / "tiny.md"
        arguments = ["--data", work / "set", "--model", model, "--card", card, "--pieces", 2]
        run(tools, "evaluate.py", work / "run", *arguments)
        assert "# tiny" in card.read_text() and "Pitch: within 50 cents" in card.read_text()
    print(f"loss {first:.2f} to {last:.2f}; the export streams")


if __name__ == "__main__":
    main()
