// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_CONTROLS_H
#define TIMBREL_ENGINE_LATENTS_CONTROLS_H

#include "engine/base/controls.h"
#include "engine/base/rt.h"

#include <stdbool.h>
#include <stdint.h>

/// What sources read. See the controls of the same names.
typedef struct {
    TimbrelSourceId source;
    float blend; ///< 0..1
    float tempo; ///< Beats a minute, where the host tells none
    struct {
        uint32_t start;  ///< Row
        uint32_t length; ///< Rows; 0: all
        float beats;     ///< With beat lock; 0: by itself
        uint32_t step;   ///< At least 1
        float feedback;  ///< 0..1
        uint32_t bars;   ///< That keep takes
        TimbrelDirection direction;
        bool beat_lock;
        float lengths[TIMBREL_CONTROLLED_LATENTS]; ///< Rows, or beats; 0: as the others
    } rows;
    struct {
        float x; ///< Deviations
        float y;
        TimbrelMapRest rest;
        bool plane;
        uint32_t corners[TIMBREL_CORNERS]; ///< Points, from 0; bottom left, right, top left, right
    } map;
    struct {
        uint32_t base;     ///< Point, from 0, of note 60
        float glide;       ///< ms
        float glide_beats; ///< Where above 0, instead
        float reach;
    } points;
} TimbrelSourceControls;

/// The controls in force at one latent frame.
typedef struct {
    float bias[TIMBREL_CONTROLLED_LATENTS];
    float scale[TIMBREL_CONTROLLED_LATENTS];
    float smoothing;   ///< Time constant, ms; 0: none
    float randomness;  ///< 0..1, see TimbrelAmounts
    float noise;       ///< 0..1, see TimbrelAmounts
    float jitter;      ///< Deviation; 0: none
    float jitter_rate; ///< Hz
    float quantise;    ///< Step; 0: none
    uint32_t route_by;
    TimbrelRoute route;
    bool freeze;
    bool dual; ///< Left and right as two lanes
    TimbrelSourceControls from;
} TimbrelLatentControls;

/// Read them from the effect's controls. Thread: any.
void timbrel_latent_controls(TimbrelLatentControls* latent,
                             const float controls[TIMBREL_CONTROL_COUNT]) TIMBREL_RT;

#endif
