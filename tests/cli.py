#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What test_cli.sh makes and looks at in its folder. Usage: cli.py FUNCTION [ARGUMENT...]"""
import json as json_format
import struct
import sys

import numpy as np
import soundfile


def wave(rate, channels, seconds):
    """Sines, other ones in each channel, at most 8 kHz: the same at any rate; fades at both ends."""
    t = np.arange(int(np.ceil(seconds * rate)))[:, None] / rate
    c = np.arange(channels)[None, :]
    x = sum(0.08 * np.sin(2 * np.pi * (f * (1 + 0.11 * c)) * t + f) for f in (97, 611, 1543, 5003))
    return x * np.clip(np.minimum(t, seconds - t) * 20, 0, 1)


def load(path):
    return soundfile.read(path, always_2d=True)


def make(*arguments):
    """FILE RATE CHANNELS SECONDS."""
    rate = int(arguments[1])
    data = wave(rate, int(arguments[2]), float(arguments[3]))
    soundfile.write(arguments[0], data, rate, subtype="FLOAT")


def check(*arguments):
    """FILE RATE CHANNELS SECONDS TOLERANCE [SECONDS OF TAIL]."""
    data, rate = load(arguments[0])
    want = wave(int(arguments[1]), int(arguments[2]), float(arguments[3]))
    tail = int(round(float(arguments[5]) * rate)) if len(arguments) > 5 else 0
    want = np.concatenate([want, np.zeros((tail, want.shape[1]))])
    assert rate == int(arguments[1]), rate
    assert data.shape == want.shape, (data.shape, want.shape)
    error = np.abs(data - want).max()
    assert error <= float(arguments[4]), error


def shape(*arguments):
    """FILE RATE CHANNELS FRAMES."""
    data, rate = load(arguments[0])
    assert (rate, data.shape[1], data.shape[0]) == tuple(map(int, arguments[1:])), (rate, data.shape)


def gain(*arguments):
    """OUT IN FROM TO DECIBEL TOLERANCE: level of OUT against IN, times in seconds."""
    data, rate = load(arguments[0])
    other, _ = load(arguments[1])
    part = slice(int(float(arguments[2]) * rate), int(float(arguments[3]) * rate))
    level = 20 * np.log10(np.sqrt((data[part] ** 2).mean() / (other[part] ** 2).mean()))
    assert abs(level - float(arguments[4])) < float(arguments[5]), level


def head(*arguments):
    """FILE RATE CHANNELS MASK FRAMES [FRAMES SAID]: a WAV with a head of one's own."""
    rate, channels, mask, frames = map(int, arguments[1:5])
    size = 2 * channels * (int(arguments[5]) if len(arguments) > 5 else frames)
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    form = struct.pack("<HHIIHHHHI", 0xfffe, channels, rate, 2 * channels * rate & 0xffffffff, 2 * channels, 16, 22, 16, mask) + guid
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    sound = np.full(channels * frames, 999, "<i2").tobytes()
    open(arguments[0], "wb").write(b"RIFF" + struct.pack("<I", len(head) + size) + head + sound)


def mask(*arguments):
    """FILE MASK, 0 where the head has none."""
    head = open(arguments[0], "rb").read(256)
    at = head.index(b"fmt ") + 8
    tag, = struct.unpack_from("<H", head, at)
    mask = struct.unpack_from("<I", head, at + 20)[0] if tag == 0xfffe else 0
    assert mask == int(arguments[1]), (tag, mask)


def format(*arguments):
    """FILE FORMAT SUBTYPE."""
    info = soundfile.info(arguments[0])
    assert (info.format, info.subtype) == arguments[1:], (info.format, info.subtype)


def noise(path):
    x = 0.2 * np.random.default_rng(3).standard_normal(24064)
    soundfile.write(path, x, 48000, subtype="FLOAT")


def click(path):
    soundfile.write(path, np.repeat([0, 0.5, 0], [20000, 20, 8000]), 48000, subtype="FLOAT")


def click_begins(path):
    """Where it must; standard input is the model's `info --json`."""
    delay = round(json_format.load(sys.stdin)["delay"])
    begin = np.nonzero(abs(soundfile.read(path)[0]) > 1e-6)[0][0]
    assert delay <= 512 and begin == 20000 // 512 * 512 - delay, (delay, begin)


def as_in_pytorch(*paths):
    """Each model's NAME.out.wav is what PyTorch makes of beside.wav."""
    import torch

    torch.set_num_threads(1)
    torch.backends.quantized.engine = "qnnpack"
    sound, rate = soundfile.read("beside.wav", dtype="float32")
    for path in paths:
        name = path.split("/")[-1]
        model = torch.jit.load(path + ".ts", map_location="cpu")
        with torch.no_grad():
            hops = torch.from_numpy(sound).reshape(-1, 1, 1, 512)
            right = np.concatenate([model.decode(model.encode(hop).float())[0, 0] for hop in hops])
        heard = soundfile.read(name + ".out.wav", dtype="float32")[0]
        size = 14000
        error = min(np.abs(heard[:size] - right[k : k + size]).max() for k in range(5000))
        most = 2e-3 if name == "quantised" else 1e-4  # a step of its numbers, where rounding decides
        assert np.abs(right).max() > 0.05 and error < most, f"{name}: {error} off PyTorch"


def method(name, dry, wet):
    """wet is what the method of the effects fixture makes of dry."""
    before, after = (soundfile.read(name, always_2d=True)[0] for name in (dry, wet))
    left, right = before[:, 0], before[:, -1]
    want = {
        "dry": before,
        "invert": -before,
        "saturate": np.tanh(4 * before),
        "midside": np.stack([(left + right) / 2, (left - right) / 2], 1),
        "swap": np.stack([right, left], 1),
    }[name]
    want = want[:, : after.shape[1]]
    wrong = np.abs(after[: len(want)] - want).max()
    assert np.abs(want).max() > 0.1 and wrong < 1e-4, f"{name} {wet}: {wrong} beside what is right"


def wide(path):
    x = soundfile.read(path)[0]
    assert x.shape[1] == 2 and abs(x[:, 0] - x[:, 1]).max() > 0.01


def silence(path, length, channels="1"):
    """FILE SECONDS|OTHER [CHANNELS]: so long, or as long as the other file."""
    count = int(float(length) * 48000) if length[0].isdigit() else len(load(length)[0])
    soundfile.write(path, np.zeros((count, int(channels))), 48000, subtype="FLOAT")


def alike(path):
    """All channels sound the same."""
    x = load(path)[0]
    assert x.shape[1] > 1 and np.abs(x).max() > 0.1 and np.abs(x - x[:, :1]).max() < 1e-5


def rows(*arguments):
    """FILE.npy ROWS LATENTS SEED: random rows."""
    count, latents, seed = map(int, arguments[1:])
    np.save(arguments[0], np.random.default_rng(seed).standard_normal((count, latents)))


def steps(*arguments):
    """FILE.npy ROWS LATENTS: row i is i + 1 in its first latent, and 0 in the others."""
    count, latents = map(int, arguments[1:])
    np.save(arguments[0], np.arange(1.0, count + 1)[:, None] * (np.arange(latents) == 0))


def same(*arguments):
    """OUT WANT TOLERANCE [SECONDS]: the two are alike, but for the first seconds."""
    (a, rate), (b, _) = load(arguments[0]), load(arguments[1])
    skip = int(float(arguments[3]) * rate) if len(arguments) > 3 else 0
    assert len(a) == len(b) > skip, (a.shape, b.shape)
    error = np.abs(a - b)[skip:].max()
    assert np.abs(b[skip:]).max() > 0.01 and error <= float(arguments[2]), error


def period(*arguments):
    """FILE SAMPLES [SECONDS]: repeats itself exactly after so many, but after no fewer; from there on."""
    (x, rate), n = load(arguments[0]), int(arguments[1])
    x = x[int(float(arguments[2]) * rate) if len(arguments) > 2 else 0 :, 0]
    assert len(x) >= 2 * n and np.abs(x[n:] - x[:-n]).max() < 1e-4, np.abs(x[n:] - x[:-n]).max()
    for part in range(2, 8):
        k = n // part
        assert np.abs(x[k:] - x[:-k]).max() > 0.01, part


def on_beat(*arguments):
    """LATENTS.npy RATE ROWS BPM BEATS: a loop of steps, sharp to a frame to the end."""
    first = np.load(arguments[0])[:, 0]
    rate, count, bpm, beats = map(float, arguments[1:])
    for moved in (-1, 0, 1):  # frames
        phase = (np.arange(len(first)) + moved) / rate * bpm / 60 / beats % 1 * count
        row = np.floor(phase).astype(int)
        want = 1 + row + (phase - row) * ((row + 1) % count - row)
        error = np.abs(first - want)
        error = error[(phase % count < count - 1)]  # where it does not jump back
        if moved == 0:
            assert error[3:].max() < 1e-2, (error.argmax(), error.max())
        else:
            assert error[3:].min() > 1e-3, moved


def length(number):
    data = bytes([number & 127])
    while number := number >> 7:
        data = bytes([number & 127 | 128]) + data
    return data


def midi(path, *events):
    """FILE TICK:HEX...: a MIDI file with two tracks, of 480 ticks a beat; tempi and meters go into the first."""
    tracks = [b"", b""]
    last = [0, 0]
    for event in events:
        tick, data = int(event.split(":")[0]), bytes.fromhex(event.split(":")[1])
        which = data[0] != 0xff
        tracks[which] += length(tick - last[which]) + data
        last[which] = tick
    chunks = [track + b"\0\xff\x2f\0" for track in tracks]
    head = b"MThd" + struct.pack(">IHHH", 6, 1, 2, 480)
    open(path, "wb").write(head + b"".join(b"MTrk" + struct.pack(">I", len(c)) + c for c in chunks))


def changes(*arguments):
    """OUT OTHER SECONDS [SECONDS]: differ from there on (to there), to a frame of 512 samples."""
    (a, rate), (b, _) = load(arguments[0]), load(arguments[1])
    places = np.nonzero(np.abs(a - b).max(1) > 1e-5)[0]
    begin = float(arguments[2]) * rate
    assert begin - 512 < places[0] < begin + 512, (places[0], begin)
    if len(arguments) > 3:
        end = float(arguments[3]) * rate
        assert end - 512 < places[-1] < end + 512, (places[-1], end)


def json(expression):
    """The expression on `j`, the JSON on standard input."""
    j = json_format.load(sys.stdin)
    assert eval(expression, {"j": j}), j


globals()[sys.argv[1]](*sys.argv[2:])
