#!/bin/sh
# SPDX-License-Identifier: ISC
# The bundled models: small, with a card, found by name, in time, and they sound.
# Usage: test_models.sh TIMBREL MODELS GUITAR.PY, with TIMBREL_TORCH set
set -eu
timbrel=$(realpath "$1") models=$(realpath "$2") guitar=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset TIMBREL_MODEL_PATH XDG_DATA_HOME XDG_DATA_DIRS
export HOME="$work"
/usr/bin/python3 "$guitar" guitar.wav
for file in "$models"/*.ts; do
    name=$(basename "$file" .ts)
    [ -s "$models/$name.md" ] || { echo "$name has no card"; exit 1; }
    [ "$(wc -c <"$file")" -le 8388608 ] || { echo "$name is larger than 8 MB"; exit 1; }
    "$timbrel" info --json "$name" >info.json
    "$timbrel" render -m "$name" guitar.wav out.wav
    /usr/bin/python3 - "$name" <<'PYTHON'
import json, sys
import numpy, soundfile

name = sys.argv[1]
info = json.load(open("info.json"))
assert info["streaming"] and info["rate"] == 48000, f"{name}: {info['rate']} Hz"
# The file says what its latents mean; the window names them by their labels.
meant = [(each["kind"], each.get("unit")) for each in info["latent_meanings"]]
measured = ([] if name == "drums" else [("pitch", "note"), ("clearness", "")]) + [("level", "dB")]
assert meant == measured + [("normal", None)] * (8 - len(measured)), f"{name}: {meant}"
assert [label for label in info["latent_labels"] if "timbre" not in label] == [kind for kind, _ in measured]
assert len(info["latent_space"]) == 32, f"{name}: {info['latent_space']}"
dry, rate = soundfile.read("guitar.wav")
wet, _ = soundfile.read("out.wav")
assert len(wet) == len(dry)
level = 10 * numpy.log10(numpy.mean(wet**2) + 1e-20)
assert -40 < level < 0, f"{name}: {level:.1f} dB"
# Another sound than what went in, at its time: levels rise and fall together.
assert abs(numpy.corrcoef(dry, wet)[0, 1]) < 0.9, f"{name} passes the input on"
count = len(dry) // 2400
levels = [numpy.sqrt((x[: count * 2400].reshape(count, 2400) ** 2).mean(1)) for x in (dry, wet)]
together = numpy.corrcoef(*levels)[0, 1]
assert together > 0.7, f"{name}: levels go together by {together:.2f} only"
PYTHON
done
