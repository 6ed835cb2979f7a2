# SPDX-License-Identifier: ISC
"""Train the listener's stand-in.

    render.py kinds -o FOLDER
    train_listener.py FOLDER -o listener.pt [--steps 1500]

The files' names begin with the number of their kind.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from listener import KINDS, RATE, WINDOW, Listener

import audio

HELD_OUT = 6  # one file in so many


def read(folder: Path) -> tuple[list[tuple[int, np.ndarray]], list[tuple[int, np.ndarray]]]:
    """(kind, sound) to learn, and to measure with."""
    learned, held, seen = [], [], [0] * KINDS
    for path in audio.find([folder]):
        kind = int(path.name.split("-")[0])
        seen[kind] += 1
        (held if seen[kind] % HELD_OUT == 0 else learned).append((kind, audio.load(path, RATE)))
    if min(seen) < HELD_OUT:
        raise SystemExit(f"{folder} holds too few sounds of kind {seen.index(min(seen))}.")
    return learned, held


def excerpt(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    """A second that is not silent, equalised a little and noisy, as a room and a microphone do."""
    for _ in range(8):
        start = rng.integers(len(sound) - WINDOW + 1)
        out = sound[start : start + WINDOW]
        if np.abs(out).max() > 0.01:
            break
    tilt = np.convolve(out, [1.0, rng.uniform(-0.5, 0.5)], "same")
    noise = 10.0 ** (-rng.uniform(50.0, 90.0) / 20.0) * rng.standard_normal(WINDOW)
    return (tilt * 10.0 ** (-rng.uniform(0.0, 20.0) / 20.0) + noise).astype(np.float32)


def batch(
    rng: np.random.Generator, sounds: list[tuple[int, np.ndarray]], count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Excerpts, all kinds alike often, and their kinds."""
    kinds = sorted({kind for kind, _ in sounds})
    by_kind = {kind: [sound for other, sound in sounds if other == kind] for kind in kinds}
    chosen = rng.choice(kinds, count)
    rows = [excerpt(rng, by_kind[kind][rng.integers(len(by_kind[kind]))]) for kind in chosen]
    return torch.from_numpy(np.stack(rows))[:, None], torch.from_numpy(chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    learned, held = read(args.folder)
    listener = Listener()
    optimiser = torch.optim.Adam(listener.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=args.steps)
    began, mean = time.time(), 0.0
    for step in range(1, args.steps + 1):
        sounds, kinds = batch(rng, learned, 32)
        loss = torch.nn.functional.cross_entropy(listener(sounds), kinds)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        mean += (float(loss) - mean) / min(step, 50)
        if step % 50 == 0 or step == args.steps:
            pace = (time.time() - began) / step
            print(f"step {step}/{args.steps}  loss {mean:.3f}  {pace:.2f} s/step", flush=True)
            torch.save(listener.state_dict(), args.out)
    with torch.no_grad():
        sounds, kinds = batch(rng, held, 480)
        right = (listener.eval()(sounds).argmax(1) == kinds).float().mean()
    print(f"right for {100.0 * float(right):.1f} % of sounds not learned from")


if __name__ == "__main__":
    main()
