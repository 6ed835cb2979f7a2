// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_LOAD_H
#define TIMBREL_ENGINE_STREAM_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>

/// How much of its time a model takes, as it is played. Written by the inference thread.
typedef struct {
    _Atomic(float) load;  ///< Share of a hop's time that one took, smoothed
    _Atomic(float) share; ///< Of its time that the model needs: as known, then as played
    float smooth;
    double spent; ///< Seconds that hops took since the last judgement, and how long they sound
    double played;
} TimbrelLoad;

/// Begin a judgement anew.
void timbrel_load_reset(TimbrelLoad* load);

/// A hop that sounds for `hop` seconds took `seconds`. `counts`: it was played in real time; else
/// nothing drops out, and nothing is judged. True if what was believed, whether the model keeps up,
/// proved wrong.
bool timbrel_load_note(TimbrelLoad* load, double seconds, double hop, bool counts);

#endif
