# SPDX-License-Identifier: ISC
"""Measure a trained model on held-out sounds and write its card.

    evaluate.py RUN --data SET [--foreign FOLDER]... [--model NAME.ts] [--card NAME.md]

Foreign sounds (and two synthetic ones) show whether the model turns other input into its own class.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

import audio
import card
import config as configs
import export
import foreign
import listener
import metrics
import trained
from dataset import Pieces
from model import Codec


@torch.no_grad()
def play(codec: Codec, sound: np.ndarray, delay: int) -> tuple[np.ndarray, np.ndarray]:
    """The sound and what the codec makes of it, aligned, the first tenth of a second left out."""
    whole = len(sound) // codec.hop * codec.hop
    made = codec(torch.from_numpy(np.ascontiguousarray(sound[:whole]))[None, None])[0, 0].numpy()
    start = 4800
    return sound[start : whole - delay], made[start + delay : whole]


def untrained(codec: Codec, config: configs.Config) -> Codec:
    """A codec of the same settings whose networks know nothing; only its measures are set."""
    torch.manual_seed(0)
    fresh = Codec(config.model).eval()
    if config.model.pitched:
        fresh.encoder.pitch.load_state_dict(codec.encoder.pitch.state_dict())
    fresh.mean.copy_(codec.mean)
    fresh.scale.copy_(codec.scale)
    return fresh


def for_a_listener(
    plays: list[tuple[np.ndarray, np.ndarray]], raw: list[np.ndarray], learned: list[np.ndarray]
) -> dict[str, float]:
    """Fréchet distances to held-out sounds: of what the model makes of them, of what an untrained network
    does, and, as the floor, of as many real sounds that it learned from."""
    ear = listener.load()
    real, made, fresh, floor = (
        listener.embeddings(ear, sounds)
        for sounds in ([a for a, _ in plays], [b for _, b in plays], raw, learned)
    )
    if len(real) < 2:
        return {}
    return {
        "frechet_model": listener.frechet(made, real),
        "frechet_untrained": listener.frechet(fresh, real),
        "frechet_real": listener.frechet(floor, real),
    }


def held_out(
    codec: Codec, config: configs.Config, pieces: list[np.ndarray], learned: list[np.ndarray]
) -> dict[str, float]:
    """Figures over held-out pieces; `learned` are as many of those it learned from."""
    rate, delay = config.model.rate, config.model.delay
    fresh = untrained(codec, config)
    plays = [play(codec, piece, delay) for piece in pieces]
    rows = [metrics.distances(a, b, rate) for a, b in plays]
    fresh_plays = [play(fresh, piece, delay) for piece in pieces]
    raw = [metrics.distances(a, b, rate) for a, b in fresh_plays]
    mean = [
        np.concatenate(columns, 1).mean(1)
        for columns in zip(*(metrics.spectra(sound) for sound, _ in plays))
    ]
    flat = [metrics.distances_to_mean(a, mean, rate) for a, _ in plays]
    figures = {}
    for name, values in (("model", rows), ("untrained", raw), ("mean", flat)):
        figures[f"spectral_{name}"], figures[f"mel_{name}"] = np.mean(values, axis=0)
    figures.update(for_a_listener(plays, [b for _, b in fresh_plays], learned))
    loud = [(metrics.levels(a), metrics.levels(b)) for a, b in plays]
    source = np.concatenate([a for a, _ in loud])
    output = np.concatenate([b for _, b in loud])
    heard = source > -70.0
    figures["level_correlation"] = np.corrcoef(source[heard], np.maximum(output[heard], -90.0))[
        0, 1
    ]
    figures["level_when_silent"] = silent_level(codec, rate)
    if config.model.pitched:
        counts = [metrics.pitch_agreement(a, b, rate) for a, b in plays]
        total = max(1, sum(count["voiced"] for count in counts))
        figures["pitch_within"] = sum(count["within"] for count in counts) / total
        figures["pitch_octave"] = sum(count["octave"] for count in counts) / total
    else:
        counts = [metrics.onsets_found(a, b, rate) for a, b in plays]
        total = max(1, sum(count["onsets"] for count in counts))
        figures["onsets_found"] = sum(count["found"] for count in counts) / total
        figures["onsets_extra"] = sum(count["extra"] for count in counts) / total
        figures["held_start"], figures["held_later"] = held_levels(codec, delay, rate)
    return figures


def held_levels(codec: Codec, delay: int, rate: int) -> tuple[float, float]:
    """dB by which the output is over held tones: in their first tenth of a second, and from 1 s on."""
    rows = []
    for sound in foreign.held(rate):
        source, made = play(codec, sound, delay)
        # play() leaves out the first 0.1 s of the 0.2 s of silence.
        for first, last in ((0.1, 0.2), (1.1, 2.0)):
            parts = [x[int(first * rate) : int(last * rate)] for x in (made, source)]
            rows.append([float(audio.decibels(np.mean(part**2))) for part in parts])
    difference = np.subtract(*np.transpose(rows))
    return float(difference[0::2].mean()), float(difference[1::2].mean())


@torch.no_grad()
def silent_level(codec: Codec, rate: int) -> float:
    """Level in dB that comes out one second after a noise of -20 dB has ended."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(rate).astype(np.float32)
    sound = np.concatenate([noise, np.zeros(2 * rate, np.float32)])
    made = play(codec, sound, 0)[1]
    return float(audio.decibels(np.mean(made[2 * rate :] ** 2)))


@torch.no_grad()
def semitones(codec: Codec, sound: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The pitch at some places, in whole semitones; all alike for a model without a pitch."""
    if not codec.pitched:
        return np.zeros(len(places), int)
    whole = len(sound) // codec.hop * codec.hop
    values, _ = codec.measure(torch.from_numpy(np.ascontiguousarray(sound[:whole]))[None, None])
    pitch = (12.0 * values[0, 0]).round().int().numpy()
    return pitch[np.minimum(places // codec.hop, len(pitch) - 1)]


class Class:
    """What the model's own sounds look like, at each pitch: low notes of whatever kind are alike."""

    def __init__(self, codec: Codec, pieces: list[np.ndarray], rate: int):
        self.sums: dict[int, list] = {}
        for piece in pieces:
            levels, places = metrics.shapes(piece, rate)
            for column, note in zip(levels.T, semitones(codec, piece, places)):
                entry = self.sums.setdefault(int(note), [np.zeros(len(column)), 0])
                entry[0] += column
                entry[1] += 1

    def shape(self, notes: np.ndarray) -> np.ndarray:
        """Mean shape of own sounds at these notes, or at the nearest that there are."""
        known = np.array(sorted(note for note, (_, count) in self.sums.items() if count >= 5))
        nearest = known[np.abs(notes[:, None] - known[None]).argmin(1)]
        return np.mean([self.sums[int(note)][0] / self.sums[int(note)][1] for note in nearest], 0)


def transfer(
    codec: Codec, config: configs.Config, own: list[np.ndarray], inputs: dict[str, np.ndarray]
) -> dict[str, tuple[float, float, float]]:
    """For each input: mean band distance in dB from output to class, output to input, input to class."""
    rate = config.model.rate
    known = Class(codec, own, rate)
    result = {}
    for name, sound in inputs.items():
        source, made = play(codec, sound, config.model.delay)
        a, places = metrics.shapes(source, rate)
        shape = known.shape(semitones(codec, source, places))
        a, b = a.mean(1), metrics.mean_shape(made, rate)
        result[name] = tuple(
            float(np.abs(p - q).mean()) for p, q in ((b, shape), (b, a), (a, shape))
        )
    return result


def foreign_inputs(folders: list[Path], rate: int) -> dict[str, np.ndarray]:
    """Synthetic input, and a few seconds of each folder's files that hold something."""
    inputs = {"square wave": foreign.square_wave(rate), "plucked string": foreign.plucks(rate)}
    for path in audio.find(folders):
        sound = audio.load(path, rate)[: 10 * rate]
        # As loud as a player would set it, and as the training sounds are.
        inputs[path.stem] = sound * (0.7 / max(1e-3, np.abs(sound).max()))
    return inputs


def some(data: Pieces, count: int) -> list[np.ndarray]:
    """`count` pieces from all over the set."""
    chosen = np.linspace(0, len(data) - 1, count).astype(int)
    return [data.whole(index)[0, 0].numpy() for index in chosen]


def report(
    source: Path, data: Path, folders: list[Path], model: Path | None, out: Path | None, count: int
) -> None:
    """Print the figures of a run or a model; write its card to `out`."""
    torch.manual_seed(0)
    codec, config, state = trained.load(source)
    if not state["turned"]:
        export.turn_latents(codec, Pieces(data, "train"))
    count = min(count, *(len(Pieces(data, split)) for split in ("train", "valid")))
    pieces = some(Pieces(data, "valid"), count)
    figures = held_out(codec, config, pieces, some(Pieces(data, "train"), count))
    for name, value in figures.items():
        print(f"{name:20} {value:.3f}")
    inputs = foreign_inputs(folders, config.model.rate)
    moved = transfer(codec, config, pieces, inputs)
    print("\nmean band distance in dB: output to class, output to input, input to class")
    for name, row in moved.items():
        print(f"{name:32} {row[0]:5.1f} {row[1]:5.1f} {row[2]:5.1f}")
    if out:
        out.write_text(card.write(config, state, figures, moved, model))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--foreign", type=Path, action="append", default=[])
    parser.add_argument("--model", type=Path, help="the exported file, for its size")
    parser.add_argument("--card", type=Path, help="write the card here")
    parser.add_argument("--pieces", type=int, default=60, help="held-out pieces to measure")
    args = parser.parse_args()
    torch.set_num_threads(1)
    report(args.run, args.data, args.foreign, args.model, args.card, args.pieces)


if __name__ == "__main__":
    main()
