// SPDX-License-Identifier: ISC
#include "window.h"
#include "engine/base/rt.h"

#include "engine/base/text.h"
#include "engine/model/methods.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { meters_a_second = 60 };
static const double patience = 3.0; // Seconds of silence after which a window is gone

void timbrel_window_init(TimbrelWindow* w, TimbrelMessages* messages, double rate, uint32_t inputs,
                         uint32_t outputs) {
    w->messages = messages;
    w->notify = messages->notify;
    w->rate = rate;
    w->inputs = inputs;
    w->outputs = outputs;
    w->playing.rate = rate;
    w->meters.channels = outputs;
}

static void clear_peaks(TimbrelWindow* w) {
    memset(w->meters.input, 0, sizeof w->meters.input);
    memset(w->meters.output, 0, sizeof w->meters.output);
}

static uint32_t late_hops(const TimbrelWindow* w) {
    float reports[TIMBREL_REPORT_COUNT];
    timbrel_effect_reports(w->notify->effect, reports);
    return (uint32_t)reports[TIMBREL_REPORT_DROPOUTS];
}

static void hello(TimbrelWindow* w, const TimbrelWireHello* message) {
    if (w->left == 0) { // what is left over is of another time
        clear_peaks(w);
        w->scope.frames = 0;
    }
    w->left = (uint32_t)(patience * w->rate);
    w->serial = message->serial;
    const uint32_t serial = timbrel_effect_report_rt(w->notify->effect)->serial;
    if (w->serial != serial + 1 && w->telling == 0) {
        w->telling = 1;
    }
}

static void load(TimbrelWindow* w, const char* text, int64_t frame) {
    TimbrelMessages* messages = w->messages;
    const size_t length = strlen(text);
    if (length >= sizeof messages->wanted) {
        return;
    }
    memcpy(messages->wanted, text, length + 1);
    messages->has_wanted = true;
    (void)timbrel_notify_changed(w->notify, frame);
}

static void set_method(TimbrelWindow* w, const char* text, int64_t frame) {
    TimbrelMessages* messages = w->messages;
    const size_t length = strlen(text);
    if (length >= sizeof messages->method) {
        return;
    }
    memcpy(messages->method, text, length + 1);
    messages->has_method = true;
    (void)timbrel_notify_changed(w->notify, frame);
}

static void set_attribute(TimbrelWindow* w, const TimbrelAttribute* attribute, int64_t frame) {
    // A session keeps one attribute a line.
    if (strpbrk(attribute->name, "\r\n=") || strpbrk(attribute->value, "\r\n")) {
        return;
    }
    if (timbrel_effect_request_attribute_rt(w->notify->effect, attribute->name, attribute->value)) {
        (void)timbrel_notify_changed(w->notify, frame);
    }
}

void timbrel_window_handle(TimbrelWindow* w, const void* data, uint32_t size,
                           int64_t frame) TIMBREL_RT {
    if (size > sizeof w->message) {
        return;
    }
    memcpy(&w->message, data, size); // aligned, whatever the host did
    if (!timbrel_wire_valid(&w->message, size)) {
        return;
    }
    switch (w->message.head.type) {
    case TIMBREL_WIRE_HELLO:
        hello(w, &w->message.hello);
        break;
    case TIMBREL_WIRE_LOAD:
        load(w, w->message.text.text, frame);
        break;
    case TIMBREL_WIRE_SET_METHOD:
        set_method(w, w->message.text.text, frame);
        break;
    case TIMBREL_WIRE_SET_ATTRIBUTE:
        set_attribute(w, &w->message.attribute.attribute, frame);
        break;
    case TIMBREL_WIRE_CLEAR_LATE:
        w->late_base = late_hops(w);
        break;
    case TIMBREL_WIRE_MEASURE:
        timbrel_effect_measure(w->notify->effect);
        break;
    default:
        break;
    }
}

static float peak(const float* samples, uint32_t frames, float so_far) {
    for (uint32_t i = 0; samples && i < frames; ++i) {
        so_far = fmaxf(so_far, fabsf(samples[i])); // fmaxf() passes over a NaN
    }
    return so_far;
}

static bool send_scope(TimbrelWindow* w, int64_t frame) {
    timbrel_wire_head(&w->scope, TIMBREL_WIRE_SCOPE, timbrel_wire_scope_size(w->scope.frames));
    const bool sent = timbrel_notify_wire(w->notify, frame, &w->scope.head);
    w->scope.frames = 0; // lost if there was no room
    return sent;
}

void timbrel_window_input(TimbrelWindow* w, const float* const* in, uint32_t frames,
                          int64_t frame) TIMBREL_RT {
    if (w->left == 0 || w->inputs == 0) {
        return;
    }
    for (uint32_t c = 0; c < w->inputs; ++c) {
        w->meters.input[c] = peak(in[c], frames, w->meters.input[c]);
    }
    const float scale = (float)TIMBREL_WIRE_SCOPE_SCALE / (float)w->inputs;
    for (uint32_t i = 0; i < frames; ++i) {
        float sum = 0;
        for (uint32_t c = 0; c < w->inputs; ++c) {
            sum += in[c] ? in[c][i] * scale : 0.0f;
        }
        sum = isfinite(sum) ? fminf(fmaxf(sum, INT16_MIN), INT16_MAX) : 0.0f;
        w->scope.samples[w->scope.frames++] = (int16_t)lrintf(sum);
        if (w->scope.frames == TIMBREL_WIRE_SCOPE_FRAMES) {
            (void)send_scope(w, frame);
        }
    }
}

void timbrel_window_output(TimbrelWindow* w, float* const* out, uint32_t frames) TIMBREL_RT {
    if (w->left == 0) {
        return;
    }
    for (uint32_t c = 0; c < w->outputs; ++c) {
        w->meters.output[c] = peak(out[c], frames, w->meters.output[c]);
    }
}

static void send_meters(TimbrelWindow* w, int64_t frame) {
    TimbrelWireMeters* m = &w->meters;
    float reports[TIMBREL_REPORT_COUNT];
    float controlled[TIMBREL_MAX_LATENTS];
    timbrel_effect_reports(w->notify->effect, reports);
    timbrel_effect_latency(w->notify->effect, &m->latency);
    m->latents = timbrel_effect_latents(w->notify->effect, m->values, controlled);
    memcpy(m->values + m->latents, controlled, m->latents * sizeof(float));
    m->load = reports[TIMBREL_REPORT_LOAD];
    const uint32_t late = (uint32_t)reports[TIMBREL_REPORT_DROPOUTS];
    if (late < w->late_base) { // the effect began to count anew
        w->late_base = 0;
    }
    m->late_hops = late - w->late_base;
    m->learnt_gain = timbrel_effect_learnt_gain(w->notify->effect);
    m->learning = timbrel_effect_learning(w->notify->effect);
    timbrel_wire_head(m, TIMBREL_WIRE_METERS, timbrel_wire_meters_size(m->latents));
    if (timbrel_notify_wire(w->notify, frame, &m->head)) {
        clear_peaks(w);
    }
}

/// A plan has only the method that it was made of.
static bool is_plan(const char* path) TIMBREL_RT {
    const char* dot = strrchr(path, '.');
    TIMBREL_RT_UNCHECKED // Reads two texts
        return dot &&
        !strcasecmp(dot, ".plan");
    TIMBREL_RT_CHECKED
}

/// What can be asked for, see TIMBREL_TEXT_METHODS.
static void list_methods(TimbrelWindow* w, const TimbrelModelReport* report) {
    const TimbrelModelInfo* info = &report->model.info;
    const char* usual = timbrel_methods_default(info);
    char* at = w->methods;
    *at = '\0';
    if (!usual || is_plan(report->path)) {
        return;
    }
    size_t length = strlen(usual);
    memcpy(at, usual, length + 1);
    at += length;
    for (uint32_t i = 0; i < info->method_count; ++i) {
        const TimbrelMethod* method = &info->methods[i];
        if (method->kind == TIMBREL_METHOD_OTHER || !strcmp(method->name, usual)) {
            continue;
        }
        length = strlen(method->name);
        *at++ = '\n';
        memcpy(at, method->name, length + 1);
        at += length;
    }
}

/// Remember what plays from the news.
static void follow(TimbrelWindow* w, const TimbrelModelReport* report) {
    if (report->state == TIMBREL_MODEL_READY) {
        const TimbrelModelSummary* model = &report->model;
        TimbrelWireStatus* p = &w->playing;
        p->playing = 1;
        p->hop = model->hop;
        p->ratio = model->info.ratio;
        p->latents = model->info.latents;
        p->in_channels = model->info.in_channels;
        p->out_channels = model->info.out_channels;
        p->streaming = model->info.streaming;
        p->discrete = model->info.discrete;
        p->draws_normal = model->info.draws_normal;
        p->draws_uniform = model->info.draws_uniform;
        p->play_mode = model->info.play_mode;
        p->model_rate = model->rate;
        p->hop_seconds = model->hop_seconds[0];
        p->file_bytes = model->info.file_bytes;
        TIMBREL_COPY(w->wanted, report->wanted);
        list_methods(w, report);
        TIMBREL_COPY(w->name, model->name);
        w->backend = model->backend;
        TIMBREL_COPY(w->backend_why, model->backend_why);
        TIMBREL_COPY(w->labels, model->info.latent_labels);
        TIMBREL_COPY(w->meanings, model->info.latent_meanings);
    } else if (report->state == TIMBREL_MODEL_NONE) {
        w->playing = (TimbrelWireStatus){.rate = w->rate};
        w->wanted[0] = w->methods[0] = '\0';
        w->name[0] = w->backend_why[0] = '\0';
        w->backend = TIMBREL_BACKEND_BEST;
    }
}

static const char* text_of(const TimbrelWindow* w, const TimbrelModelReport* report,
                           TimbrelWireTextKind kind) {
    switch (kind) {
    case TIMBREL_TEXT_WANTED:
        return report->wanted;
    case TIMBREL_TEXT_PATH:
        return report->path;
    case TIMBREL_TEXT_MESSAGE:
        return report->message;
    case TIMBREL_TEXT_NAME:
        return w->name;
    case TIMBREL_TEXT_BACKEND:
        return timbrel_backend_name(w->backend);
    case TIMBREL_TEXT_BACKEND_WHY:
        return w->backend_why;
    case TIMBREL_TEXT_METHOD:
        return report->method;
    case TIMBREL_TEXT_METHODS:
        return strcmp(w->wanted, report->wanted) ? "" : w->methods;
    default:
        return "";
    }
}

/// Put item `item` of the news into the message; false if there is none such. Items are: status,
/// texts, latents, attributes, end.
static bool make_item(TimbrelWindow* w, const TimbrelModelReport* report, uint32_t item) {
    const TimbrelModelInfo* info = &report->model.info;
    if (item == 0) {
        w->message.status = w->playing;
        w->message.status.serial = report->serial + 1;
        w->message.status.state = (uint32_t)report->state;
        timbrel_wire_head(&w->message, TIMBREL_WIRE_STATUS, sizeof w->message.status);
        return true;
    }
    item -= 1;
    if (item < TIMBREL_TEXT_COUNT) {
        timbrel_wire_text(&w->message.text, TIMBREL_WIRE_TEXT, item, text_of(w, report, item));
        return true;
    }
    item -= TIMBREL_TEXT_COUNT;
    if (item < w->playing.latents) {
        w->message.latent.index = item;
        w->message.latent.meaning = w->meanings[item];
        TIMBREL_COPY(w->message.latent.label, w->labels[item]);
        timbrel_wire_head(&w->message, TIMBREL_WIRE_LATENT, sizeof w->message.latent);
        return true;
    }
    item -= w->playing.latents;
    if (item < info->attribute_count) {
        w->message.attribute.index = item;
        w->message.attribute.attribute = info->attributes[item];
        timbrel_wire_head(&w->message, TIMBREL_WIRE_ATTRIBUTE, sizeof w->message.attribute);
        return true;
    }
    if (item > info->attribute_count) {
        return false;
    }
    w->message.told.serial = report->serial + 1;
    w->message.told.attributes = info->attribute_count;
    timbrel_wire_head(&w->message, TIMBREL_WIRE_TOLD, sizeof w->message.told);
    return true;
}

static void tell_news(TimbrelWindow* w, const TimbrelModelReport* report, int64_t frame) {
    while (w->telling > 0) {
        if (!make_item(w, report, w->telling - 1)) {
            w->telling = 0;
        } else if (timbrel_notify_wire(w->notify, frame, &w->message.head)) {
            ++w->telling;
        } else {
            return; // on with it in the next run
        }
    }
}

void timbrel_window_finish(TimbrelWindow* w, uint32_t frames, bool freewheel) TIMBREL_RT {
    const TimbrelModelReport* report = timbrel_effect_report_rt(w->notify->effect);
    if (report->serial + 1 != w->playing_serial) {
        follow(w, report);
        w->playing_serial = report->serial + 1;
        w->telling = 1;
    }
    if (w->left == 0) {
        return;
    }
    const int64_t last = frames > 0 ? frames - 1 : 0;
    tell_news(w, report, last);
    if (w->until_meters > frames) {
        w->until_meters -= frames;
    } else if (!freewheel && frames > 0) {
        send_meters(w, last);
        w->until_meters = (uint32_t)(w->rate / meters_a_second);
    }
    w->left -= frames < w->left ? frames : w->left;
}
