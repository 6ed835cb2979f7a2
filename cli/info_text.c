// SPDX-License-Identifier: ISC
#include "command.h"
#include "engine/model/methods.h"
#include "info.h"
#include "message.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void label(const char* name) {
    (void)printf("  %-12s", name);
}

__attribute__((format(printf, 2, 3))) static void line(const char* name, const char* format, ...) {
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    label(name);
    print_safely(stdout, text);
    (void)putchar('\n');
}

static const char* plural(uint32_t count) {
    return count == 1 ? "" : "s";
}

static const char* width(uint32_t channels) {
    return channels == 1 ? "mono" : channels == 2 ? "stereo" : "multichannel";
}

static void print_latents(const TimbrelModelInfo* model, double rate) {
    if (model->play_mode == TIMBREL_PLAY_FORWARD) {
        line("Latents", "none to control: its method %s makes sound", model->method);
        return;
    }
    line("Latents", "%u%s, a frame every %u samples (%.1f a second)", model->latents,
         model->discrete ? ", integer codes" : "", model->ratio, rate / model->ratio);
    for (uint32_t i = 0; i < model->latents; ++i) {
        const TimbrelLatentMeaning* meaning = &model->latent_meanings[i];
        if (meaning->kind != TIMBREL_LATENT_NORMAL) {
            line("", "%3u  %s: measured, %s = %.4g + %.4g x latent", i + 1,
                 model->latent_labels[i][0] ? model->latent_labels[i] : info_latent_kind(meaning),
                 meaning->unit[0] ? meaning->unit : "value", (double)meaning->offset,
                 (double)meaning->scale);
        } else if (model->latent_labels[i][0]) {
            line("", "%3u  %s", i + 1, model->latent_labels[i]);
        }
    }
    line("Space", "%s", model->latent_space);
}

// Whether the method is one of those that play.
static bool plays(const TimbrelModelInfo* model, const char* method) {
    for (int step = 0; step < TIMBREL_STEP_COUNT; ++step) {
        const char* name = timbrel_methods_step(model, (TimbrelStep)step);
        if (name && strcmp(name, method) == 0) {
            return true;
        }
    }
    return false;
}

static const char* what_it_does(uint32_t kind, bool plays) {
    static const char* const words[][2] = {
        [TIMBREL_METHOD_OTHER] = {"cannot be chosen", "plays"},
        [TIMBREL_METHOD_SOUND] = {"gives sound", "gives sound, plays"},
        [TIMBREL_METHOD_VALUES] = {"gives values", "gives values, plays"},
    };
    return words[kind][plays];
}

static void print_methods(const TimbrelModelInfo* model) {
    for (uint32_t i = 0; i < model->method_count; ++i) {
        const TimbrelMethod* method = &model->methods[i];
        line(i ? "" : "Methods", "%-10s %u channel%s in, 1 : %u; %u channel%s out, 1 : %u; %s",
             method->name, method->in_channels, plural(method->in_channels), method->in_ratio,
             method->out_channels, plural(method->out_channels), method->out_ratio,
             what_it_does(method->kind, plays(model, method->name)));
    }
}

static void print_attributes(const TimbrelModelInfo* model) {
    for (uint32_t i = 0; i < model->attribute_count; ++i) {
        const TimbrelAttribute* attribute = &model->attributes[i];
        char types[128] = "";
        size_t used = 0;
        for (uint32_t k = 0; k < attribute->count && used < sizeof types; ++k) {
            used += (size_t)snprintf(types + used, sizeof types - used, "%s%s", k ? ", " : "",
                                     info_attribute_type(attribute->types[k]));
        }
        line(i ? "" : "Attributes", "%-10s = %s (%s%s)", attribute->name, attribute->value, types,
             attribute->settable ? "" : "; cannot be set");
    }
}

/// Those that three digits need.
static int decimals(double value) {
    return value > 0 ? (int)fmin(fmax(2 - floor(log10(value)), 0), 6) : 2;
}

static void print_speed(const TimbrelModelSummary* model) {
    const double hop = model->hop / model->rate;
    const double times = info_real_time_factor(model);
    line("Speed", "a hop of %.2f ms takes at most %.*f ms: %.*f times real time", 1e3 * hop,
         decimals(1e3 * model->hop_seconds[0]), 1e3 * model->hop_seconds[0], decimals(times),
         times);
    if (model->lanes > 1) {
        line("", "%.*f ms for two channels side by side", decimals(1e3 * model->hop_seconds[1]),
             1e3 * model->hop_seconds[1]);
    } else if (model->info.in_channels == 1) {
        line("", "two channels side by side are not possible");
    }
    line("", "loaded in %.2f s, first hop %.1f ms", model->load_seconds,
         1e3 * model->first_seconds);
}

static void print_part(char sign, const char* name, uint32_t samples, double rate) {
    (void)printf("    %c %-30s %7u  %8.2f ms\n", sign, name, samples, 1e3 * samples / rate);
}

static void print_latency(const Info* info) {
    const TimbrelLatency* latency = info->latency;
    const double rate = info->query->rate;
    line("Latency", "at %g Hz, blocks of %u samples, timing %s%s:", rate, info->query->block,
         info_timing_name(info->query->timing), info->query->dual ? ", two channels" : "");
    for (uint32_t i = 0; i < TIMBREL_LATENCY_COUNT; ++i) {
        const TimbrelLatencyPart* part = &timbrel_latency_parts[i];
        const char* signs = i == 0 ? " " : part->sign < 0 ? "-" : "+";
        print_part(signs[0], part->label, timbrel_latency_part(latency, i), rate);
    }
    print_part('=', "in all", latency->total, rate);
}

int info_print_text(const Info* info) {
    const TimbrelModelSummary* model = info->model;
    const TimbrelModelInfo* file = &model->info;
    print_safely(stdout, model->name);
    (void)putchar('\n');
    const bool large = file->file_bytes >= 1000000;
    line("File", "%s (%.1f %s)", info->path, (double)file->file_bytes / (large ? 1e6 : 1e3),
         large ? "MB" : "kB");
    line("Played by", "%s: %s", timbrel_backend_name(model->backend), model->backend_why);
    line("Rate", "%g Hz, %s", model->rate,
         file->rate_known ? "as the file says" : "assumed: the file does not say (--assume-rate)");
    line("Sound", "%s in, %s out", width(file->in_channels), width(file->out_channels));
    print_latents(file, model->rate);
    line("Hop", "%u samples, %.2f ms", model->hop, 1e3 * model->hop / model->rate);
    if (file->streaming) {
        line("Streaming", "yes: hop follows hop without a seam");
    } else {
        line("Streaming", "no: played in windows of %u samples, crossfaded over %u", model->window,
             model->overlap);
    }
    line("Prior", "%s", file->has_prior ? "yes" : "no");
    const char* chance =
        file->draws_normal
            ? (file->draws_uniform ? "in the latents and in the noise" : "in the latents")
            : (file->draws_uniform ? "in the noise" : "");
    const char* other = file->draws_other ? "of a kind that no control changes" : "none";
    line("Randomness", "%s%s%s", chance, *chance && file->draws_other ? ", and " : "",
         *chance && !file->draws_other ? "" : other);
    print_methods(file);
    char note[512];
    timbrel_methods_note(file, model->name, note, sizeof note);
    if (note[0] != '\0') {
        line("", "%s", note);
    }
    print_attributes(file);
    print_speed(model);
    print_latency(info);
    if (fflush(stdout) != 0) {
        message("The answer could not be written; check the disk.");
        return EXIT_FAILED;
    }
    return 0;
}
