// SPDX-License-Identifier: ISC
#include "controls.h"
#include "engine/base/rt.h"

static void read_rows(TimbrelSourceControls* from, const float* controls) {
    from->rows.start = (uint32_t)controls[TIMBREL_CONTROL_ROWS_START];
    from->rows.length = (uint32_t)controls[TIMBREL_CONTROL_ROWS_LENGTH];
    from->rows.beats = controls[TIMBREL_CONTROL_ROWS_BEATS];
    from->rows.step = (uint32_t)controls[TIMBREL_CONTROL_STEP];
    from->rows.feedback = controls[TIMBREL_CONTROL_FEEDBACK] * 0.01f;
    from->rows.bars = 1U << (uint32_t)controls[TIMBREL_CONTROL_KEEP_BARS];
    from->rows.direction = (TimbrelDirection)controls[TIMBREL_CONTROL_DIRECTION];
    from->rows.beat_lock = controls[TIMBREL_CONTROL_BEAT_LOCK] > 0.5f;
    for (int i = 0; i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        from->rows.lengths[i] = controls[TIMBREL_CONTROL_LENGTH_FIRST + i];
    }
}

static void read_map(TimbrelSourceControls* from, const float* controls) {
    from->map.x = controls[TIMBREL_CONTROL_MAP_X];
    from->map.y = controls[TIMBREL_CONTROL_MAP_Y];
    from->map.rest = (TimbrelMapRest)controls[TIMBREL_CONTROL_MAP_REST];
    from->map.plane = controls[TIMBREL_CONTROL_PLANE] > 0.5f;
    for (int i = 0; i < TIMBREL_CORNERS; ++i) {
        from->map.corners[i] = (uint32_t)controls[TIMBREL_CONTROL_CORNER_FIRST + i] - 1;
    }
}

static void read_points(TimbrelSourceControls* from, const float* controls) {
    from->points.base = (uint32_t)controls[TIMBREL_CONTROL_POINT_BASE] - 1;
    from->points.glide = controls[TIMBREL_CONTROL_GLIDE];
    from->points.glide_beats = controls[TIMBREL_CONTROL_GLIDE_BEATS];
    from->points.reach = controls[TIMBREL_CONTROL_REACH];
}

void timbrel_latent_controls(TimbrelLatentControls* latent,
                             const float controls[TIMBREL_CONTROL_COUNT]) TIMBREL_RT {
    for (int i = 0; i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        latent->bias[i] = controls[TIMBREL_CONTROL_BIAS_FIRST + i];
        latent->scale[i] = controls[TIMBREL_CONTROL_SCALE_FIRST + i];
    }
    latent->smoothing = controls[TIMBREL_CONTROL_SMOOTHING];
    latent->randomness = controls[TIMBREL_CONTROL_RANDOMNESS] * 0.01f;
    latent->noise = controls[TIMBREL_CONTROL_NOISE] * 0.01f;
    latent->jitter = controls[TIMBREL_CONTROL_JITTER];
    latent->jitter_rate = controls[TIMBREL_CONTROL_JITTER_RATE];
    latent->quantise = controls[TIMBREL_CONTROL_QUANTISE];
    latent->route = (TimbrelRoute)controls[TIMBREL_CONTROL_ROUTE];
    latent->route_by = (uint32_t)controls[TIMBREL_CONTROL_ROUTE_BY];
    latent->freeze = controls[TIMBREL_CONTROL_FREEZE] > 0.5f;
    latent->dual = controls[TIMBREL_CONTROL_STEREO] > 0.5f;
    latent->from.source = (TimbrelSourceId)controls[TIMBREL_CONTROL_SOURCE];
    latent->from.blend = controls[TIMBREL_CONTROL_BLEND] * 0.01f;
    latent->from.tempo = controls[TIMBREL_CONTROL_TEMPO];
    read_rows(&latent->from, controls);
    read_map(&latent->from, controls);
    read_points(&latent->from, controls);
}
