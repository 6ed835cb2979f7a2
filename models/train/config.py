# SPDX-License-Identifier: ISC
"""A model's settings, one TOML file: tables [model] and [train]; what is left out is as below."""

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from model import ModelConfig


@dataclass
class TrainConfig:
    seed: int = 1
    steps: int = 20000
    batch: int = 8
    seconds: float = 1.0
    rate: float = 1e-3  # of learning, falls to a tenth over the steps
    kl: float = 2e-3
    kl_steps: int = 2000  # over which the KL weight grows
    tilt: float = 6.0  # dB by which the encoder's bands are shifted at random
    gaps: float = 30.0  # dB by which single bands may be missing
    match: float = 0.1  # weight of foreign sounds' latents lying where the own ones do
    only_decoder: bool = False  # keep the encoder and its latents as they are in --from's model
    blur: float = 0.05  # noise on such latents
    glide: float = 0.3  # weight of gliders being where the sound is strongest
    fade: float = 1.0  # weight of held foreign sounds fading, and own ones not
    adversarial_from: int = 0  # step at which the discriminators come in; 0: never
    judges_alone: int = 200  # steps that the discriminators learn before they count
    adversarial: float = 0.05  # weights of passing as real, and of the discriminators' layers
    feature: float = 0.5
    judge_sizes: list[int] = field(default_factory=lambda: [2048, 512, 128])
    judge_channels: int = 12
    judged: float = 0.4  # seconds of each excerpt
    save_every: int = 500
    sample_every: int = 2000


@dataclass
class Config:
    name: str
    about: str
    source: str  # these three go on the model's card
    licence: str
    reproduce: str
    model: ModelConfig
    train: TrainConfig

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def table(kind: type, values: dict[str, Any], what: str) -> Any:
    """One table's settings; a name that there is not is told."""
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise SystemExit(f"There is no setting {sorted(unknown)[0]} in {what}.")
    return kind(**values)


def from_plain(values: dict[str, Any]) -> Config:
    return Config(
        values["name"],
        *(values.get(name, "") for name in ("about", "source", "licence", "reproduce")),
        table(ModelConfig, values.get("model", {}), "[model]"),
        table(TrainConfig, values.get("train", {}), "[train]"),
    )


def stored(values: dict[str, Any]) -> Config:
    """Of a run or a model made earlier: what training could be told then and cannot now is dropped."""
    known = {field.name for field in fields(TrainConfig)}
    train = {name: value for name, value in values["train"].items() if name in known}
    return from_plain({**values, "train": train})


def read(path: Path) -> Config:
    with path.open("rb") as file:
        return from_plain(tomllib.load(file))
