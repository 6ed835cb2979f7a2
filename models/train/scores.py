# SPDX-License-Identifier: ISC
"""Random scores as Standard MIDI Files: phrases for one voice, and hits and beats for a kit.

A tick is a millisecond: 500 ticks a quarter note at 500000 microseconds a quarter note.
"""

import random
import struct
from pathlib import Path

Event = tuple[float, bytes]
TICKS = 500
BEND_SEMITONES = 2.0


def variable_length(value: int) -> bytes:
    out = [value & 0x7F]
    while value > 0x7F:
        value >>= 7
        out.append((value & 0x7F) | 0x80)
    return bytes(reversed(out))


def write_midi(path: Path, events: list[Event]) -> None:
    """One track of (seconds, message) events."""
    track, last = b"\x00\xff\x51\x03\x07\xa1\x20", 0
    for seconds, message in sorted(events, key=lambda event: event[0]):
        tick = round(seconds * 1000)
        track += variable_length(tick - last) + message
        last = tick
    track += b"\x00\xff\x2f\x00"
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS)
    path.write_bytes(header + b"MTrk" + struct.pack(">I", len(track)) + track)


def program(bank: int, number: int, channel: int = 0) -> list[Event]:
    return [
        (0.0, bytes([0xB0 | channel, 0, bank])),
        (0.0, bytes([0xC0 | channel, number])),
    ]


def bend(semitones: float) -> bytes:
    value = max(0, min(16383, round(8192 * (1.0 + semitones / BEND_SEMITONES))))
    return bytes([0xE0, value & 0x7F, value >> 7])


def glide(start: float, length: float, first: float, last: float) -> list[Event]:
    """A bend from `first` to `last` semitones, a step each 10 ms."""
    steps = max(1, round(length / 0.01))
    return [
        (start + length * i / steps, bend(first + (last - first) * i / steps))
        for i in range(steps + 1)
    ]


def swell(start: float, length: float, first: float, last: float) -> list[Event]:
    """Expression from `first` to `last` (0 to 127), a step each 20 ms."""
    steps = max(1, round(length / 0.02))
    return [
        (
            start + length * i / steps,
            bytes([0xB0, 11, round(first + (last - first) * i / steps)]),
        )
        for i in range(steps + 1)
    ]


def one_voice(rng: random.Random, seconds: float, low: int, high: int) -> list[Event]:
    """Phrases of single notes from `low` to `high`: long, short, tied, bent, swelling."""
    events: list[Event] = []
    time, note = 0.2, rng.randint(low, high)
    while time < seconds:
        slow = rng.random() < 0.5
        level = rng.randint(40, 120)
        for _ in range(rng.randint(3, 12)):
            note += round(rng.gauss(0.0, 3.5))
            if not low <= note <= high or rng.random() < 0.1:
                note = rng.randint(low, high)
            length = rng.uniform(0.5, 3.0) if slow else rng.uniform(0.12, 0.7)
            velocity = max(20, min(127, level + rng.randint(-20, 20)))
            events.append((time, bytes([0x90, note, velocity])))
            events.append((time + length - 0.005, bytes([0x80, note, 0])))
            if length > 0.4 and rng.random() < 0.25:
                distance = rng.uniform(-2.0, 2.0)
                part = rng.uniform(0.2, 0.8) * length
                events += glide(time + 0.1 * length, part, 0.0, distance)
                events.append((time + length - 0.003, bend(0.0)))
            if length > 0.4 and rng.random() < 0.3:
                events += swell(time, length - 0.01, rng.randint(40, 127), rng.randint(40, 127))
            else:
                events.append((time, bytes([0xB0, 11, 127])))
            time += length if rng.random() < 0.7 else length + rng.uniform(0.02, 0.3)
        time += rng.uniform(0.3, 1.2)
    return events


# General MIDI notes of the classes of a kit, and how often each class comes.
KIT = {
    "kick": ([35, 36], 5),
    "snare": ([37, 38, 40], 5),
    "tom": ([41, 43, 45, 47, 48, 50], 4),
    "hat": ([42, 44, 46], 4),
    "ride": ([51, 53, 59], 2),
    "crash": ([49, 52, 55, 57], 2),
    "clap": ([39], 2),
    "percussion": ([54, 56, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 75, 76, 77, 80, 81], 3),
}


def hit(time: float, note: int, velocity: int) -> list[Event]:
    velocity = max(10, min(127, velocity))
    return [(time, bytes([0x99, note, velocity])), (time + 0.4, bytes([0x89, note, 0]))]


def single_hits(
    rng: random.Random, seconds: float, classes: list[str] = list(KIT)
) -> list[Event]:
    """Single hits of the classes, well apart for the long ones."""
    events: list[Event] = []
    weights = [KIT[name][1] for name in classes]
    time = 0.2
    while time < seconds:
        name = rng.choices(classes, weights)[0]
        note = rng.choice(KIT[name][0])
        for _ in range(rng.choice([1, 1, 2, 3, 4])):
            events += hit(time, note, rng.randint(25, 127))
            time += rng.uniform(0.1, 0.5)
        if name in ("ride", "crash"):
            time += rng.uniform(0.3, 1.0)
    return events


def beat(rng: random.Random, seconds: float) -> list[Event]:
    """A beat of kick, snare and hat or ride with fills, at a tempo of its own."""
    events: list[Event] = []
    step = 60.0 / rng.uniform(70, 170) / 4
    cymbal = rng.choice([42, 42, 46, 51, 59])
    kick, snare = rng.choice([35, 36]), rng.choice([38, 40, 37])
    kicks = [i % 8 == 0 or rng.random() < 0.2 for i in range(16)]
    snares = [i % 8 == 4 or rng.random() < 0.06 for i in range(16)]
    every = rng.choice([1, 2, 2, 4])
    bar = 0
    while bar * 16 * step < seconds:
        fill = bar % 4 == 3
        for i in range(16):
            time = 0.2 + (bar * 16 + i) * step + rng.gauss(0.0, 0.003)
            if fill and i >= 8:
                if rng.random() < 0.8:
                    events += hit(time, rng.choice(KIT["tom"][0] + [snare]), rng.randint(50, 120))
                continue
            if kicks[i]:
                events += hit(time, kick, rng.randint(70, 127))
            if snares[i]:
                events += hit(time, snare, rng.randint(60, 127))
            if i % every == 0:
                events += hit(time, cymbal, rng.randint(40, 110))
        if fill:
            events += hit(0.2 + (bar + 1) * 16 * step, rng.choice([49, 57]), rng.randint(70, 120))
        bar += 1
    return events
