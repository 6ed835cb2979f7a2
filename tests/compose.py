#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What test_compose.sh makes and looks at in its folder: Debian's Python, with numpy and soundfile, knows the file
formats better than we do. Usage: compose.py FUNCTION [ARGUMENT...]"""
import glob
import json
import os
import sys

import numpy as np
import soundfile


def sound(path):
    return soundfile.read(path, always_2d=True)[0]


def make_sounds():
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


def same_sound():
    a, b = sound('rendered.wav'), sound('decoded.wav')
    assert len(a) <= len(b) < len(a) + 2048, (a.shape, b.shape)
    assert np.abs(a).max() > 1e-3
    assert np.abs(a - b[:len(a)]).max() < 1e-6, np.abs(a - b[:len(a)]).max()


def codec_rows():
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
    assert np.abs(frames @ basis.T - z).max() < 1e-4


def make_burst():
    x = np.zeros(66150)
    soundfile.write('silent.wav', x, 44100, subtype='FLOAT')
    x[30720:31744] = 0.5 * np.random.default_rng(2).standard_normal(1024)
    soundfile.write('burst.wav', x, 44100, subtype='FLOAT')


def burst_rows():
    r = json.load(open('here/burst.json'))['ratio']
    d = ((np.load('here/burst.npy') - np.load('here/silent.npy')) ** 2).sum(1)
    place = (d * (np.arange(len(d)) + 0.5)).sum() / d.sum() * r
    assert abs(place - 31232) <= r, place


def spherical_silence():
    assert (np.load('sphere.npy') == 0).all()
    for name in ('sphere.wav', 'rendered.wav'):
        x = sound(name)[11025:]
        assert np.isfinite(x).all() and x.std() > 0 and (x == 0).mean() < 0.01, name


def latent_file():
    info = soundfile.info('piped.wav')
    a, b = np.load('wide.npy'), np.load('narrow.npy')
    assert (info.format, info.subtype) == ('WAV', 'DOUBLE') and info.channels == a.shape[1], info
    assert info.samplerate == int(json.load(open('wide.json'))['row_rate']), info
    assert b.dtype == np.float32 and (a.astype(np.float32) == b).all()
    assert (sound('piped.wav') == a).all() and (sound('folder/mono.wav') == a).all()


def sampled():
    a, b, c, m = (np.load(n + '.npy') for n in ('a', 'b', 'c', 'mean'))
    assert (a == b).all() and (a != c).all() and (a != m).all()


def folder():
    found = sorted(os.path.join(d, f)[4:] for d, _, fs in os.walk('out') for f in fs)
    assert found == ['deep/er/hat.json', 'deep/er/hat.npy', 'kick.json', 'kick.npy', 'snare.json', 'snare.npy'], found


def joined():
    parts = [len(sound(f'apart/{n}.wav')) for n in ('hat', 'kick', 'snare')]
    assert sum(parts) == len(sound('joined.wav')), parts


def make_bad():
    x = np.zeros(44100); x[30000] = np.nan
    soundfile.write('bad/nan.wav', x, 44100, subtype='FLOAT')
    soundfile.write('bad/empty.wav', x[:0], 44100)


def make_arrays():
    a = np.load('wide.npy')
    np.save('fortran.npy', np.asfortranarray(a))
    np.save('big.npy', a.astype('>f8'))
    np.save('object.npy', a.astype(object))
    np.save('flat.npy', a[:, 0])
    np.save('half.npy', a.astype(np.float16))
    np.save('column.npy', a[:, :1])
    b = a.copy(); b[3, 2] = np.inf; np.save('inf.npy', b)
    open('cut.npy', 'wb').write(open('wide.npy', 'rb').read()[:-1])
    np.save('plain.npy', a)


def make_collection():
    soundfile.write('tiny.wav', 0.1 * np.ones(500), 48000, subtype='FLOAT')
    os.mkdir('collection')
    for i in range(10000):
        os.symlink('../tiny.wav', f'collection/{i:05d}.wav')


def bench_encode():
    j = json.load(open('bench.json'))
    assert j['files'] == 3 and j['files_per_second'] > 0 and 0 <= j['share_outside_model'] <= 1, j


def statistics():
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
    assert '<svg' in open('stats.svg').read()[:500]


def generated(kind):
    z, j = np.load(f'{kind}.npy'), json.load(open('saved.json'))
    assert z.shape == (500, len(j['latents']))
    assert (z >= [l['minimum'] for l in j['latents']]).all() and (z <= [l['maximum'] for l in j['latents']]).all()
    assert json.load(open(f'{kind}.json'))['model_hash'] == j['model_hash']


def lengths():
    r = json.load(open('saved.json'))['row_rate']
    assert len(np.load('seconds.npy')) == round(3 * r) and len(np.load('beats.npy')) == round(4 * r)


def make_rows():
    np.save('a.npy', np.arange(24.).reshape(3, 8))
    np.save('b.npy', -np.arange(24.).reshape(3, 8))


def arranged():
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
    assert (load('deform') == d).all()


def whole_codes():
    z = np.load('stretched.npy')
    assert (z == np.round(z)).all()


def line():
    assert len(sound('line.wav')) == 3 * len(np.load('rows/kick.npy')) * json.load(open('rows/kick.json'))['ratio']


def tempi():
    j = json.load(open('tempo.json'))
    assert [t['rows'] for t in j['tempi']] == list(range(40, 46))
    assert all(abs(t['bpm'] - 60 * j['row_rate'] / t['rows']) < 1e-6 and abs(t['double'] - 2 * t['bpm']) < 1e-5 for t in j['tempi'])
    n = j['nearest']
    assert n['rows'] == 43 and abs(n['error'] - (n['bpm'] - 120)) < 1e-6 and abs(n['rows'] * n['stretch'] * 120 / 60 - j['row_rate']) < 1e-6


globals()[sys.argv[1]](*sys.argv[2:])
