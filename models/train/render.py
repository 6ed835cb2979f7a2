# SPDX-License-Identifier: ISC
"""Render the bundled models' sounds from Debian's sound fonts and samples, with fluidsynth.

    render.py choir|strings|winds|drums|pitched|kinds -o FOLDER [--minutes 50] [--seed 1]

choir: single voices; strings: ensembles and solo bows; winds: flutes and reeds; drums: a kit's hits
and beats; pitched: other instruments, one note at a time (to hear how a model takes foreign input);
kinds: all of a third sound font, for `train_listener.py`.
Needs the packages fluidsynth, fluid-soundfont-gm, musescore-general-soundfont; for drums
sonic-pi-samples; for kinds timgm6mb-soundfont.
"""

import argparse
import random
import subprocess
from functools import partial
from pathlib import Path

import audio
import numpy as np
import scores

RATE = 48000
FLUID = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
MUSESCORE = Path("/usr/share/sounds/sf3/MuseScore_General.sf3")
TIM = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
SAMPLES = Path("/usr/share/sonic-pi/samples")

# (program, lowest note, highest note), of which each is as frequent as it is listed
VOICES = {
    # aahs, oohs, synth voice, solo vox
    "choir": [(52, 41, 84), (53, 41, 84), (52, 41, 84), (54, 41, 84), (85, 45, 81)],
    # ensembles, fast and slow; violin, viola, cello
    "strings": [(48, 36, 88), (49, 36, 88), (48, 36, 88), (40, 55, 91), (41, 48, 81), (42, 36, 74)],
    # flute, recorder, pan flute, clarinet, oboe, soprano and alto saxophone
    "winds": [
        (73, 60, 91),
        (74, 60, 88),
        (75, 58, 84),
        (71, 50, 86),
        (68, 58, 84),
        (64, 56, 86),
        (65, 49, 80),
    ],
}
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


def voice(rng: random.Random, folder: Path, index: int, name: str) -> float:
    table = VOICES[name]
    number, low, high = table[index % len(table)]
    font = (FLUID, MUSESCORE)[index // len(table) % 2]
    events = scores.program(0, number) + scores.one_voice(rng, 60.0, low, high)
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


def kinds(rng: random.Random, folder: Path, index: int) -> float:
    """Two programs, then one class of a kit, all in turn; a file's name begins with its kind."""
    turn, place = divmod(index, 3)
    if place == 2:
        number = turn % len(scores.KIT)
        name = list(scores.KIT)[number]
        events = scores.program(0, 0, channel=9) + scores.single_hits(rng, 12.0, [name])
        return render_score(folder, f"{16 + number:02}-{name}-{index:03}", TIM, events)
    program = (2 * turn + place) * 17 % 128  # families of eight, by turns
    events = scores.program(0, program) + scores.one_voice(rng, 8.0, 40, 84)
    return render_score(folder, f"{program // 8:02}-{program:03}-{index:03}", TIM, events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=[*VOICES, "drums", "pitched", "kinds"])
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    make = {"drums": drums, "pitched": pitched, "kinds": kinds}
    make.update((name, partial(voice, name=name)) for name in VOICES)
    seconds, index = 0.0, 0
    while seconds < args.minutes * 60:
        seconds += make[args.what](rng, args.out, index)
        index += 1
        print(f"\r{index} files, {seconds / 60:.1f} minutes", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
