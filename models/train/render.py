# SPDX-License-Identifier: ISC
"""Render the bundled models' sounds from Debian's sound fonts and samples, with fluidsynth.

    render.py choir|drums|pitched -o FOLDER [--minutes 50] [--seed 1]

choir: single voices; drums: a kit's hits and beats; pitched: other instruments, one note at a time
(to hear how a model takes foreign input). Needs the packages fluidsynth, fluid-soundfont-gm,
musescore-general-soundfont and, for drums, sonic-pi-samples.
"""

import argparse
import random
import subprocess
from pathlib import Path

import audio
import numpy as np
import scores

RATE = 48000
FLUID = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
MUSESCORE = Path("/usr/share/sounds/sf3/MuseScore_General.sf3")
SAMPLES = Path("/usr/share/sonic-pi/samples")

# (bank, program, lowest note, highest note): choir aahs, voice oohs, synth voice, solo vox
VOICES = [(0, 52, 41, 84), (0, 53, 41, 84), (0, 52, 41, 84), (0, 54, 41, 84), (0, 85, 45, 81)]
# guitars, bass, bowed strings, brass, reeds, flute, organ, square and saw leads
PITCHED = [24, 25, 26, 27, 33, 40, 42, 56, 57, 65, 68, 71, 73, 19, 80, 81]
KITS = [0, 8, 16, 24, 25, 32, 40, 1, 2, 3, 4, 9, 10, 17]
SAMPLE_CLASSES = {
    "kick": ["bd_*", "drum_heavy_kick", "drum_bass_*", "elec_*_kick"],
    "snare": ["sn_*", "drum_snare_*", "elec_*snare"],
    "tom": ["drum_tom_*", "elec_fuzz_tom"],
    "hat": ["drum_cymbal_closed", "drum_cymbal_pedal", "drum_cymbal_open"],
    "crash": ["drum_cymbal_hard", "drum_cymbal_soft", "drum_splash_*"],
    "percussion": ["drum_cowbell", "perc_snap*", "perc_bell*", "elec_wood", "elec_tick", "tabla_*"],
}


def fluidsynth(font: Path, midi: Path, out: Path) -> None:
    command = ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(RATE)]
    subprocess.run([*command, "-O", "s16", "-F", str(out), str(font), str(midi)], check=True)


def render_score(folder: Path, name: str, font: Path, events: list[scores.Event]) -> float:
    """Write NAME.flac, mono; returns its length in seconds."""
    midi, wave = folder / f"{name}.mid", folder / f"{name}.wav"
    scores.write_midi(midi, events)
    fluidsynth(font, midi, wave)
    sound = audio.load(wave, RATE)
    audio.save(folder / f"{name}.flac", sound / max(1.0, np.abs(sound).max()), RATE)
    midi.unlink()
    wave.unlink()
    return len(sound) / RATE


def choir(rng: random.Random, folder: Path, index: int) -> float:
    bank, number, low, high = VOICES[index % len(VOICES)]
    font = (FLUID, MUSESCORE)[index // len(VOICES) % 2]
    events = scores.program(bank, number) + scores.one_voice(rng, 60.0, low, high)
    return render_score(folder, f"{font.stem}-{number}-{index:03}", font, events)


def pitched(rng: random.Random, folder: Path, index: int) -> float:
    number = PITCHED[index % len(PITCHED)]
    low, high = (40, 60) if number == 33 else (45, 79)
    events = scores.program(0, number) + scores.one_voice(rng, 20.0, low, high)
    return render_score(folder, f"pitched-{number}-{index:03}", FLUID, events)


def drums(rng: random.Random, folder: Path, index: int) -> float:
    if index % 5 == 4:
        return sample_hits(rng, folder, index)
    kit = KITS[index % len(KITS)]
    font = (FLUID, MUSESCORE)[index // 2 % 2]
    play = scores.beat if index % 3 == 2 else scores.single_hits
    events = scores.program(0, kit, channel=9) + play(rng, 60.0)
    return render_score(folder, f"{font.stem}-kit{kit}-{index:03}", font, events)


def sample_hits(rng: random.Random, folder: Path, index: int) -> float:
    """One minute of hits from sonic-pi-samples, each at a varied speed and level."""
    out = np.zeros(61 * RATE, np.float32)
    time = 0.2
    while time < 59.0:
        patterns = SAMPLE_CLASSES[rng.choice(list(SAMPLE_CLASSES))]
        path = rng.choice(sorted(SAMPLES.glob(rng.choice(patterns) + ".flac")))
        sound = audio.load(path, round(RATE * rng.uniform(0.85, 1.2)))[: 2 * RATE]
        sound = sound / max(1e-3, np.abs(sound).max())
        for _ in range(rng.choice([1, 2, 3])):
            start = round(time * RATE)
            part = sound[: len(out) - start]
            out[start : start + len(part)] += part * rng.uniform(0.08, 0.8)
            time += rng.uniform(0.15, 0.6)
    audio.save(folder / f"samples-{index:03}.flac", out / max(1.0, np.abs(out).max()), RATE)
    return len(out) / RATE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["choir", "drums", "pitched"])
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    make = {"choir": choir, "drums": drums, "pitched": pitched}[args.what]
    seconds, index = 0.0, 0
    while seconds < args.minutes * 60:
        seconds += make(rng, args.out, index)
        index += 1
        print(f"\r{index} files, {seconds / 60:.1f} minutes", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
