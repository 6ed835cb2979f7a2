# SPDX-License-Identifier: ISC
"""A model's settings, one TOML file: tables [model] and [train]; what is left out is as below."""

import tomllib
from dataclasses import asdict, dataclass
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
    adversarial_from: int = 0  # step at which the discriminators come in; 0: never
    adversarial: float = 1.0
    feature: float = 10.0
    scales: int = 3
    channels: int = 16
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


def from_plain(values: dict[str, Any]) -> Config:
    return Config(
        values["name"],
        *(values.get(name, "") for name in ("about", "source", "licence", "reproduce")),
        ModelConfig(**values.get("model", {})),
        TrainConfig(**values.get("train", {})),
    )


def read(path: Path) -> Config:
    with path.open("rb") as file:
        return from_plain(tomllib.load(file))
