#!/bin/sh
# SPDX-License-Identifier: ISC
# The commands on latents. Usage: test_compose.sh TIMBREL FIXTURES [CASE...], with TIMBREL_TORCH set
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cases.sh"

timbrel=$(realpath "$1")
fixtures=$(realpath "$2")
shift 2
export TIMBREL_MODEL_PATH="$fixtures" TMPDIR="$work"

# Runs a command that must fail with the status, in sentences of which one matches the pattern.
refused() {
    status=$1 pattern=$2 actual=0
    shift 2
    "$@" >stdout 2>stderr || actual=$?
    [ "$actual" = "$status" ] || fail "status $actual, not $status: $* ($(cat stderr))"
    ! grep -qv "^timbrel: .*\.\$" stderr || fail "no sentence: $* ($(cat stderr))"
    grep -q -- "$pattern" stderr || fail "no \"$pattern\": $* ($(cat stderr))"
    [ ! -s stdout ] || fail "stdout: $*"
}

python() {
    /usr/bin/python3 "$here/compose.py" "$@" || fail "compose.py $*"
}

make_inputs() {
    python make_sounds
}

check_left() {
    [ ! -e x.npy ] || fail "a failed command left its output"
    [ ! -e x.json ] || fail "a failed command left its JSON"
    [ ! -e x.wav ] || fail "a failed command left its sound"
    [ -z "$(find . "$work" -maxdepth 3 -name '.timbrel-*' -o -name 'timbrel-bench-*')" ] || fail "a temporary file is left"
}

# encode, then decode, is render: to the bit, beginning and end included.
case_round_trip() {
    for model in rave_v1 rave_v2 rave_causal rave_brave rave_discrete rave_stereo; do
        sound=mono
        [ $model != rave_stereo ] || sound=stereo
        "$timbrel" render -m $model -c randomness=0 -c noise=0 one/$sound.wav rendered.wav
        for ending in npy wav; do
            "$timbrel" encode -m $model -o latents.$ending one/$sound.wav
            "$timbrel" decode -m $model --randomness=0 --noise=0 latents.$ending -o decoded.wav
            python same_sound
            rm latents.*
        done
    done
}

# Rows lie where their sound does: the codec's are the sound's own inner products with cosines.
case_place() {
    "$timbrel" encode -m codec_44 -o codec.npy one/mono.wav
    python codec_rows
    # A noncausal network's rows, too: what a burst changes lies around it.
    python make_burst
    "$timbrel" encode -m rave_v2 -o here silent.wav burst.wav
    python burst_rows
}

# Silence at a spherical model gives 0/0: its rows are 0, and what is decoded or rendered is sound.
case_silence() {
    python make_burst
    for backend in best torch; do
        "$timbrel" encode --backend=$backend -m rave_spherical -o sphere.npy silent.wav
        "$timbrel" decode --backend=$backend -m rave_spherical -o sphere.wav sphere.npy
        "$timbrel" render --backend=$backend -m rave_spherical silent.wav rendered.wav 2>stderr
        python spherical_silence
    done
}

# A latent audio file: a channel a latent, 64-bit floats, the row rate rounded down.
case_latent_file() {
    "$timbrel" encode -m rave_v1 -o - one/mono.wav >piped.wav
    "$timbrel" encode -m rave_v1 -f wav -o folder one/mono.wav
    "$timbrel" encode -m rave_v1 --format=npy32 -o narrow.npy one/mono.wav
    "$timbrel" encode -m rave_v1 -o wide.npy one/mono.wav
    python latent_file
    cmp piped.wav folder/mono.wav || fail "the same rows are not the same file"
}

# Sampled latents: another draw a seed, the same for the same.
case_chance() {
    for name in a:1 b:1 c:2; do
        "$timbrel" encode -m rave_v2 --sample --seed=${name#*:} -o ${name%:*}.npy one/mono.wav
    done
    "$timbrel" encode -m rave_v2 -o mean.npy one/mono.wav
    python sampled

    # decode's chance is seeded too.
    for name in a:1 b:1 c:2; do
        "$timbrel" decode -m rave_v2 --seed=${name#*:} -o ${name%:*}.wav mean.npy
    done
    cmp a.wav b.wav || fail "two decodes of a seed differ"
    ! cmp -s a.wav c.wav || fail "the seed changes nothing in decode"
}

# Folders, with their folders; resumed where the work stopped.
case_folders() {
    "$timbrel" encode -m rave_v1 -o out set
    python folder
    touch -d '2001-01-01' out/kick.npy out/snare.npy out/deep/er/hat.npy
    rm out/snare.json             # As if stopped between the two
    touch -d '2002-02-02' set/deep/er/hat.ogg # A new sound
    "$timbrel" encode -m rave_v1 -o out set
    [ "$(date -r out/kick.npy +%Y)" = 2001 ] || fail "what was there was encoded again"
    [ "$(date -r out/snare.npy +%Y)" != 2001 ] || fail "a half-done file was kept"
    [ "$(date -r out/deep/er/hat.npy +%Y)" != 2001 ] || fail "a changed sound was kept"
    "$timbrel" encode -m rave_v2 -o out set
    [ "$(date -r out/kick.npy +%Y)" != 2001 ] || fail "another model's latents were kept"
    # How many work at it changes nothing.
    "$timbrel" encode -m rave_v2 --jobs=1 -o single set
    "$timbrel" encode -m rave_v2 --jobs=3 -o many set
    for name in kick snare deep/er/hat; do
        cmp single/$name.npy many/$name.npy || fail "$name differs with the number of jobs"
    done
    # Joined and apart.
    "$timbrel" decode -m rave_v2 --noise=0 --randomness=0 single -o joined.wav
    "$timbrel" decode -m rave_v2 --noise=0 --randomness=0 --apart single -o apart
    python joined
}

# What goes wrong is said, stops nothing else, and leaves nothing half made.
case_errors() {
    "$timbrel" encode -m rave_v1 -o wide.npy one/mono.wav
    mkdir bad
    echo "no sound" >bad/text.wav
    cp set/kick.wav bad/good.wav
    python make_bad
    refused 1 "2 sounds failed\|3 of 4 sounds failed" "$timbrel" encode -m rave_v1 -o from-bad bad
    grep -q 'bad/text.wav' stderr && grep -q 'bad/nan.wav.*invalid numbers' stderr && grep -q 'bad/empty.wav' stderr ||
        fail "not each is said: $(cat stderr)"
    [ "$(cd from-bad && echo *)" = "good.json good.npy" ] || fail "left: $(ls from-bad)"
    cp set/kick.wav bad/text.flac
    refused 1 "would both become" "$timbrel" encode -m rave_v1 -o from-bad bad/text.wav bad/text.flac
    refused 1 "missing.wav" "$timbrel" encode -m rave_v1 -o x missing.wav
    refused 1 "no latents" "$timbrel" encode -m forward_only -o x set/kick.wav
    refused 1 "one sound" "$timbrel" encode -m rave_v1 -o - set
    refused 1 "Nothing came" "$timbrel" decode -m rave_v1 - -o x.wav </dev/null
    refused 1 "rave_v1.*another file" "$timbrel" decode -m rave_v2 wide.npy -o x.wav
    "$timbrel" decode -m rave_v2 --any-model wide.npy -o any.wav
    refused 1 "has 8 latents" "$timbrel" decode -m codec_128 wide.npy -o x.wav
    python make_arrays
    for case in fortran:Fortran big:big-endian object:objects flat:"1 dimension" half:f2 column:"1 latent" \
        inf:"row 3, latent 3" cut:"cut short"; do
        refused 1 "${case#*:}" "$timbrel" decode -m rave_v1 ${case%%:*}.npy -o x.wav
    done
    refused 1 "is a sound" "$timbrel" decode -m rave_v1 set/kick.wav -o x.wav
    [ ! -e x.wav ] || fail "a failed decode left its output"
    # numpy's own arrays come in; through a pipe, too.
    "$timbrel" decode -m rave_v1 --noise=0 --randomness=0 plain.npy -o plain.wav
    "$timbrel" decode -m rave_v1 --noise=0 --randomness=0 - -o - <plain.npy >piped-plain.wav
    cmp plain.wav piped-plain.wav || fail "a pipe changes the sound"
}

# A long collection: ten thousand links to one sound.
case_collection() {
    python make_collection
    "$timbrel" encode -m codec_r2048 -o collected collection
    [ "$(ls collected | wc -l)" = 20000 ] || fail "$(ls collected | wc -l) files of 10000 sounds"
    rm collected/01234.npy collected/05678.json
    touch -d '2001-01-01' collected/09999.npy
    "$timbrel" encode -m codec_r2048 -o collected collection
    [ "$(ls collected | wc -l)" = 20000 ] || fail "not taken up again"
    [ "$(date -r collected/09999.npy +%Y)" = 2001 ] || fail "all encoded again"
    cmp collected/01234.npy collected/05678.npy || fail "latents of the same sound differ"
    "$timbrel" bench codec_r2048 --json --encode=set >bench.json
    python bench_encode
}

# Statistics: numpy counts the same.
case_statistics() {
    "$timbrel" encode -m rave_v2 -o rows one set
    "$timbrel" stats rows --json >stats.json
    "$timbrel" stats rows --save=saved.json --plot=stats.png | grep -q "^     1 " || fail "stats"
    cmp stats.json saved.json || fail "--json and --save differ"
    "$timbrel" stats rows/mono.npy --plot=stats.svg >table
    grep -q "model rave_v2" table || fail "stats table"
    python statistics
}

# Generate: lengths, ranges, seeds; the model's own.
case_generate() {
    "$timbrel" encode -m rave_v1 -o wide.npy one/mono.wav
    "$timbrel" encode -m rave_v2 -o rows one set
    "$timbrel" stats rows --save=saved.json >table
    for kind in normal uniform correlated walk; do
        "$timbrel" generate $kind saved.json --rows=500 --seed=1 --clamp -o $kind.npy
        "$timbrel" generate $kind saved.json --rows=500 --seed=1 --clamp -f npy -o - >again.npy
        cmp $kind.npy again.npy || fail "two of a seed differ: $kind"
        "$timbrel" generate $kind saved.json --rows=500 --seed=2 --clamp -o other.npy
        ! cmp -s $kind.npy other.npy || fail "the seed changes nothing: $kind"
        python generated $kind
    done
    "$timbrel" generate walk saved.json --seconds=3 -o seconds.npy
    "$timbrel" generate walk saved.json --beats=8 --bpm=120 -o beats.npy
    python lengths
    refused 1 "wide.npy" "$timbrel" generate walk wide.npy --rows=3 -o x.npy
    refused 2 "no kind" "$timbrel" generate waltz saved.json --rows=3 -o x.npy
}

# Arrange: in a line of pipes, and file by file.
case_arrange() {
    "$timbrel" encode -m rave_v1 -o wide.npy one/mono.wav
    "$timbrel" encode -m rave_v2 -o rows one set
    python make_arrays
    python make_rows
    "$timbrel" arrange fibo a.npy -o fibo.npy --plot=fibo.png
    "$timbrel" arrange fibo - <a.npy | "$timbrel" arrange concat - a.npy -f npy32 >concat.npy
    "$timbrel" arrange blender a.npy b.npy --repeats=2 -o blender.npy
    "$timbrel" arrange loop a.npy --direction=backward --times=2 -o loop.npy
    "$timbrel" arrange morph a.npy b.npy --rows=5 -o morph.npy
    printf '# up and down\n0,0\n2,1\n\n4,0\n' >curve.csv
    "$timbrel" arrange morph a.npy b.npy --curve=curve.csv --spherical -o curve.npy
    "$timbrel" arrange stretch a.npy --factor=2 -o stretch.npy
    "$timbrel" arrange deform a.npy --latents=2,4-5 --scale=2 --offset=1 -o deform.npy
    for pattern in "orale a.npy --depth=2" "swapper a.npy b.npy --steps=5" "loop a.npy --step=1-2 --rows=40" \
        "deform a.npy --noise=1"; do
        # Unquoted: words.
        "$timbrel" arrange $pattern --seed=1 -o one.npy
        "$timbrel" arrange $pattern --seed=1 -o two.npy
        "$timbrel" arrange $pattern --seed=2 -o three.npy
        cmp one.npy two.npy || fail "two of a seed differ: $pattern"
        ! cmp -s one.npy three.npy || fail "the seed changes nothing: $pattern"
    done
    python arranged
    refused 1 "must be the same" "$timbrel" arrange blender a.npy fibo.npy -o x.npy
    refused 1 "has 8 latents.*has 1" "$timbrel" arrange concat a.npy column.npy -o x.npy
    refused 1 "made with the model rave_v1.*rave_v2" "$timbrel" arrange concat wide.npy rows/mono.npy -o x.npy
    refused 1 "no latent 9" "$timbrel" arrange deform a.npy --latents=3,9 -o x.npy
    refused 1 "curve.csv, line 1" sh -c 'printf "1;2\n" >curve.csv; exec "$0" arrange morph a.npy b.npy --curve=curve.csv -o x.npy' "$timbrel"
    refused 1 "x.txt" "$timbrel" arrange fibo a.npy -o x.txt
    refused 1 "png or .svg" "$timbrel" arrange fibo a.npy -o x.npy --plot=x.gif
    refused 1 "only once" "$timbrel" arrange concat - - -o x.npy
    refused 1 "more than" "$timbrel" arrange orale a.npy --depth=40 -o x.npy
    "$timbrel" encode -m rave_discrete -o codes.npy one/mono.wav
    refused 1 "codes" "$timbrel" arrange morph codes.npy codes.npy -o x.npy
    "$timbrel" arrange stretch codes.npy --factor=1.7 -o stretched.npy
    python whole_codes
    for wrong in "waltz a.npy" "fibo a.npy b.npy" "blender a.npy" "fibo a.npy --depth=2" "stretch a.npy"; do
        actual=0
        "$timbrel" arrange $wrong -o x.npy >stdout 2>stderr || actual=$?
        [ $actual = 2 ] || fail "status $actual, not 2: arrange $wrong"
    done
    [ ! -e x.npy ] || fail "a failed command left its output"
    [ ! -e x.json ] || fail "a failed command left its JSON"
}

# One line from sound to sound.
case_line() {
    "$timbrel" encode -m rave_v2 -o rows one set
    "$timbrel" encode -m rave_v2 -o - set/kick.wav | "$timbrel" arrange loop - --times=3 |
        "$timbrel" decode -m rave_v2 - -o line.wav
    python line
    # Where the line's beginning fails, nothing comes out at its end.
    ! "$timbrel" encode -m rave_v2 -o - missing.wav 2>stderr | "$timbrel" decode -m rave_v2 - -o x.wav 2>>stderr ||
        fail "a broken line is taken for a whole one"
    [ ! -e x.wav ] || fail "a broken line left a sound"
}

# The longest names that a folder can hold.
case_names() {
    long=$(printf '%0251d' 0)
    ln -s "$PWD/one/mono.wav" "$long.wav"
    "$timbrel" encode -m rave_v2 "$long.wav"
    "$timbrel" encode -m rave_v2 -f wav "$long.wav"
    [ -s "${long%0}.npy" ] && [ -s "${long%0}.json" ] && [ -s "$(printf '%0243d' 0).latents.wav" ] || fail "long names"
    # Their description has no place: neither have the latents.
    refused 1 "$long.json" "$timbrel" encode -m rave_v2 -o "$long.npy" one/mono.wav
    [ ! -e "$long.npy" ] || fail "a failed encode left its latents"
    rm 000*
}

# Tempi.
case_tempi() {
    "$timbrel" tempo codec_44 --bpm=120 --rows=40-45 --json >tempo.json
    python tempi
    "$timbrel" tempo codec_44 --bpm=120 | grep -q "^Nearest to 120 bpm: 43 rows" || fail "tempo"
}

# Interrupted, it leaves whole files only, and goes on from there.
case_interrupted() {
    mkdir many-sounds
    for i in $(seq 300); do
        ln -s ../one/mono.wav many-sounds/$i.wav
    done
    "$timbrel" encode -m rave_v2 -o stopped many-sounds 2>stderr &
    child=$!
    while kill -0 $child 2>/dev/null && [ ! -e stopped/1.json ]; do
        sleep 0.05
    done
    kill -TERM $child
    actual=0
    wait $child || actual=$?
    [ $actual = 143 ] || fail "status $actual after SIGTERM ($(cat stderr))"
}

run_cases "$@"
