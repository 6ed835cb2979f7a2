# SPDX-License-Identifier: ISC
"""Teach the pitch network on random tones. The result, pitch.pt, serves every model.

    train_pitch.py [-o pitch.pt] [--steps 1800]
"""

import argparse
import math
import time
from pathlib import Path

import torch

import tones
from pitch import COUNT, FACTOR, LOW_HZ, STEP_CENTS, Periodicity, Salience

RATE, STRIDE = 48000 / FACTOR, 32
LATE = 0.008  # seconds by which a frame's pitch may trail the sound


def batch(
    front: Periodicity, count: int, frames: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features (count, 2 COUNT, frames), pitch in steps and clearness (count, frames)."""
    length = 1920
    sound, curve, clear = tones.exercise(count, length, RATE)
    with torch.no_grad():
        features = front(sound.unsqueeze(1))
    chosen = torch.randint(12, features.shape[-1], (frames,))
    ends = (chosen + 1) * STRIDE - 1
    steps = (curve[:, ends - round(LATE * RATE)] - math.log2(LOW_HZ)) * (1200.0 / STEP_CENTS)
    return features[:, :, chosen], steps, clear[:, ends]


def target(steps: torch.Tensor, clear: torch.Tensor) -> torch.Tensor:
    """A narrow bell around the pitch, nothing where there is none: (count, COUNT, frames)."""
    distance = torch.arange(COUNT).reshape(1, -1, 1) - steps.unsqueeze(1)
    return torch.exp(-0.5 * (distance / 1.5).square()) * clear.unsqueeze(1)


def right(logits: torch.Tensor, steps: torch.Tensor, clear: torch.Tensor) -> float:
    """Share of clear frames whose strongest step is within 50 cents."""
    error = (logits.argmax(1) - steps).abs() * STEP_CENTS
    return float(((error < 50.0) * clear).sum() / clear.sum().clamp(min=1.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).with_name("pitch.pt"))
    parser.add_argument("--steps", type=int, default=1800)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    front, net = Periodicity(RATE, STRIDE), Salience()
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=args.steps)
    began, mean_loss, mean_right = time.time(), 0.0, 0.0
    for step in range(1, args.steps + 1):
        features, steps, clear = batch(front, 24, 12)
        logits = net(features)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target(steps, clear))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        mean_loss += (float(loss) - mean_loss) / min(step, 50)
        mean_right += (right(logits, steps, clear) - mean_right) / min(step, 50)
        if step % 50 == 0:
            pace = (time.time() - began) / step
            print(f"{step} loss {mean_loss:.4f} right {mean_right:.3f} {pace:.2f} s", flush=True)
            torch.save(net.state_dict(), args.out)


if __name__ == "__main__":
    main()
