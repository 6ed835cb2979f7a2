#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs the commands of a page, those in its ```sh blocks, as they stand there, and looks at what came
# of them. Usage: test_docs.sh TIMBREL PAGE MODELS [PICTURES], with TIMBREL_TORCH set. The pictures that
# the page shows are kept in the folder PICTURES.
set -eu

timbrel=$(realpath "$1") page=$(realpath "$2") models=$(realpath "$3")
pictures=${4:+$(realpath "$4")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset XDG_DATA_HOME XDG_DATA_DIRS

fail() {
    echo "test_docs.sh: $*" >&2
    exit 1
}

mkdir bin walk
# The MIDI file that a page may play: middle C and F, on the beat.
printf 'MThd\0\0\0\006\0\0\0\001\0\140MTrk\0\0\0\024\0\220\074\160\140\200\074\0\0\220\101\160\140\200\101\0\0\377\057\0' >walk/notes.mid
ln -s "$timbrel" bin/timbrel
export HOME="$work" PATH="$work/bin:$PATH" TIMBREL_MODEL_PATH="$models"

awk '/^```/ { inside = ($0 == "```sh"); next } inside' "$page" >commands
[ "$(wc -l <commands)" -gt 10 ] || fail "the page has no commands"
(cd walk && sh -eux ../commands >../out 2>../log) || fail "a command failed: $(tail -5 log)"

cd walk
for picture in $(sed -n 's/.*(compose\/\(.*\)).*/\1/p' "$page"); do
    [ -s "$picture" ] || fail "no command draws $picture"
    [ -z "$pictures" ] || cp "$picture" "$pictures/"
done
if [ "$(basename "$page")" = play.md ]; then
    /usr/bin/python3 - <<'PYTHON'
import glob, numpy, soundfile

sounds = {path: soundfile.read(path)[0] for path in glob.glob("*.wav")}
assert len(sounds) >= 8, sounds.keys()
for path, sound in sounds.items():
    assert numpy.isfinite(sound).all() and numpy.abs(sound).max() > 0.01, path
    assert sum(len(other) == len(sound) and (other == sound).all() for other in sounds.values()) == 1, path
PYTHON
    exit
fi
grep -q "^Nearest to 120 bpm: 94 rows" ../out || fail "the page tells another tempo than timbrel"
/usr/bin/python3 - <<'PYTHON'
import numpy, soundfile

sound, rate = soundfile.read("minute.wav")
seconds = len(sound) / rate
assert 55 < seconds < 65, seconds
level = 10 * numpy.log10(numpy.mean(sound**2) + 1e-20)
assert -45 < level < 0, level
# In each five seconds something is heard.
for i in range(0, len(sound) - 5 * rate, 5 * rate):
    assert numpy.abs(sound[i : i + 5 * rate]).max() > 0.01, i / rate
assert len(soundfile.read("roll.wav")[0]) > rate
PYTHON
