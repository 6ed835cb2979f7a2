# SPDX-License-Identifier: ISC
"""A model's card: where it comes from, how it was made, how well it does."""

from pathlib import Path
from typing import Any

from config import Config

TEMPLATE = """# {name}

{about}

| | |
|---|---|
| file | {size} |
| rate, hop, model delay | {rate} Hz, {hop} samples, {delay} samples ({delay_ms:.1f} ms) |
| latents | {latents} |
| sounds | {source} |
| licence | {licence} |
| hours | {train_hours:.2f} to train, {valid_hours:.2f} held out |
| training | {steps} steps of {batch} x {seconds} s{adversarial} |
| losses at the end | {losses} |

## Held-out sounds

| | model | always the mean spectrum | untrained network |
|---|---|---|---|
| multi-scale log-spectral distance, dB | {spectral_model:.1f} | {spectral_mean:.1f} | {spectral_untrained:.1f} |
| band (mel-like) distance, dB | {mel_model:.1f} | {mel_mean:.1f} | {mel_untrained:.1f} |

{lines}

## Transfer

Mean distance in dB of average band levels, the class's taken at the same pitches; a transfer has worked
where the output is nearer to the class than to the input.

| input | output to class | output to input | input to class |
|---|---|---|---|
{transfers}

## How to make it again

{reproduce}
"""


def follows(figures: dict[str, float]) -> list[str]:
    lines = [
        f"- Level: correlation of dB {figures['level_correlation']:.3f}; a second after the input "
        f"has ended, the output is at {figures['level_when_silent']:.0f} dB."
    ]
    if "frechet_model" in figures:
        lines.append(
            f"- For a listener's stand-in (Fréchet distance over embeddings, listener.py): "
            f"{figures['frechet_model']:.2f} from held-out sounds; an untrained network "
            f"{figures['frechet_untrained']:.2f}, other real sounds {figures['frechet_real']:.2f}."
        )
    if "pitch_within" in figures:
        lines.append(
            f"- Pitch: within 50 cents in {100 * figures['pitch_within']:.1f} % of steady voiced "
            f"frames; octave errors in {100 * figures['pitch_octave']:.1f} %."
        )
    else:
        lines.append(
            f"- Onsets: {100 * figures['onsets_found']:.1f} % found within 15 ms; "
            f"{100 * figures['onsets_extra']:.1f} % more that the input has not."
        )
        lines.append(
            f"- Held tones: the output starts at {figures['held_start']:+.0f} dB of the input and is "
            f"at {figures['held_later']:+.0f} dB a second later."
        )
    return lines


def latent_names(config: Config) -> str:
    measured = ["pitch", "clearness", "level"] if config.model.pitched else ["level"]
    learned = config.model.latents - len(measured)
    return (
        f"{config.model.latents}: {', '.join(measured)}, {learned} of timbre (most telling first)"
    )


def write(
    config: Config,
    state: dict[str, Any],
    figures: dict[str, float],
    transfers: dict[str, tuple[float, float, float]],
    model: Path | None,
) -> str:
    rows = [f"| {name} | {a:.1f} | {b:.1f} | {c:.1f} |" for name, (a, b, c) in transfers.items()]
    train = config.train
    adversarial = 0 < train.adversarial_from < state["step"]
    return TEMPLATE.format(
        name=config.name,
        about=config.about,
        size=f"{model.name}, {model.stat().st_size / 1e6:.1f} MB" if model else "not exported",
        rate=config.model.rate,
        hop=config.model.hop,
        delay=config.model.delay,
        delay_ms=1000.0 * config.model.delay / config.model.rate,
        latents=latent_names(config),
        source=config.source,
        licence=config.licence,
        train_hours=state["about"]["minutes_train"] / 60,
        valid_hours=state["about"]["minutes_valid"] / 60,
        steps=state["step"],
        batch=train.batch,
        seconds=train.seconds,
        adversarial=f", adversarial from step {train.adversarial_from}" if adversarial else "",
        losses=", ".join(f"{name} {value:.3f}" for name, value in state["means"].items()),
        lines="\n".join(follows(figures)),
        transfers="\n".join(rows),
        reproduce=config.reproduce,
        **{k: v for k, v in figures.items() if k.startswith(("spectral", "mel"))},
    )
