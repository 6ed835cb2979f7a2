#!/bin/sh
# SPDX-License-Identifier: ISC
# Hosts that have neither messages nor state, and run faster than real time, play a model that is chosen by its number
# or by $TIMBREL_MODEL: what they write is what `timbrel render` writes, later by the latency.
# Usage: test_hosts.sh TIMBREL LV2_PATH
set -eu

timbrel=$(realpath "$1")
export LV2_PATH="$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" # no settings, caches or models of whoever runs this
unset TIMBREL_MODEL TIMBREL_MODEL_PATH

/usr/bin/python3 - <<'PYTHON'
import numpy as np
import soundfile

noise = np.random.default_rng(1).uniform(-0.2, 0.2, 96000)
soundfile.write("in.wav", noise, 48000, "PCM_16")
PYTHON

compare() { # HOST MODEL CHANNELS
    /usr/bin/python3 - "$@" <<'PYTHON'
import sys
import numpy as np
import soundfile

host, model, channels = sys.argv[1], sys.argv[2], int(sys.argv[3])
here = soundfile.read("out.wav", always_2d=True)[0]
there = soundfile.read(model + ".wav")[0]
assert here.shape[1] == channels, here.shape
here = here[:, 0]
assert np.abs(there).max() > 0.01, "silence"
size = 1 << 18
match = np.fft.irfft(np.fft.rfft(here, size) * np.conj(np.fft.rfft(there, size)))
latency = int(np.argmax(match))
assert 0 < latency < 16384, f"{host} plays something else"
end = min(len(here) - latency, len(there))
difference = np.abs(here[latency : latency + end] - there[:end]).max()
assert difference < 1e-4, f"{host}: differs by {difference}" # 16 bits
PYTHON
}
for model in choir drums; do
    "$timbrel" render -m "$model" in.wav "$model.wav"
done

# Two colons and two levels of quoting: ffmpeg's filter graph, and the filter's own options.
ffmpeg -loglevel error -y -i in.wav -af 'lv2=p=urn\\:timbrel\\:mono:c=model=2' out.wav
compare ffmpeg drums 1
TIMBREL_MODEL=choir ffmpeg -loglevel error -y -i in.wav -af 'lv2=p=urn\\:timbrel\\:mono' out.wav
compare ffmpeg choir 1

for block in 512 4096; do
    lv2file -i in.wav -o out.wav -b "$block" -P Choir urn:timbrel:mono 2>log
    compare lv2file choir 1
    [ "$(grep -c "faster than real time" log)" = 1 ] || { cat log; exit 1; }
done

# It has no urid:map, and starts every control at 0: all are given, what the plugin tells included, in the ports' order.
zeros() {
    printf ',0%.0s' $(seq "$1")
}
numbers="1$(zeros 19),1,0,10,22000$(zeros 10),100,0,1,0,0,0,100,100$(zeros 16)$(zeros 16 | tr 0 1),2"
rm out.wav
ecasound -q -D -f:s16_le,1,48000 -i in.wav -o out.wav "-elv2:urn:timbrel:mono,$numbers" >log 2>&1
compare ecasound drums 1

# GStreamer takes each control of a port group for an audio channel (docs/hosts.md): no more can be asked of it than to
# list the plugin and its presets.
GST_REGISTRY="$work/registry" gst-inspect-1.0 urn-timbrel-mono >log 2>&1
grep -q '"Choir"' log || { cat log; exit 1; }
