#!/bin/sh
# SPDX-License-Identifier: ISC
# The commands on latents. Usage: test_compose.sh TIMBREL FIXTURES, with TIMBREL_TORCH set
set -eu

timbrel=$(realpath "$1")
fixtures=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset XDG_DATA_HOME XDG_DATA_DIRS
export HOME="$work/home" TIMBREL_MODEL_PATH="$fixtures" TMPDIR="$work"

fail() {
    echo "test_compose.sh: $*" >&2
    exit 1
}

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

# Debian's Python, with numpy and soundfile, knows the file formats better than we do.
python() {
    /usr/bin/python3 -c "
import json, sys
import numpy as np
import soundfile
def sound(path):
    return soundfile.read(path, always_2d=True)[0]
$1" || fail "$1"
}

python "
import os
rng = np.random.default_rng(1)
def make(path, rate, channels, seconds):
    t = np.arange(int(rate * seconds))[:, None] / rate
    x = sum(np.sin(2 * np.pi * (f + 3 * np.arange(channels)) * t) for f in (110, 331, 997, 3001))
    x = 0.1 * x * np.exp(-((t * 3) % 1) * 4) + 0.01 * rng.standard_normal(x.shape)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    soundfile.write(path, x, rate, subtype='FLOAT' if path.endswith('.wav') else None)
make('one/mono.wav', 44100, 1, 1.3)
make('one/stereo.wav', 44100, 2, 1.1)
make('set/kick.wav', 44100, 1, 0.3)
make('set/snare.flac', 48000, 2, 0.2)
make('set/deep/er/hat.ogg', 22050, 1, 0.25)
open('set/notes.txt', 'w').write('no sound')
"

# encode, then decode, is render: to the bit, beginning and end included.
for model in rave_v1 rave_v2 rave_causal rave_brave rave_discrete rave_stereo; do
    sound=mono
    [ $model != rave_stereo ] || sound=stereo
    "$timbrel" render -m $model -c randomness=0 -c noise=0 one/$sound.wav rendered.wav
    for ending in npy wav; do
        "$timbrel" encode -m $model -o latents.$ending one/$sound.wav
        "$timbrel" decode -m $model --randomness=0 --noise=0 latents.$ending -o decoded.wav
        python "
a, b = sound('rendered.wav'), sound('decoded.wav')
assert len(a) <= len(b) < len(a) + 2048, (a.shape, b.shape)
assert np.abs(a).max() > 1e-3
assert np.abs(a - b[:len(a)]).max() < 1e-6, np.abs(a - b[:len(a)]).max()"
        rm latents.*
    done
done

# Rows lie where their sound does: the codec's are the sound's own inner products with cosines.
"$timbrel" encode -m codec_44 -o codec.npy one/mono.wav
python "
x = sound('one/mono.wav')[:, 0]
z = np.load('codec.npy')
j = json.load(open('codec.json'))
n = j['ratio']
assert z.dtype == np.float64 and z.shape == (-(-len(x) // n), j['latents']), z.shape
assert abs(j['row_rate'] - 44100 / n) < 1e-9 and j['source'] == 'mono.wav' and j['model'] == 'codec_44'
assert len(j['model_hash']) == 32
frames = np.pad(x, (0, -len(x) % n)).reshape(-1, n)
k, t = np.arange(1, z.shape[1] + 1)[:, None], np.arange(n)[None, :] + 0.5
basis = np.sqrt(2 / n) * np.cos(np.pi / n * k * t)
assert np.abs(frames @ basis.T - z).max() < 1e-4"
# A noncausal network's rows, too: what a burst changes lies around it.
python "
x = np.zeros(66150)
soundfile.write('silent.wav', x, 44100, subtype='FLOAT')
x[30720:31744] = 0.5 * np.random.default_rng(2).standard_normal(1024)
soundfile.write('burst.wav', x, 44100, subtype='FLOAT')"
"$timbrel" encode -m rave_v2 -o here silent.wav burst.wav
python "
r = json.load(open('here/burst.json'))['ratio']
d = ((np.load('here/burst.npy') - np.load('here/silent.npy')) ** 2).sum(1)
place = (d * (np.arange(len(d)) + 0.5)).sum() / d.sum() * r
assert abs(place - 31232) <= r, place"

# Silence at a spherical model gives 0/0: its rows are 0, and what is decoded or rendered is sound.
for backend in best torch; do
    "$timbrel" encode --backend=$backend -m rave_spherical -o sphere.npy silent.wav
    "$timbrel" decode --backend=$backend -m rave_spherical -o sphere.wav sphere.npy
    "$timbrel" render --backend=$backend -m rave_spherical silent.wav rendered.wav 2>stderr
    python "
assert (np.load('sphere.npy') == 0).all()
for name in ('sphere.wav', 'rendered.wav'):
    x = sound(name)[11025:]
    assert np.isfinite(x).all() and x.std() > 0 and (x == 0).mean() < 0.01, name"
done

# A latent audio file: a channel a latent, 64-bit floats, the row rate rounded down.
"$timbrel" encode -m rave_v1 -o - one/mono.wav >piped.wav
"$timbrel" encode -m rave_v1 -f wav -o folder one/mono.wav
"$timbrel" encode -m rave_v1 --format=npy32 -o narrow.npy one/mono.wav
"$timbrel" encode -m rave_v1 -o wide.npy one/mono.wav
python "
info = soundfile.info('piped.wav')
a, b = np.load('wide.npy'), np.load('narrow.npy')
assert (info.format, info.subtype) == ('WAV', 'DOUBLE') and info.channels == a.shape[1], info
assert info.samplerate == int(json.load(open('wide.json'))['row_rate']), info
assert b.dtype == np.float32 and (a.astype(np.float32) == b).all()
assert (sound('piped.wav') == a).all() and (sound('folder/mono.wav') == a).all()"
cmp piped.wav folder/mono.wav || fail "the same rows are not the same file"

# Sampled latents: another draw a seed, the same for the same.
for name in a:1 b:1 c:2; do
    "$timbrel" encode -m rave_v2 --sample --seed=${name#*:} -o ${name%:*}.npy one/mono.wav
done
"$timbrel" encode -m rave_v2 -o mean.npy one/mono.wav
python "
a, b, c, m = (np.load(n + '.npy') for n in ('a', 'b', 'c', 'mean'))
assert (a == b).all() and (a != c).all() and (a != m).all()"

# decode's chance is seeded too.
for name in a:1 b:1 c:2; do
    "$timbrel" decode -m rave_v2 --seed=${name#*:} -o ${name%:*}.wav mean.npy
done
cmp a.wav b.wav || fail "two decodes of a seed differ"
! cmp -s a.wav c.wav || fail "the seed changes nothing in decode"

# Folders, with their folders; resumed where the work stopped.
"$timbrel" encode -m rave_v1 -o out set
python "
import os
found = sorted(os.path.join(d, f)[4:] for d, _, fs in os.walk('out') for f in fs)
assert found == ['deep/er/hat.json', 'deep/er/hat.npy', 'kick.json', 'kick.npy', 'snare.json', 'snare.npy'], found"
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
python "
parts = [len(sound(f'apart/{n}.wav')) for n in ('hat', 'kick', 'snare')]
assert sum(parts) == len(sound('joined.wav')), parts"

# What goes wrong is said, stops nothing else, and leaves nothing half made.
mkdir bad
echo "no sound" >bad/text.wav
cp set/kick.wav bad/good.wav
python "
x = np.zeros(44100); x[30000] = np.nan
soundfile.write('bad/nan.wav', x, 44100, subtype='FLOAT')
soundfile.write('bad/empty.wav', x[:0], 44100)"
refused 1 "2 sounds failed\|3 of 4 sounds failed" "$timbrel" encode -m rave_v1 -o from-bad bad
grep -q 'bad/text.wav' stderr && grep -q 'bad/nan.wav.*no numbers' stderr && grep -q 'bad/empty.wav' stderr ||
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
python "
a = np.load('wide.npy')
np.save('fortran.npy', np.asfortranarray(a))
np.save('big.npy', a.astype('>f8'))
np.save('object.npy', a.astype(object))
np.save('flat.npy', a[:, 0])
np.save('half.npy', a.astype(np.float16))
np.save('column.npy', a[:, :1])
b = a.copy(); b[3, 2] = np.inf; np.save('inf.npy', b)
open('cut.npy', 'wb').write(open('wide.npy', 'rb').read()[:-1])
np.save('plain.npy', a)"
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

# A long collection: ten thousand links to one sound.
python "
import os
soundfile.write('tiny.wav', 0.1 * np.ones(500), 48000, subtype='FLOAT')
os.mkdir('collection')
for i in range(10000):
    os.symlink('../tiny.wav', f'collection/{i:05d}.wav')"
"$timbrel" encode -m codec_r2048 -o collected collection
[ "$(ls collected | wc -l)" = 20000 ] || fail "$(ls collected | wc -l) files of 10000 sounds"
rm collected/01234.npy collected/05678.json
touch -d '2001-01-01' collected/09999.npy
"$timbrel" encode -m codec_r2048 -o collected collection
[ "$(ls collected | wc -l)" = 20000 ] || fail "not taken up again"
[ "$(date -r collected/09999.npy +%Y)" = 2001 ] || fail "all encoded again"
cmp collected/01234.npy collected/05678.npy || fail "latents of the same sound differ"
"$timbrel" bench codec_r2048 --json --encode=set >bench.json
python "
j = json.load(open('bench.json'))
assert j['files'] == 3 and j['files_per_second'] > 0 and 0 <= j['share_outside_model'] <= 1, j"

# Statistics: numpy counts the same.
"$timbrel" encode -m rave_v2 -o rows one set
"$timbrel" stats rows --json >stats.json
"$timbrel" stats rows --save=saved.json --plot=stats.png | grep -q "^     1 " || fail "stats"
cmp stats.json saved.json || fail "--json and --save differ"
"$timbrel" stats rows/mono.npy --plot=stats.svg >table
grep -q "model rave_v2" table || fail "stats table"
python "
import glob
parts = [np.load(f) for f in glob.glob('rows/**/*.npy', recursive=True)]
z = np.concatenate(parts)
j = json.load(open('stats.json'))
assert j['rows'] == len(z) and j['files'] == len(parts) == 5 and j['model'] == 'rave_v2'
near = lambda a, b: np.abs(np.array(a) - np.array(b)).max() < 1e-9
assert near([l['mean'] for l in j['latents']], z.mean(0))
assert near([l['deviation'] for l in j['latents']], z.std(0))
assert near([l['minimum'] for l in j['latents']], z.min(0))
assert near([l['maximum'] for l in j['latents']], z.max(0))
for p in (1, 5, 25, 50, 75, 95, 99):
    assert near([l['percentiles'][str(p)] for l in j['latents']], np.percentile(z, p, axis=0))
assert near(j['covariance'], np.cov(z.T, bias=True))
assert near(j['correlation'], np.corrcoef(z.T))
d = [p - z.mean(0) for p in parts]
for lag in (1, 2, 7):
    r = sum((p[lag:] * p[:-lag]).sum(0) for p in d) / sum((p ** 2).sum(0) for p in d)
    assert near([l['autocorrelation'][lag] for l in j['latents']], r), lag
png = open('stats.png', 'rb').read()
assert png[:4] == b'\x89PNG' and len(png) > 5000
assert '<svg' in open('stats.svg').read()[:500]"

# Generate: lengths, ranges, seeds; the model's own.
for kind in normal uniform correlated walk; do
    "$timbrel" generate $kind saved.json --rows=500 --seed=1 --clamp -o $kind.npy
    "$timbrel" generate $kind saved.json --rows=500 --seed=1 --clamp -f npy -o - >again.npy
    cmp $kind.npy again.npy || fail "two of a seed differ: $kind"
    "$timbrel" generate $kind saved.json --rows=500 --seed=2 --clamp -o other.npy
    ! cmp -s $kind.npy other.npy || fail "the seed changes nothing: $kind"
    python "
z, j = np.load('$kind.npy'), json.load(open('saved.json'))
assert z.shape == (500, len(j['latents']))
assert (z >= [l['minimum'] for l in j['latents']]).all() and (z <= [l['maximum'] for l in j['latents']]).all()
assert json.load(open('$kind.json'))['model_hash'] == j['model_hash']"
done
"$timbrel" generate walk saved.json --seconds=3 -o seconds.npy
"$timbrel" generate walk saved.json --beats=8 --bpm=120 -o beats.npy
python "
r = json.load(open('saved.json'))['row_rate']
assert len(np.load('seconds.npy')) == round(3 * r) and len(np.load('beats.npy')) == round(4 * r)"
refused 1 "wide.npy" "$timbrel" generate walk wide.npy --rows=3 -o x.npy
refused 2 "no kind" "$timbrel" generate waltz saved.json --rows=3 -o x.npy

# Arrange: in a line of pipes, and file by file.
python "
np.save('a.npy', np.arange(24.).reshape(3, 8))
np.save('b.npy', -np.arange(24.).reshape(3, 8))"
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
python "
a, b = np.load('a.npy'), np.load('b.npy')
load = lambda n: np.load(n + '.npy')
fibo = np.concatenate([a[:1], a[:1], a[:2], a[:3]])
assert (load('fibo') == fibo).all()
assert load('concat').dtype == np.float32 and (load('concat') == np.concatenate([fibo, a])).all()
steps = [np.where(np.arange(24).reshape(3, 8) < n, b, a) for n in range(25)]
assert (load('blender') == np.concatenate([s for s in steps for _ in range(2)])).all()
assert (load('loop') == np.concatenate([a[::-1], a[::-1]])).all()
w = np.linspace(0, 1, 5)[:, None]
i = np.arange(5) % 3
assert np.allclose(load('morph'), (1 - w) * a[i] + w * b[i])
assert load('curve').shape == (5, 8) and np.allclose(load('curve')[2], b[2])
x = np.arange(6) / 2
assert np.allclose(load('stretch'), np.stack([np.interp(x, range(3), c) for c in a.T], 1))
d = a.copy(); d[:, [1, 3, 4]] = 2 * d[:, [1, 3, 4]] + 1
assert (load('deform') == d).all()"
refused 1 "must be the same" "$timbrel" arrange blender a.npy fibo.npy -o x.npy
refused 1 "has 8 latents.*has 1" "$timbrel" arrange concat a.npy column.npy -o x.npy
refused 1 "made with the model rave_v1.*rave_v2" "$timbrel" arrange concat wide.npy rows/mono.npy -o x.npy
refused 1 "no latent 9" "$timbrel" arrange deform a.npy --latents=3,9 -o x.npy
refused 1 "curve.csv, line 1" sh -c 'printf "1;2\n" >curve.csv; exec "$0" arrange morph a.npy b.npy --curve=curve.csv -o x.npy' "$timbrel"
refused 1 "x.txt" "$timbrel" arrange fibo a.npy -o x.txt
refused 1 "png or .svg" "$timbrel" arrange fibo a.npy -o x.npy --plot=x.gif
refused 1 "once only" "$timbrel" arrange concat - - -o x.npy
refused 1 "more than" "$timbrel" arrange orale a.npy --depth=40 -o x.npy
"$timbrel" encode -m rave_discrete -o codes.npy one/mono.wav
refused 1 "codes" "$timbrel" arrange morph codes.npy codes.npy -o x.npy
"$timbrel" arrange stretch codes.npy --factor=1.7 -o stretched.npy
python "
z = np.load('stretched.npy')
assert (z == np.round(z)).all()"
for wrong in "waltz a.npy" "fibo a.npy b.npy" "blender a.npy" "fibo a.npy --depth=2" "stretch a.npy"; do
    actual=0
    "$timbrel" arrange $wrong -o x.npy >stdout 2>stderr || actual=$?
    [ $actual = 2 ] || fail "status $actual, not 2: arrange $wrong"
done
[ ! -e x.npy ] || fail "a failed command left its output"
[ ! -e x.json ] || fail "a failed command left its JSON"

# One line from sound to sound.
"$timbrel" encode -m rave_v2 -o - set/kick.wav | "$timbrel" arrange loop - --times=3 |
    "$timbrel" decode -m rave_v2 - -o line.wav
python "assert len(sound('line.wav')) == 3 * len(np.load('rows/kick.npy')) * json.load(open('rows/kick.json'))['ratio']"
# Where the line's beginning fails, nothing comes out at its end.
! "$timbrel" encode -m rave_v2 -o - missing.wav 2>stderr | "$timbrel" decode -m rave_v2 - -o x.wav 2>>stderr ||
    fail "a broken line is taken for a whole one"
[ ! -e x.wav ] || fail "a broken line left a sound"

# The longest names that a folder can hold.
long=$(printf '%0251d' 0)
ln -s "$PWD/one/mono.wav" "$long.wav"
"$timbrel" encode -m rave_v2 "$long.wav"
"$timbrel" encode -m rave_v2 -f wav "$long.wav"
[ -s "${long%0}.npy" ] && [ -s "${long%0}.json" ] && [ -s "$(printf '%0243d' 0).latents.wav" ] || fail "long names"
# Their description has no place: neither have the latents.
refused 1 "$long.json" "$timbrel" encode -m rave_v2 -o "$long.npy" one/mono.wav
[ ! -e "$long.npy" ] || fail "a failed encode left its latents"
rm 000*

# Tempi.
"$timbrel" tempo codec_44 --bpm=120 --rows=40-45 --json >tempo.json
python "
j = json.load(open('tempo.json'))
assert [t['rows'] for t in j['tempi']] == list(range(40, 46))
assert all(abs(t['bpm'] - 60 * j['row_rate'] / t['rows']) < 1e-6 and abs(t['double'] - 2 * t['bpm']) < 1e-5 for t in j['tempi'])
n = j['nearest']
assert n['rows'] == 43 and abs(n['error'] - (n['bpm'] - 120)) < 1e-6 and abs(n['rows'] * n['stretch'] * 120 / 60 - j['row_rate']) < 1e-6"
"$timbrel" tempo codec_44 --bpm=120 | grep -q "^Nearest to 120 bpm: 43 rows" || fail "tempo"

# Interrupted, it leaves whole files only, and goes on from there.
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
[ -z "$(find . -name '.timbrel-*' -o -name 'timbrel-bench-*')" ] || fail "a temporary file is left"
