#!/bin/sh
# SPDX-License-Identifier: ISC
# Usage: test_cli.sh TIMBREL FIXTURES NOFLOCK [CASE...], with TIMBREL_TORCH set or timbrel-torch in its place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cases.sh"

timbrel=$(realpath "$1")
fixtures=$(realpath "$2")
noflock=$(realpath "$3")
manual=$(realpath "$here/../cli/timbrel.1")
shift 3
export TIMBREL_MODEL_PATH="$fixtures"

# Runs a command that must fail with the status, in one sentence that the pattern matches.
refused() {
    status=$1 pattern=$2 actual=0
    shift 2
    "$@" >stdout 2>stderr || actual=$?
    [ "$actual" = "$status" ] || fail "status $actual, not $status: $* ($(cat stderr))"
    [ "$(wc -l <stderr)" = 1 ] || fail "not one line: $* ($(cat stderr))"
    grep -q "^timbrel: .*\.\$" stderr || fail "no sentence: $* ($(cat stderr))"
    grep -q -- "$pattern" stderr || fail "no \"$pattern\": $* ($(cat stderr))"
    [ ! -s stdout ] || fail "stdout: $*"
}

misused() {
    actual=0
    "$@" >stdout 2>stderr || actual=$?
    [ "$actual" = 2 ] || fail "status $actual, not 2: $*"
    grep -q -- "--help" stderr || fail "no way to help: $* ($(cat stderr))"
}

audio() {
    /usr/bin/python3 "$here/cli.py" "$@" || fail "cli.py $*"
}
json() {
    /usr/bin/python3 "$here/cli.py" json "$1" || fail "JSON: $1"
}
render() {
    "$timbrel" render "$@" || fail "render $*"
}

make_inputs() {
    audio make mono.wav 48000 1 0.7
    audio make stereo.wav 48000 2 0.7
    audio make six.wav 48000 6 0.3
}

check_left() {
    [ ! -e x.wav ] || fail "a failed render left its output"
    [ -z "$(find . -name '.timbrel-*')" ] || fail "a temporary file is left"
}

# Help and usage.
case_usage() {
    "$timbrel" --help | grep -q "^  render " || fail "--help"
    "$timbrel" --version | grep -q "^timbrel [0-9]" || fail "--version"
    for command in info render encode decode stats generate arrange tempo models controls compile bench; do
        "$timbrel" $command --help >help
        grep -q "^Usage: timbrel $command " help || fail "$command --help"
        for option in $(grep -o -- '--[a-z][a-z-]*' help | sort -u | grep -vx -e --help -e --usage -e --version); do
            grep -q -- "Fl ${option#-}" "$manual" || fail "the manual knows no $option of $command"
        done
    done
    misused "$timbrel"
    misused "$timbrel" sing
    misused "$timbrel" info
    misused "$timbrel" render -m codec in.wav
    misused "$timbrel" render --no-such-option
    misused "$timbrel" bench codec --hops=0
    misused "$timbrel" bench codec --lanes=9
    misused "$timbrel" bench codec --lanes=2 --instances
}

# What is known of models.
case_models() {
    "$timbrel" models >list
    grep -q "^codec	$fixtures/codec.ts\$" list || fail "models"
    "$timbrel" models --json | json '[m for m in j if m["name"] == "codec_stereo"]'
    TIMBREL_MODEL_PATH=/nowhere "$timbrel" models --json | json 'not [m for m in j if m["name"] == "codec"]'
    "$timbrel" controls --json | json '[c["minimum"] for c in j if c["symbol"] == "output_gain"] == [-24]'
    "$timbrel" info codec --json >info.json
    json 'j["name"] == "codec" and j["rate"] == 48000 and j["rate_known"] and j["latents"] == 8' <info.json
    json 'j["hop"] >= 512 and j["streaming"] and not j["discrete"] and j["backend"]' <info.json
    json '{m["name"] for m in j["methods"]} >= {"encode", "decode"}' <info.json
    json 'j["latency"]["total"] == sum(j["latency"][p] for p in ("hop", "context", "resampler", "deadline",
        "model")) - j["latency"]["alignment"] and j["latency"]["total"] > 0' <info.json
    "$timbrel" info codec_delay --json | json 'round(j["delay"]) == 137'
    "$timbrel" info codec_norate --assume-rate=32000 --json | json 'j["rate"] == 32000 and not j["rate_known"]'
    "$timbrel" info codec --rate=44100 --json | json '0 < j["latency"]["resampler"] < 0.8e-3 * 44100'
    "$timbrel" info codec --dual --json | json 'j["dual_hop_seconds"] > 0 and j["latency"]["dual"]'
    "$timbrel" info codec | grep -q "for two channels side by side" || fail "two channels"
    "$timbrel" info attributes --json |
        json '[a["value"] for a in j["attributes"] if a["name"] == "voices"] == ["4"]'
    "$timbrel" info codec | grep -q "^  Rate  *48000 Hz, as the file says" || fail "info"
    "$timbrel" bench codec --hops=8 --json |
        json '0 < j["median_seconds"] <= j["p99_seconds"] <= j["maximum_seconds"] and j["private_bytes"] > 1e6'
}

# What a model takes is measured once: the figure that is kept decides on the latency, until it is measured anew.
case_costs() {
    kept() {
        XDG_CACHE_HOME=$PWD/slow "$timbrel" info codec --json "$@" | json "$check"
    }
    check='j["hop_seconds"] < 0.01' kept
    costs=$(echo slow/timbrel/*.costs)
    sed -i '2,$s/ [0-9]*$/ 12/' "$costs" # 10.24 of 10.67 ms, but longer calls this model refuses
    check='round(1e6 * j["hop_seconds"]) == 10240 and j["latency"]["deadline"] >= 512' kept
    check='j["hop_seconds"] < 0.008' kept --measure
    grep -q '^1 [0-9]* 12$' "$costs" && fail "measured anew, but not kept"
    echo nonsense >"$costs"
    check='j["hop_seconds"] < 0.01' kept
}

# The codec gives back what went in, to the sample: at its rate, at others, for any channel count.
case_codec() {
    for rate in 48000 44100 96000; do
        tolerance=1e-3
        [ $rate != 48000 ] || tolerance=1e-5
        audio make in.wav $rate 1 0.7
        render -m codec in.wav out.wav
        audio check out.wav $rate 1 0.7 $tolerance
    done
    render -m codec_delay mono.wav out.wav
    audio check out.wav 48000 1 0.7 1e-5
    # So does one that loses most of the sound, or that follows it slowly: what a click changes begins
    # with the click's frame, less the delay that is told, which is no longer than that frame.
    audio click click.wav
    for model in small turns in_buffer; do
        render -m $model click.wav out.wav
        "$timbrel" info $model --json | audio click_begins out.wav || fail "$model is out of line"
    done
    render -m codec -c stereo="dual mono" stereo.wav out.wav
    audio check out.wav 48000 2 0.7 1e-5
    render -m codec_stereo stereo.wav out.wav
    # One that plays no two lanes says so; one with two channels out is heard in stereo.
    "$timbrel" render --backend=torch -m codec_nobatch stereo.wav none.wav 2>stderr
    grep -q "codec_nobatch does not play two channels side by side" stderr || fail "nothing about dual mono"
    "$timbrel" render -m rave_mono_to_stereo stereo.wav wide.wav
    audio wide wide.wav
    audio check out.wav 48000 2 0.7 1e-5
    render -m codec six.wav out.wav
    audio check out.wav 48000 6 0.3 1e-5
    render -m codec --tail=0.25 mono.wav out.wav
    audio check out.wav 48000 1 0.7 1e-5 0.25
    render -m codec --rate=44100 mono.wav out.wav
    audio check out.wav 44100 1 0.7 1e-3
}

# Formats.
case_formats() {
    render -m codec mono.wav out.flac
    audio check out.flac 48000 1 0.7 1e-5
    audio format out.flac FLAC PCM_24
    render -m codec out.flac out.aiff
    audio check out.aiff 48000 1 0.7 1e-5
    render -m codec mono.wav out.ogg
    audio shape out.ogg 48000 1 33600
    audio format out.ogg OGG VORBIS
    render -m codec --format=pcm16 mono.wav out.wav
    audio check out.wav 48000 1 0.7 1e-4
    audio format out.wav WAV PCM_16
    "$timbrel" render -m codec --format=pcm16 -c output_gain=24 mono.wav loud.wav 2>stderr
    grep -q "^timbrel: [1-9][0-9]* samples were over full scale" stderr || fail "clipping is not said"
}

# Whatever remembers, counts, or computes in its own way sounds as in PyTorch, from its first sample.
case_as_in_pytorch() {
    audio noise beside.wav
    foreign="in_list in_tuple in_queue in_text in_numbers clock turns int_codes quantised saved_on_mps"
    for name in $foreign; do
        render -m $name beside.wav $name.out.wav
    done
    audio as_in_pytorch $(for name in $foreign; do echo "$fixtures/$name"; done)
    "$timbrel" info clock | grep -q "libtorch: it counts in clock" || fail "clock: not told why"
    "$timbrel" info chance_randint | grep -q "Randomness  *of a kind" || fail "chance_randint: no randomness is told"
    refused 1 "asks for a graphics processor" "$timbrel" info device_in_code
}

# Which loudspeaker a channel is for is kept, or its loss is said.
case_loudspeakers() {
    audio head quad.wav 48000 4 51 100
    audio head six.wav 48000 6 63 100
    for file in quad:51 six:63; do
        for ending in wav caf aiff rf64; do
            render -m codec ${file%:*}.wav placed.$ending
            render -m codec placed.$ending back.wav 2>stderr
            audio mask back.wav ${file#*:}
        done
        render -m codec - - <${file%:*}.wav | cat >back.wav
        audio mask back.wav ${file#*:}
    done
    render -m codec quad.wav placed.flac 2>stderr
    grep -q "which loudspeaker" stderr || fail "lost places are not said"
    render -m codec mono.wav out.wav
    audio mask out.wav 0
}

# Heads that cannot be true, and what no file can hold.
case_heads() {
    for rate in 1 2 999 768001 2147483647; do
        audio head rate.wav $rate 1 4 100
        refused 1 "$rate Hz.*1000 to 768000" "$timbrel" render -m codec rate.wav x.wav
        refused 1 "$rate Hz.*1000 to 768000" "$timbrel" render -m codec --rate=48000 rate.wav x.wav
    done
    for behind in 0 100; do
        audio head recorder.wav 48000 1 4 $behind 0
        refused 1 "recorder.wav.* holds no sound" "$timbrel" render -m codec recorder.wav x.wav
        refused 1 "holds no sound" "$timbrel" render -m codec --rate=44100 - x.wav <recorder.wav
    done
    refused 1 "4 GiB.*AIFF" "$timbrel" render -m codec --tail=6000 --format=double stereo.wav x.aiff
    : >empty.wav
    refused 1 "empty.wav" "$timbrel" render -m codec empty.wav out2.wav
}

# The same again is the same file; the seed counts.
case_seeds() {
    render -m rave_v1 --seed=3 mono.wav one.wav
    render -m rave_v1 --seed=3 mono.wav two.wav
    render -m rave_v1 --seed=4 mono.wav three.wav
    cmp one.wav two.wav || fail "two renders differ"
    ! cmp -s one.wav three.wav || fail "the seed changes nothing"
}

# Controls.
case_controls() {
    render -m codec -c output_gain=-6 mono.wav out.wav
    audio gain out.wav mono.wav 0.2 0.5 -6 0.1
    printf '\357\273\277seconds,value\r\n# comment\n\n0,0\r\n 0.6 , -24 \n' >gain.csv
    # At its time in the output, whatever the latency; the effect smoothes over 20 ms, here up to 1 dB.
    for model in codec codec_r16384; do
        render -m $model --automate output_gain=gain.csv mono.wav out.wav
        audio gain out.wav mono.wav 0.145 0.155 -6 1.5
        audio gain out.wav mono.wav 0.445 0.455 -18 1.5
    done
    printf '0,1\n0.35,0\n' >switch.csv # A switch has no values in between
    render -m codec --automate enabled=switch.csv -c output_gain=-12 mono.wav out.wav
    audio gain out.wav mono.wav 0.1 0.34 -12 0.1
    audio gain out.wav mono.wav 0.4 0.6 0 0.1
    printf '0,0\n0.1,30\n' >high.csv
    printf '0.2,0\n0.1,3\n' >unsorted.csv
    printf '0,0\nnonsense\n' >nonsense.csv
    printf '# nothing\n' >nothing.csv
    refused 1 "high.csv, line 2: .*output_gain" "$timbrel" render -m codec --automate output_gain=high.csv mono.wav x.wav
    refused 1 "unsorted.csv, line 2" "$timbrel" render -m codec --automate mix=unsorted.csv mono.wav x.wav
    refused 1 "nonsense.csv, line 2" "$timbrel" render -m codec --automate mix=nonsense.csv mono.wav x.wav
    refused 1 "nothing.csv" "$timbrel" render -m codec --automate mix=nothing.csv mono.wav x.wav
    refused 1 "missing.csv" "$timbrel" render -m codec --automate mix=missing.csv mono.wav x.wav
    refused 2 "timing" "$timbrel" render -m codec --automate timing=gain.csv mono.wav x.wav
    refused 2 "\"loudness\"" "$timbrel" render -m codec -c loudness=3 mono.wav x.wav
    refused 2 "mix.*0 to 100" "$timbrel" render -m codec -c mix=101 mono.wav x.wav
    refused 2 "mix" "$timbrel" render -m codec -c mix=nan mono.wav x.wav
    refused 2 "freeze.*whole" "$timbrel" render -m codec -c freeze=0.5 mono.wav x.wav
    refused 2 "symbol=value" "$timbrel" render -m codec -c mix mono.wav x.wav
}

# Rows of a file in place of the sound's latents.
case_rows() {
    audio rows rows.npy 70 8 1
    "$timbrel" decode -m codec -o decoded.wav rows.npy
    audio silence as_long.wav decoded.wav
    rows() { # OUT OPTION...
        out=$1
        shift
        render -m codec -c source=rows "$@" as_long.wav $out
    }
    rows out.wav --rows=rows.npy
    audio same out.wav decoded.wav 1e-4
    # From a sound file of latents, too, and in each channel.
    "$timbrel" arrange concat rows.npy -o rows.wav
    rows again.wav --rows=rows.wav --block=17
    cmp out.wav again.wav || fail "rows from a sound file"
    audio silence quiet_six.wav 1 6
    render -m codec --rows=rows.npy -c source=rows quiet_six.wav in_six.wav
    audio alike in_six.wav
    render -m codec --rows=rows.npy -c source=rows -c blend=0 mono.wav out.wav
    audio check out.wav 48000 1 0.7 1e-5
    "$timbrel" render -m codec -c source=rows mono.wav out.wav 2>stderr
    grep -q "^timbrel: The source is rows, and there are none: .*\.$" stderr || fail "no rows, but nothing said"
    # What cannot be played ends the command.
    audio rows other.npy 20 5 1
    refused 1 "other.npy.* 5 latents" "$timbrel" render -m codec --rows=other.npy mono.wav x.wav
    refused 1 "missing.npy" "$timbrel" render -m codec --rows=missing.npy mono.wav x.wav
    echo nonsense >nonsense.npy
    refused 1 "nonsense.npy" "$timbrel" render -m codec --rows=nonsense.npy mono.wav x.wav
    "$timbrel" encode -m codec -o made_by_codec.npy mono.wav
    refused 1 "made_by_codec.npy" "$timbrel" render -m rave_v1 --rows=made_by_codec.npy mono.wav x.wav
}

# A loop lasts so many beats of the transport, --tempo's or a MIDI file's.
case_beats() {
    audio rows rows.npy 25 8 1
    audio silence quiet.wav 4
    beats() { # OUT OPTION...
        out=$1
        shift
        render -m codec --rows=rows.npy -c source=rows -c beat_lock=1 -c rows_beats=2 "$@" quiet.wav $out
    }
    beats out.wav --tempo=150
    audio period out.wav 38400 # 75 frames
    audio midi fast.mid 0:ff5103061a80
    beats again.wav --midi=fast.mid
    cmp out.wav again.wav || fail "a MIDI file's tempo"
    beats again.wav --midi=fast.mid --tempo=75 -c rows_beats=1
    cmp out.wav again.wav || fail "--tempo counts before a MIDI file's"
    beats again.wav -c tempo=150
    audio same out.wav again.wav 1e-3
    # Twice as fast from second 2 on, which is beat 5.
    audio midi faster.mid 0:ff5103061a80 2400:ff5103030d40
    beats out.wav --midi=faster.mid --block=5
    beats again.wav --midi=faster.mid
    cmp out.wav again.wav || fail "beats depend on blocks"
    beats steady.wav --midi=fast.mid
    audio changes out.wav steady.wav 2
    # No drift, at a tempo that fits nothing.
    audio silence long.wav 120
    audio steps steps.npy 16 8
    render -m codec --rows=steps.npy -c source=rows -c beat_lock=1 -c rows_beats=4 --tempo=97.3 long.wav out.wav
    "$timbrel" encode -m codec -o heard.npy out.wav
    audio on_beat heard.npy 93.75 16 97.3 4
    for tempo in 0 1001 fast 120, 120,0 ,4 nan; do
        misused "$timbrel" render -m codec --tempo=$tempo mono.wav x.wav
    done
}

# Notes of a MIDI file play points, each at its frame.
case_midi() {
    audio rows points.npy 3 8 1
    midi() { # OUT OPTION...
        out=$1
        shift
        render -m codec --points=points.npy -c source=points -c glide=0 "$@" mono.wav $out
    }
    midi none.wav
    audio check none.wav 48000 1 0.7 1e-5
    # 120 beats a minute: second 0.2 to 0.5.
    audio midi note.mid 192:903c7f 480:803c00
    midi note.wav --midi=note.mid
    audio changes note.wav none.wav 0.2 0.5
    # As many notes as there are, in all channels; blocks change nothing, nor does a pipe.
    audio midi notes.mid 96:903c50 192:913e7f 200:e00030 201:b00160 300:813e00 301:903d01 302:803d00 600:803c00
    midi out.wav --midi=notes.mid
    for block in 1 7 63; do
        midi again.wav --midi=notes.mid --block=$block
        cmp out.wav again.wav || fail "notes depend on blocks of $block"
    done
    midi other.wav --midi=note.mid
    ! cmp -s out.wav other.wav || fail "other notes, the same sound"
    # By the file's tempo map: beat 1 at 60, then at 240: second 1, then 1.0625.
    audio silence quiet.wav 2
    audio midi map.mid 0:ff51030f4240 480:ff510303d090 600:903c7f
    render -m codec --points=points.npy -c source=points -c glide=0 quiet.wav none.wav
    render -m codec --points=points.npy -c source=points -c glide=0 --midi=map.mid quiet.wav out.wav
    audio changes out.wav none.wav 1.0625
    # At another rate, for six channels.
    render -m codec --points=points.npy -c source=points -c glide=0 --midi=note.mid --rate=44100 six.wav other.wav
    render -m codec --points=points.npy -c source=points -c glide=0 --rate=44100 six.wav none.wav
    audio changes other.wav none.wav 0.2
    # The model stays.
    audio midi program.mid 0:c001 192:903c7f 480:803c00
    midi out.wav --midi=program.mid 2>stderr
    grep -q "program.mid.* passed over" stderr || fail "a program is passed over, but nothing said"
    cmp out.wav note.wav || fail "a program changes the sound"
    head -c 40 notes.mid >cut.mid
    refused 1 "cut.mid.*middle of a track" "$timbrel" render -m codec --midi=cut.mid mono.wav x.wav
    refused 1 "mono.wav.*no Standard MIDI File" "$timbrel" render -m codec --midi=mono.wav mono.wav x.wav
    refused 1 "missing.mid" "$timbrel" render -m codec --midi=missing.mid mono.wav x.wav
    audio rows many.npy 129 8 1
    refused 1 "many.npy.* 129 rows" "$timbrel" render -m codec --points=many.npy mono.wav x.wav
}

# Switches that are pressed at times.
case_presses() {
    # What is heard when it is stored plays from the note on.
    audio midi note.mid 384:903c7f # Second 0.4
    press() { # OUT OPTION...
        out=$1
        shift
        render -m codec -c source=points -c glide=0 --midi=note.mid "$@" mono.wav $out
    }
    press none.wav
    audio check none.wav 48000 1 0.7 1e-5
    press out.wav --press=store=0.3
    audio changes out.wav none.wav 0.4
    press other.wav --press=store=0.2
    ! cmp -s out.wav other.wav || fail "stored at another time, but the same"
    press again.wav --press=store=0.3 --block=3
    cmp out.wav again.wav || fail "a press depends on blocks"
    # The bar that ended last goes round: 80 frames, those before second 1.707.
    audio make long.wav 48000 1 6
    keep() {
        out=$1
        shift
        render -m codec -c source=rows -c keep_bars="1 bar" --tempo=281.25 "$@" long.wav $out
    }
    keep out.wav --press=keep=2.3
    keep again.wav --press=keep=2.3 --block=11
    cmp out.wav again.wav || fail "keep depends on blocks"
    render -m codec long.wav none.wav
    audio changes out.wav none.wav 2.3
    audio period out.wav 40960 2.5
    keep undone.wav --press=keep=2.3 --press=keep=3
    audio same undone.wav none.wav 1e-5 3.2 # Faded to within a tenth of a second
    ! cmp -s undone.wav none.wav || fail "what was undone was never done"
    "$timbrel" render -m codec --press=store=60 mono.wav late.wav 2>stderr
    grep -q "^timbrel: store was not pressed at 60 seconds: .*\.$" stderr || fail "a press after the end is not told"
    "$timbrel" render -m codec --press=add=0.3 mono.wav vain.wav 2>stderr
    grep -q "^timbrel: There are no rows to add to" stderr || fail "an add without rows is not told"
    refused 2 "keep.*--press" "$timbrel" render -m codec -c keep=1 mono.wav x.wav
    refused 2 "next_model.*-m" "$timbrel" render -m codec -c next_model=1 mono.wav x.wav
    refused 2 "next_model.*keep, add and store" "$timbrel" render -m codec --press=next_model=1 mono.wav x.wav
    refused 2 "keep.*seconds" "$timbrel" render -m codec --press=keep=soon mono.wav x.wav
    refused 2 "symbol=seconds" "$timbrel" render -m codec --press=keep mono.wav x.wav
    refused 1 "keep.*one press" "$timbrel" render -m codec --press=keep=0.1 --press=keep=0.101 mono.wav x.wav
    "$timbrel" controls --json | json '{c["symbol"] for c in j if c["pressed"]} >= {"keep", "add", "store"}'
}

# Files and models that fail leave nothing behind, and nothing harmed.
case_failures() {
    echo 0,0 >gain.csv
    refused 1 "missing.wav" "$timbrel" render -m codec missing.wav x.wav
    refused 1 "gain.csv" "$timbrel" render -m codec gain.csv x.wav
    refused 1 "\.flac" "$timbrel" render -m codec mono.wav x.xyz
    refused 1 "pcm99" "$timbrel" render -m codec --format=pcm99 mono.wav x.wav
    refused 1 "vorbis" "$timbrel" render -m codec --format=vorbis mono.wav x.wav
    refused 1 "no/such" "$timbrel" render -m codec mono.wav no/such/x.wav
    mkfifo pipe.wav
    refused 1 "regular" "$timbrel" render -m codec mono.wav pipe.wav
    ln -s mono.wav link.wav
    cp mono.wav before.wav
    refused 2 "link.wav" "$timbrel" render -m codec mono.wav link.wav
    refused 2 "mono.wav" "$timbrel" render -m codec mono.wav mono.wav
    cmp mono.wav before.wav || fail "the input was changed"
    refused 1 "\"nobody\"" "$timbrel" render -m nobody mono.wav x.wav
    # A name is a model of the folders, whatever lies here; that is a path.
    echo notes >codec
    "$timbrel" info codec --json | json 'j["name"] == "codec"'
    refused 1 "codec is not a TorchScript model" "$timbrel" info ./codec
    rm codec
    refused 1 "write ./gain.csv" "$timbrel" info gain.csv
    for model in empty text truncated_5 zip_without_model no_methods wrong_shape; do
        refused 1 "." "$timbrel" info $model
        refused 1 "." "$timbrel" render -m $model mono.wav x.wav
    done
    cp before.wav kept.wav
    refused 1 "raises_late" "$timbrel" render -m raises_late -c input_gain=24 mono.wav kept.wav
    cmp before.wav kept.wav || fail "a failed render changed the file that was there"
    (TIMBREL_TORCH=/nowhere/timbrel-torch refused 1 "/nowhere/timbrel-torch" "$timbrel" info filterbank)
}

# Neither does a plan need it, nor a model whose plan was kept.
case_kept_plans() {
    "$timbrel" info codec >/dev/null # Kept from now on
    TIMBREL_TORCH=/nowhere/timbrel-torch "$timbrel" info codec | grep -q "native" || fail "a kept plan"
    # One that cannot be kept is played from memory, and nothing lies about.
    XDG_CACHE_HOME=$PWD/cache "$timbrel" info codec_44 >/dev/null
    plan=$(basename cache/timbrel/*.plan)
    mkdir -p blocked/timbrel/"$plan"/folder
    XDG_CACHE_HOME=$PWD/blocked "$timbrel" info codec_44 | grep -q "native" || fail "a plan that cannot be kept"
    [ "$(ls -A blocked/timbrel | grep -v '\.costs$')" = "$plan" ] || fail "left in the cache: $(ls -A blocked/timbrel)"
    XDG_CACHE_HOME=/proc/none "$timbrel" info codec_44 | grep -q "native" || fail "a plan without a cache"
    # A cache on a file system without locks (ENOLCK, ENOSYS, EOPNOTSUPP): no wait for what never comes.
    for errno in 37 38 95; do
        XDG_CACHE_HOME=$PWD/unlocked$errno NOFLOCK=$errno LD_PRELOAD="$noflock${LD_PRELOAD:+:$LD_PRELOAD}" \
            ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
            timeout 30 "$timbrel" info codec_44 | grep -q "native" || fail "a cache without locks ($errno)"
        [ -e unlocked$errno/timbrel/"$plan" ] || fail "no plan is kept without locks ($errno)"
        [ "$(ls -A unlocked$errno/timbrel | grep -v '\.costs$')" = "$plan" ] || fail "left in the cache: $(ls -A unlocked$errno/timbrel)"
    done
}

case_plan_files() {
    "$timbrel" compile codec -o codec.plan
    # A file that does not say what its latents mean: normal ones, of a space that the plan made from it shares.
    space=$("$timbrel" info codec --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["latent_space"])')
    [ "${#space}" = 37 ] && [ "${space#file-}" != "$space" ] || fail "latent space $space"
    "$timbrel" info ./codec.plan --json |
        json "j['latent_space'] == '$space' and j['latent_meanings'] == [{'kind': 'normal'}] * 8"
    "$timbrel" info codec --backend=torch --json | json "j['latent_space'] == '$space'"
    "$timbrel" info codec | grep -q "^  Space  *$space$" || fail "no latent space"
    (TIMBREL_TORCH=/nowhere/timbrel-torch XDG_CACHE_HOME=/proc/none "$timbrel" render -m ./codec.plan mono.wav out.wav)
    audio check out.wav 48000 1 0.7 1e-5
    refused 1 "filterbank.ts" "$timbrel" compile filterbank -o none.plan
    [ ! -e none.plan ] || fail "a failed compile left its output"
    head -c 20000 codec.plan >cut.plan
    refused 1 "cut.plan" "$timbrel" info ./cut.plan
    "$timbrel" bench codec --against=torch --hops=20 --json | json 'j["times_faster"] > 0 and j["against"] == "torch"'
    (TIMBREL_TORCH=/nowhere/timbrel-torch refused 1 "/nowhere/timbrel-torch" "$timbrel" render --backend=torch -m codec \
        mono.wav x.wav)
    "$timbrel" bench codec --backend=torch --hops=4 --json | json 'j["backend"] == "torch"'
    "$timbrel" bench codec --sources --hops=8 --json |
        json 'set(j) >= {"sound", "rows", "map", "points"} and all(v > 0 for v in j.values())'
    refused 1 "no latents between encode and decode" "$timbrel" bench forward_only --sources
    # Several sounds at once; a model that refuses says how many it takes.
    "$timbrel" bench codec --lanes=8 --hops=8 --json | json 'j["lanes"] == 8 and j["median_seconds"] > 0'
    "$timbrel" bench codec --backend=torch --lanes=8 2>stderr && fail "eight lanes of a model that has two"
    grep -q '"codec" plays no more than 2 lanes at once (torch): give --lanes=2.' stderr || fail "how many lanes"
    [ ! -e x.wav ] || fail "a failed render left its output"
}

# Every command ends within a second of a signal, whatever it waits for, and leaves nothing.
case_stopped() {
    mkfifo silent.wav silent.npy
    exec 8<>silent.wav 9<>silent.npy # Nothing ever comes
    mkdir caches
    stopped() { # SIGNAL NUMBER COMMAND...
        signal=$1 number=$2 actual=0
        shift 2
        XDG_CACHE_HOME=$PWD/caches "$timbrel" "$@" <&8 >stdout 2>stderr &
        child=$!
        sleep 0.3
        kids=$(cat /proc/$child/task/*/children 2>/dev/null) || fail "ended too early: $* ($(cat stderr))"
        start=$(date +%s%N)
        kill -$signal $child
        wait $child || actual=$?
        took=$((($(date +%s%N) - start) / 1000000))
        [ $actual = $((128 + number)) ] || fail "status $actual after SIG$signal: $* ($(cat stderr))"
        [ $took -lt ${STOP_MS:-1000} ] || fail "$took ms after SIG$signal: $*"
        for kid in $kids; do
            ! grep -q "State:.[RSD]" /proc/$kid/status 2>/dev/null || sleep 0.3
            ! grep -q "State:.[RSD]" /proc/$kid/status 2>/dev/null || fail "a child is left: $*"
        done
        [ -z "$(find caches -name '*.lock')" ] || fail "a lock is left: $*"
        [ -z "$(find . -name 'x.*' -o -name '.timbrel-*' -o -name 'timbrel-bench-*' -o -name '*.plan.*')" ] ||
            fail "left: $(find . -name 'x.*' -o -name '.timbrel-*' -o -name '*.plan.*') $*"
    }
    for model in rave_v2 codec; do # While it is loaded and made a plan of; while it waits for sound
        stopped TERM 15 render -m $model silent.wav x.wav
        stopped TERM 15 encode -m $model -o x.npy silent.wav
        stopped TERM 15 decode -m $model -o x.wav silent.npy
        [ $model != rave_v2 ] || stopped TERM 15 info rave_v2
        XDG_CACHE_HOME=$PWD/caches "$timbrel" info codec >list
    done
    stopped TERM 15 compile rave_v2 -o x.plan
    stopped TERM 15 bench codec --hops=1000000
    stopped TERM 15 bench codec --instances
    stopped TERM 15 bench codec --backend=torch --hops=1000000
    stopped TERM 15 render -m codec - x.wav
    stopped TERM 15 encode -m codec -o x.npy -
    stopped TERM 15 stats silent.npy
    stopped TERM 15 stats -
    stopped TERM 15 arrange fibo silent.npy -o x.npy
    stopped TERM 15 generate normal - --rows=3 -o x.npy
    stopped TERM 15 tempo rave_v2
    stopped HUP 1 render -m codec --tail=86400 mono.wav x.wav
    stopped TERM 15 render -m codec --tail=86400 mono.wav x.wav
    refused 1 "silent.wav.* not a file" "$timbrel" bench codec --encode=silent.wav
    exec 8<&- 9<&-
}

# Any method: what it gives, and what is said of it.
case_methods() {
    audio make stereo_44.wav 44100 2 0.7
    for backend in best torch; do
        method() {
            "$timbrel" render --backend=$backend --method "$1" -m effects -c stereo=1 stereo_44.wav out.wav 2>said
            audio method "${2:-$1}" stereo_44.wav out.wav
        }
        method invert
        method saturate
        method midside
        method swap
        grep -q "4 channels.*first two" said || fail "four channels are not told: $(cat said)"
        method rms dry
        grep -q "rms gives values.*dry" said || fail "values are not told: $(cat said)"
    done
    "$timbrel" render -m effects stereo_44.wav out.wav 2>said
    grep -q "method invert plays" said || fail "the first method is not told: $(cat said)"
    refused 1 "no method called nope; it has invert, saturate, midside, swap, blur and rms" \
        "$timbrel" render -m effects --method nope mono.wav x.wav
    refused 1 "no method called ../nope" "$timbrel" info effects --method ../nope
    refused 1 "fractal.*does not take" "$timbrel" info effects --method fractal
    refused 1 "no method called invert; it has" "$timbrel" info codec --method invert
    "$timbrel" info --json effects --method midside >info.json
    json 'j["method"] == "midside" and j["in_channels"] == 2 and j["hop"] == 64 and j["streaming"]' <info.json
    json 'j["backend"] == "native" and {m["name"]: m["kind"] for m in j["methods"]}["rms"] == "values"' <info.json
    "$timbrel" info --json effects --method invert | json 'j["hop"] == 64 and j["latency"]["model"] == 0'
    # blur looks about in a call: only so are windows needed.
    "$timbrel" info --json effects --method blur | json 'j["hop"] == 8192 and not j["streaming"]'
    "$timbrel" info --json features | json 'j["method"] == "rms" and j["play_mode"] == "values" and j["latents"] == 1'
    "$timbrel" info --json codec --method encode | json 'j["play_mode"] == "values" and j["latents"] == 8'
    "$timbrel" info --json codec | json 'j["method"] == "" and j["play_mode"] == "encode_decode"'
    "$timbrel" compile effects --method saturate -o saturate.plan
    "$timbrel" info --json ./saturate.plan | json 'j["method"] == "saturate"'
    refused 1 "saturate.plan is a plan of saturate" "$timbrel" info ./saturate.plan --method invert
}

# A stopped render leaves nothing.
case_stopped_render() {
    mkdir stopped
    "$timbrel" render -m codec --tail=86400 mono.wav stopped/x.wav 2>stderr &
    child=$!
    while kill -0 $child && [ -z "$(ls -A stopped)" ]; do
        sleep 0.05
    done
    kill -TERM $child
    actual=0
    wait $child || actual=$?
    [ $actual = 143 ] || fail "status $actual after SIGTERM ($(cat stderr))"
    [ -z "$(ls -A stopped)" ] || fail "a stopped render left $(ls -A stopped)"
}

run_cases "$@"
