// SPDX-License-Identifier: ISC
#include "capture.h"

#include <math.h>

static const double hair = 1e-6;    // Beats: as good as there
static const double bar_near = 0.5; // Beats: a bar line that keep waits for

static uint64_t count_of(const TimbrelHistory* history) {
    return atomic_load_explicit(&history->count, memory_order_relaxed);
}

/// Frames that will still be there when they are copied.
static uint64_t held(const TimbrelHistory* history) {
    const uint64_t count = count_of(history);
    const uint64_t most = history->room - history->room / 16 - 1;
    return count < most ? count : most;
}

static double last_line(const TimbrelMoment* moment) {
    return floor((moment->beat + hair) / moment->beats_per_bar) * moment->beats_per_bar;
}

/// The first frame from beat `to` on, going back from frame `from`, which lies at `beat`; never
/// before `oldest`.
static uint64_t go_back(const TimbrelHistory* history, uint64_t from, double beat, double to,
                        double beats, uint64_t oldest) {
    const double* past = history->beats;
    const uint64_t room = history->room;
    while (from > oldest && !isnan(past[from % room]) && !isnan(past[(from - 1) % room])) {
        if (past[(from - 1) % room] + hair < to) {
            return from;
        }
        beat = past[--from % room];
    }
    const double missing = beats > 0.0 ? round((beat - to) / beats) : 0.0;
    const double left = (double)(from - oldest);
    return from - (uint64_t)fmin(fmax(missing, 0.0), left);
}

/// The bars before the last bar line, or before now.
static void take_bars(const TimbrelCapture* capture, const TimbrelHistory* history,
                      const TimbrelMoment* moment, TimbrelWish* wish) {
    const uint64_t count = count_of(history);
    const uint64_t oldest = count - held(history);
    const double span = capture->bars * moment->beats_per_bar;
    const double line = moment->rolls ? last_line(moment) : moment->beat;
    uint64_t end = count;
    if (moment->rolls) {
        end = go_back(history, count - 1, moment->beat, line, moment->beats, oldest);
    }
    wish->first = end < count ? go_back(history, end, line, line - span, moment->beats, oldest)
                              : go_back(history, end - 1, line - moment->beats, line - span,
                                        moment->beats, oldest);
    wish->frames = (uint32_t)(end - wish->first);
    wish->beats = wish->first > oldest ? span : wish->frames * moment->beats;
}

static void take_seconds(const TimbrelCapture* capture, const TimbrelHistory* history,
                         const TimbrelMoment* moment, double frame_rate, TimbrelWish* wish) {
    const uint64_t wanted = (uint64_t)llround(capture->bars * frame_rate);
    const uint64_t most = held(history);
    wish->frames = (uint32_t)(wanted < most ? wanted : most);
    wish->first = count_of(history) - wish->frames;
    wish->beats = wish->frames * moment->beats;
}

void timbrel_capture_keep(TimbrelCapture* capture, uint32_t bars, const TimbrelMoment* moment) {
    const double line = last_line(moment);
    const double next = line + moment->beats_per_bar;
    capture->keeping = true;
    capture->bars = bars > 0 ? bars : 1;
    capture->line = next - moment->beat < bar_near ? next : line;
}

void timbrel_capture_add(TimbrelCapture* capture, const TimbrelTable* table, bool beat_lock,
                         const TimbrelMoment* moment) {
    capture->adding = true;
    capture->started = false;
    capture->rows = table->rows;
    capture->beats = beat_lock ? table->beats : 0.0;
    capture->next = moment->beat;
}

/// Whether a multiple of the pass's beats lies in this frame.
static bool is_at_start(const TimbrelCapture* capture, const TimbrelMoment* moment) {
    const double since = moment->beat + hair;
    return moment->rolls && since - floor(since / capture->beats) * capture->beats < moment->beats;
}

static void start_pass(TimbrelCapture* capture, const TimbrelHistory* history,
                       const TimbrelMoment* moment) {
    capture->started = capture->beats == 0.0 || is_at_start(capture, moment);
    capture->begun = count_of(history) - 1;
    if (capture->started && capture->beats > 0.0) {
        const double passes = floor((moment->beat + hair) / capture->beats);
        capture->ends = (passes + 1.0) * capture->beats;
    }
}

/// How many frames of the pass there are, if it ends here, before or with the latest.
static uint64_t ended_pass(const TimbrelCapture* capture, uint64_t there,
                           const TimbrelMoment* moment) {
    if (capture->beats == 0.0) {
        return there >= capture->rows ? there : 0;
    }
    const bool looped = moment->jumped && fabs(capture->next - capture->ends) < 1.5 * moment->beats;
    const bool passed = !moment->jumped && moment->beat + hair >= capture->ends;
    return looped || passed ? there - 1 : 0;
}

/// True where the pass has ended, or can have no end.
static bool step_pass(TimbrelCapture* capture, const TimbrelHistory* history,
                      const TimbrelMoment* moment, TimbrelWish* wish) {
    if (!capture->started) {
        start_pass(capture, history, moment);
    }
    if (!capture->started) {
        return false;
    }
    const uint64_t there = count_of(history) - capture->begun;
    const uint64_t frames = ended_pass(capture, there, moment);
    const bool left = capture->beats > 0.0 && there > 1 && (moment->jumped || !moment->rolls);
    const bool too_long = there > held(history);
    capture->adding = frames == 0 && !left && !too_long;
    wish->kind = TIMBREL_WISH_ADD;
    wish->first = capture->begun;
    wish->frames = too_long ? 0 : (uint32_t)frames;
    wish->beats = capture->beats > 0.0 ? capture->beats : (double)frames * moment->beats;
    return frames > 0 || too_long;
}

bool timbrel_capture_step(TimbrelCapture* capture, const TimbrelHistory* history,
                          const TimbrelMoment* moment, double frame_rate, TimbrelWish* wish) {
    const bool goes_on = moment->transport && moment->rolls && !moment->jumped;
    if (capture->keeping && !(goes_on && moment->beat + hair < capture->line)) {
        capture->keeping = false;
        wish->kind = TIMBREL_WISH_KEEP;
        if (moment->transport) {
            take_bars(capture, history, moment, wish);
        } else {
            take_seconds(capture, history, moment, frame_rate, wish);
        }
        return true;
    }
    if (capture->adding && step_pass(capture, history, moment, wish)) {
        return true;
    }
    capture->next = moment->beat + moment->beats;
    return false;
}
