# SPDX-License-Identifier: ISC
"""A trained codec: of a run (its last.pt), or of an exported model (the weights are in the file)."""

import json
from pathlib import Path
from typing import Any

import torch

import config as configs
from model import Codec
from streaming import set_streaming

EXTRA = "training.json"  # in an exported model: its configuration, and how it was trained


def told(state: dict[str, Any]) -> dict[str, str]:
    """What an exported model tells of its training."""
    kept = {name: state[name] for name in ("config", "about", "step", "means")}
    return {EXTRA: json.dumps(kept)}


def read_model(path: Path) -> dict[str, Any]:
    """The state of an exported model of ours, as that of a run."""
    extra = {EXTRA: ""}
    try:
        module = torch.jit.load(str(path), map_location="cpu", _extra_files=extra)
    except (RuntimeError, ValueError) as problem:
        raise SystemExit(f"{path} cannot be read as a model: {str(problem).splitlines()[0]}")
    weights = {
        name[len("codec.") :]: value
        for name, value in module.state_dict().items()
        if name.startswith("codec.")
    }
    if not extra[EXTRA]:
        raise SystemExit(f"{path} does not tell its configuration: it is not one of this code's.")
    return {**json.loads(extra[EXTRA]), "codec": weights, "turned": True}


def read(path: Path) -> dict[str, Any]:
    """The state of a run's folder or of a model's file."""
    if path.is_dir():
        return torch.load(path / "last.pt", map_location="cpu")
    return read_model(path)


def take(codec: Codec, weights: dict[str, torch.Tensor]) -> list[str]:
    """Take over the weights that fit; returns the names of those that `codec` keeps of its own."""
    own = codec.state_dict()
    # Streaming state and the voices' detuning are the codec's own.
    kept = {
        name: value
        for name, value in weights.items()
        if name in own
        and own[name].shape == value.shape
        and name.split(".")[-1] not in ("cache", "detune")
    }
    codec.load_state_dict({**own, **kept})
    learned = {name for name, _ in codec.named_parameters()}
    return sorted(learned - kept.keys())


def load(path: Path, detune: list[float] | None = None) -> tuple[Codec, configs.Config, dict]:
    """The codec of a run or a model, its settings and the rest of its state."""
    state = read(path)
    config = configs.stored(state["config"])
    if detune:
        config.model.detune = detune
    codec = Codec(config.model)
    missing = take(codec, state["codec"])
    if missing:
        raise SystemExit(f"{path} is not what its configuration says: {missing[0]} does not fit.")
    set_streaming(codec, False)
    return codec.eval(), config, state
