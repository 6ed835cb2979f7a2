# SPDX-License-Identifier: ISC
"""Export a trained model as a streaming TorchScript file that nn~, RAVE VST and Timbrel play.

    export.py RUN -o NAME.ts [--detune -7,0,6]

Timbre latents are turned to their principal axes over the training set: uncorrelated, unit
variance, the most telling first, positive towards a brighter sound.
"""

import argparse
import hashlib
import math
import os
from pathlib import Path
from typing import Any, List

import numpy as np
import torch

import config as configs
import trained
from dataset import Pieces
from model import Codec
from streaming import reset, set_streaming

METHODS = ["encode", "decode", "forward"]


def space_of(codec: torch.nn.Module) -> str:
    """An id of what encode gives: made of all that it uses, so that a decoder trained alone keeps it."""
    digest = hashlib.sha256(f"reach {codec.reach:g}".encode())
    for name, tensor in sorted(codec.state_dict().items()):
        if not name.startswith(("decoder.", "unturn")) and not name.endswith("cache"):
            digest.update(f"{name} {tuple(tensor.shape)}".encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


def meanings(codec: torch.nn.Module, learned: int) -> tuple[list[str], list[float], list[float]]:
    """Unit, scale and offset of each latent."""
    scales, offsets = codec.scale.flatten().tolist(), codec.mean.flatten().tolist()
    units = ["note", "", "dB"] if len(scales) == 3 else ["dB"]
    if units[0] == "note":  # from log2 of Hz
        scales[0], offsets[0] = 12.0 * scales[0], 69.0 + 12.0 * (offsets[0] - math.log2(440.0))
    return units + [""] * learned, scales + [1.0] * learned, offsets + [0.0] * learned


class Exported(torch.nn.Module):
    """The codec with nn~'s conventions: buffers and labels of each method, rate, latent sizes."""

    def __init__(self, codec: Codec, config: configs.Config):
        super().__init__()
        model = config.model
        self.codec = codec
        self.sr = model.rate
        self.latent_size = model.latents
        self.full_latent_size = model.latents
        self.n_channels = 1
        self._methods = torch.jit.Attribute(METHODS, List[str])
        self._attributes = torch.jit.Attribute([], List[str])
        measured = ["pitch", "clearness", "level"] if model.pitched else ["level"]
        learned = [f"timbre {i + 1}" for i in range(model.latents - len(measured))]
        latents = [f"(signal) {name}" for name in measured + learned]
        # What latents mean (docs/train.md): a measured one is offset + scale x latent in its unit.
        self.latent_space = space_of(codec)
        self.latent_kinds = measured + ["normal"] * len(learned)
        self.latent_units, self.latent_scales, self.latent_offsets = meanings(codec, len(learned))
        sound = (1, 1, ["(signal) audio"])
        frames = (model.latents, model.hop, latents)
        self.declare("encode", sound, frames)
        self.declare("decode", frames, sound)
        self.declare("forward", sound, sound)

    def declare(
        self, name: str, source: tuple[int, int, list[str]], result: tuple[int, int, list[str]]
    ) -> None:
        self.register_buffer(f"{name}_params", torch.tensor([*source[:2], *result[:2]]))
        setattr(self, f"{name}_input_labels", source[2])
        setattr(self, f"{name}_output_labels", result[2])

    @torch.jit.export
    def get_methods(self) -> List[str]:
        return self._methods

    @torch.jit.export
    def get_attributes(self) -> List[str]:
        return self._attributes

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return self.sr

    @torch.jit.export
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return self.codec.encode(x)

    @torch.jit.export
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return self.codec.decode(z)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.codec(x)


@torch.no_grad()
def turn_latents(codec: Codec, data: Pieces, pieces: int = 200) -> np.ndarray:
    """Set what is usual, and the turn to principal axes of what is left; returns each axis's share of the variance."""
    rows, bright, bases = [], [], []
    hop = codec.hop
    for index in np.linspace(0, len(data) - 1, min(pieces, len(data))).astype(int):
        sound = data.whole(index)
        values, features = codec.measure(sound[..., : sound.shape[-1] // hop * hop])
        heard = values[0, -1] > -60.0
        rows.append(codec.encoder.shape(features)[0][0, :, heard])
        bases.append(codec.basis((values - codec.mean) / codec.scale)[0, :, heard])
        weight = torch.pow(10.0, features[0, :, heard])
        place = torch.linspace(0.0, 1.0, weight.shape[0]).unsqueeze(1)
        bright.append((weight * place).sum(0) / weight.sum(0))
    timbre, brightness = torch.cat(rows, 1).double(), torch.cat(bright).double()
    basis = torch.cat(bases, 1).double()
    lean = torch.linalg.lstsq(basis.T, timbre.T).solution.T
    timbre = timbre - lean @ basis
    variance, axes = torch.linalg.eigh(torch.cov(timbre))
    variance, axes = variance.flip(0), axes.flip(1)
    along = axes.T @ timbre
    slope = (along * (brightness - brightness.mean())).sum(1)
    axes = axes * torch.where(slope < 0, -1.0, 1.0).unsqueeze(0)
    # An axis that hardly moves keeps a floor, or the scale would only magnify noise.
    spread = torch.sqrt(variance.clamp(min=1e-3))
    codec.lean.copy_(lean.float())
    codec.turn.copy_((axes / spread).T.float())
    codec.unturn.copy_((axes * spread).float())
    return (variance / variance.sum()).numpy()


def export(codec: Codec, config: configs.Config, state: dict[str, Any], out: Path) -> None:
    for parameter in codec.parameters():
        parameter.requires_grad_(False)
    set_streaming(codec, True)
    reset(codec)
    scripted = torch.jit.script(Exported(codec, config).eval())
    out.parent.mkdir(parents=True, exist_ok=True)
    half = out.with_name(out.name + ".part")
    torch.jit.save(scripted, str(half), _extra_files=trained.told({**state, "config": config.plain()}))
    os.replace(half, out)


def export_run(
    run: Path, data: Path, out: Path, detune: list[float] | None = None
) -> tuple[int, np.ndarray | None]:
    """Export what a run has learned so far; returns its step, and the axes' shares of the variance."""
    codec, config, state = trained.load(run, detune)
    shares = None if state["turned"] else turn_latents(codec, Pieces(data, "train"))
    export(codec, config, state, out)
    return state["step"], shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the training set, for the axes")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--detune", help="cents of the voices, as -7,0,6")
    args = parser.parse_args()
    torch.set_num_threads(1)
    detune = [float(cents) for cents in args.detune.split(",")] if args.detune else None
    step, shares = export_run(args.run, args.data, args.out, detune)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB after {step} steps")
    if shares is not None:
        print("timbre variance shares:", " ".join(f"{share:.3f}" for share in shares))


if __name__ == "__main__":
    main()
