#!/bin/sh
# SPDX-License-Identifier: ISC
# lv2file runs faster than real time and does not say so: what it writes is what `timbrel render` writes, later by the
# latency, for which it does not make up. Usage: test_lv2file.sh TIMBREL LV2_PATH
set -eu

timbrel=$(realpath "$1")
export LV2_PATH="$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

/usr/bin/python3 - <<'PYTHON'
import numpy as np
import soundfile

noise = np.random.default_rng(1).uniform(-0.2, 0.2, 96000)
soundfile.write("in.wav", noise, 48000, "PCM_16")
PYTHON

compare() { # MODEL BLOCK
    "$timbrel" info "$1" --json --rate=48000 --block="$2" >info.json
    /usr/bin/python3 - <<'PYTHON'
import json
import numpy as np
import soundfile

latency = json.load(open("info.json"))["latency"]["total"]
here = soundfile.read("out.wav")[0]
there = soundfile.read("render.wav")[0]
assert np.abs(there).max() > 0.01, "silence"
assert len(here) == len(there) > latency
# A model's own delay is the middle of what a hop of noise changes: it differs a little with the hop, and so what the
# two take for the latency.
difference = min(np.abs(here[at:] - there[: len(here) - at]).max() for at in range(latency - 128, latency + 128))
assert difference < 1e-4, difference # 16 bits
PYTHON
}
for model in Choir Drums; do
    name=$(echo "$model" | tr CD cd)
    "$timbrel" render -m "$name" in.wav render.wav
    for block in 512 4096; do
        lv2file -i in.wav -o out.wav -b "$block" -P "$model" urn:timbrel:mono 2>log
        compare "$name" "$block"
        [ "$(grep -c "faster than real time" log)" = 1 ] || { cat log; exit 1; }
    done
done
