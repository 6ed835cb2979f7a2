# SPDX-License-Identifier: ISC
"""Make a training set from folders of sound files.

    prepare.py FOLDER... -o SET [--rate 48000] [--seconds 2] [--valid 0.1] [--keep-noise]

Sounds are mixed to one channel, their floor of steady noise and hum is taken out, each file is
brought to one peak level, cut into pieces; silent pieces and near-duplicates are dropped. Whole
files are held out for validation (the ends of the files where there are few).
"""

import argparse
import json
import zlib
from pathlib import Path

import audio
import numpy as np
from scipy.signal import butter, istft, sosfilt, stft

SILENCE_DB = -50.0  # a piece without a moment over this is dropped
FLOOR_DB = -75.0  # a floor under this is left alone
PEAK = 0.9
FEW = 8  # files, of which none can be spared whole


def without_floor(sound: np.ndarray, rate: int) -> np.ndarray:
    """Take out rumble, and the spectrum that is there even when nothing plays."""
    sound = sosfilt(butter(2, 20.0, "highpass", fs=rate, output="sos"), sound).astype(np.float32)
    levels = audio.frame_levels(sound, 2048, 1024)
    floor = np.percentile(levels, 5)
    if floor < FLOOR_DB or floor > levels.max() - 20.0:
        return sound
    _, _, spectrum = stft(sound, nperseg=2048)
    power = np.abs(spectrum) ** 2
    quiet = power.sum(0) <= np.percentile(power.sum(0), 10)
    noise = power[:, quiet].mean(1, keepdims=True)
    gain = np.clip(1.0 - 4.0 * noise / np.maximum(power, 1e-20), 0.0, 1.0)
    return istft(spectrum * gain, nperseg=2048)[1][: len(sound)].astype(np.float32)


def cut(sound: np.ndarray, length: int, rate: int) -> list[np.ndarray]:
    """Pieces of `length` samples that are not silent; the last is filled up with silence."""
    pieces = []
    for start in range(0, len(sound), length):
        piece = sound[start : start + length]
        piece = np.pad(piece, (0, length - len(piece)))
        if audio.frame_levels(piece, rate // 50, rate // 100).max() > SILENCE_DB:
            pieces.append(piece)
    return pieces


def fingerprint(piece: np.ndarray) -> np.ndarray:
    """A coarse picture of the piece, of length 1: bands over time, level and mean taken out."""
    _, _, spectrum = stft(piece, nperseg=1024, noverlap=0)
    power = np.abs(spectrum) ** 2
    edges = np.unique(np.geomspace(1, power.shape[0], 25).astype(int))
    bands = np.log(np.add.reduceat(power[: edges[-1]], edges[:-1], axis=0) + 1e-9)
    columns = np.array_split(bands, 32, axis=1)
    picture = np.stack([column.mean(1) for column in columns], 1)
    picture = (picture - picture.mean()).ravel()
    return picture / max(np.linalg.norm(picture), 1e-9)


def unlike(files: list[tuple[str, list[np.ndarray]]]) -> list[tuple[str, list[np.ndarray]]]:
    """The files' pieces, without those nearly the same as an earlier one of any file."""
    marks = [fingerprint(piece) for _, pieces in files for piece in pieces]
    seen = np.zeros((len(marks), len(marks[0])))
    count, kept, marks_left = 0, [], iter(marks)
    for name, pieces in files:
        fresh = []
        for piece in pieces:
            mark = next(marks_left)
            if count == 0 or (seen[:count] @ mark).max() < 0.997:
                seen[count] = mark
                count += 1
                fresh.append(piece)
        kept.append((name, fresh))
    return kept


def split(files: list[tuple[str, list[np.ndarray]]], share: float) -> tuple[list, list]:
    """Files in a fixed order that does not follow their names; the first of them are held out.

    Of few files, the ends are held out.
    """
    if len(files) < FEW:
        ends = [(pieces, round(share * len(pieces))) for _, pieces in files]
        if not any(held for _, held in ends):
            longest = max(files, key=lambda file: len(file[1]))[1]
            ends = [(pieces, int(pieces is longest)) for _, pieces in files]
        train = [piece for pieces, held in ends for piece in pieces[: len(pieces) - held]]
        return train, [piece for pieces, held in ends for piece in pieces[len(pieces) - held :]]
    files = sorted(files, key=lambda file: zlib.crc32(file[0].encode()))
    wanted = share * sum(len(pieces) for _, pieces in files)
    train: list[np.ndarray] = []
    valid: list[np.ndarray] = []
    for _, pieces in files:
        (valid if len(valid) < wanted else train).extend(pieces)
    return train, valid


def prepare(
    folders: list[Path], out: Path, rate: int, seconds: float, share: float, keep_noise: bool
) -> None:
    length = round(rate * seconds)
    files, total = [], 0.0
    for path in audio.find(folders):
        sound = audio.load(path, rate)
        total += len(sound) / rate
        if not keep_noise and len(sound) > 8192:
            sound = without_floor(sound, rate)
        peak = float(np.abs(sound).max(initial=0.0))
        if peak > 1e-4:
            files.append((path.name, cut(sound * (PEAK / peak), length, rate)))
    count = sum(len(pieces) for _, pieces in files)
    if count < 2:
        raise SystemExit(f"Too little sound was found in {', '.join(map(str, folders))}.")
    train, valid = split(unlike(files), share)
    out.mkdir(parents=True, exist_ok=True)
    for name, pieces in (("train", train), ("valid", valid)):
        np.save(out / f"{name}.npy", (np.stack(pieces) * 32767.0).astype(np.int16))
    about = {
        "rate": rate,
        "seconds": seconds,
        "files": len(files),
        "minutes_found": round(total / 60, 2),
        "minutes_train": round(len(train) * seconds / 60, 2),
        "minutes_valid": round(len(valid) * seconds / 60, 2),
        "duplicates": count - len(train) - len(valid),
    }
    (out / "set.json").write_text(json.dumps(about, indent=2) + "\n")
    print("\n".join(f"{key}: {value}" for key, value in about.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--rate", type=int, default=48000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--valid", type=float, default=0.1, help="share held out")
    parser.add_argument("--keep-noise", action="store_true", help="leave the noise floor in")
    args = parser.parse_args()
    prepare(args.folders, args.out, args.rate, args.seconds, args.valid, args.keep_noise)


if __name__ == "__main__":
    main()
