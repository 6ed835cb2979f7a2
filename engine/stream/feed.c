// SPDX-License-Identifier: ISC
#include "feed.h"
#include "engine/base/rt.h"

bool timbrel_feed_init(TimbrelFeed* feed, const TimbrelClock* clock, uint32_t channels,
                       uint64_t least) {
    *feed = (TimbrelFeed){.channels = channels};
    const uint64_t frames =
        (least + clock->span) * clock->model_rate / clock->host_rate / clock->framing.ratio +
        clock->lead;
    const bool there =
        (channels == 0 || timbrel_ring_init(&feed->sound, channels * sizeof(float), least)) &&
        timbrel_ring_init(&feed->controls, sizeof(TimbrelLatentControls), frames + 64) &&
        timbrel_ring_init(&feed->events, sizeof(TimbrelLatentEvent), TIMBREL_FEED_EVENTS);
    if (!there) {
        timbrel_feed_free(feed);
        return false;
    }
    timbrel_feed_reset(feed, clock);
    return true;
}

void timbrel_feed_free(TimbrelFeed* feed) {
    timbrel_ring_free(&feed->sound);
    timbrel_ring_free(&feed->controls);
    timbrel_ring_free(&feed->events);
}

void timbrel_feed_reset(TimbrelFeed* feed, const TimbrelClock* clock) {
    timbrel_ring_reset(&feed->sound);
    timbrel_ring_reset(&feed->controls);
    timbrel_ring_reset(&feed->events);
    feed->time = 0;
    feed->hop = 0;
    feed->hop_time = timbrel_clock_hop_time(clock, 0);
    feed->frame = 0;
    feed->frame_time = timbrel_clock_frame_time(clock, 0);
    feed->gap = false;
}

bool timbrel_feed_fits(const TimbrelFeed* feed, const TimbrelClock* clock,
                       uint32_t frames) TIMBREL_RT {
    if (feed->channels > 0) {
        return timbrel_ring_room(&feed->sound) >= frames;
    }
    const uint64_t samples = (uint64_t)frames * clock->model_rate / clock->host_rate;
    return timbrel_ring_room(&feed->controls) >= samples / clock->framing.ratio + 2;
}

static void put_sound(TimbrelFeed* feed, const TimbrelStreamInput* input) {
    float samples[2 * TIMBREL_CHUNK];
    for (uint32_t c = 0; c < feed->channels; ++c) {
        for (uint32_t i = 0; i < input->frames; ++i) {
            samples[i * feed->channels + c] = input->in[c][i];
        }
    }
    if (!timbrel_ring_put(&feed->sound, samples, input->frames)) {
        timbrel_ring_lose(&feed->sound, input->frames);
    }
}

static void put_event(TimbrelFeed* feed, const TimbrelLatentEvent* event) {
    if (feed->gap) {
        const TimbrelLatentEvent gap = {event->frame, event->position, {.kind = TIMBREL_EVENT_GAP}};
        feed->gap =
            timbrel_ring_room(&feed->events) < 2 || !timbrel_ring_put(&feed->events, &gap, 1);
    }
    feed->gap = feed->gap || !timbrel_ring_put(&feed->events, event, 1);
}

bool timbrel_feed_write(TimbrelFeed* feed, const TimbrelClock* clock,
                        const TimbrelStreamInput* input) TIMBREL_RT {
    const uint64_t end = feed->time + input->frames;
    if (feed->channels > 0) {
        put_sound(feed, input);
    }
    for (uint32_t i = 0; i < input->event_count; ++i) {
        const TimbrelEvent* event = &input->events[i];
        const uint64_t since = event->time > input->begin ? event->time - input->begin : 0;
        TimbrelLatentEvent put = {.event = *event};
        put.frame = timbrel_clock_event_frame(clock, feed->time + since, &put.position);
        put_event(feed, &put);
    }
    for (; feed->frame_time <= end;
         feed->frame_time = timbrel_clock_frame_time(clock, feed->frame)) {
        if (!timbrel_ring_put(&feed->controls, input->controls, 1)) {
            timbrel_ring_lose(&feed->controls, 1);
        }
        ++feed->frame;
    }
    feed->time = end;
    bool complete = false;
    for (; feed->hop_time <= end; feed->hop_time = timbrel_clock_hop_time(clock, feed->hop)) {
        ++feed->hop;
        complete = true;
    }
    return complete;
}

/// The number of the controls that act on frame `g` of a hop's window.
static uint64_t controls_number(const TimbrelClock* clock, uint64_t hop, uint32_t g) {
    const int64_t number = timbrel_framing_frame(&clock->framing, hop, g) - (int64_t)clock->lead;
    return number > 0 ? (uint64_t)number : 0;
}

bool timbrel_feed_controls(const TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop,
                           TimbrelLatentControls* controls) {
    bool whole = true;
    for (uint32_t g = 0; g < clock->framing.frames; ++g) {
        const TimbrelLatentControls* sampled =
            timbrel_ring_look(&feed->controls, controls_number(clock, hop, g));
        whole = whole && sampled;
        if (sampled) {
            controls[g] = *sampled;
        }
    }
    return whole;
}

uint32_t timbrel_feed_events(TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop,
                             TimbrelLatentEvent* events) {
    const int64_t end = timbrel_framing_frame(&clock->framing, hop, clock->framing.frames);
    uint32_t count = 0;
    for (uint64_t there = timbrel_ring_count(&feed->events);
         there > 0 && count < TIMBREL_FEED_EVENTS; --there) {
        const TimbrelLatentEvent* event =
            timbrel_ring_look(&feed->events, timbrel_ring_next(&feed->events));
        if (event && (int64_t)event->frame >= end) {
            break;
        }
        (void)timbrel_ring_take(&feed->events, &events[count++], 1);
    }
    return count;
}

void timbrel_feed_drop(TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop) {
    timbrel_ring_drop(&feed->controls,
                      controls_number(clock, hop + 1, 0) - controls_number(clock, hop, 0));
}
