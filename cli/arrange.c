// SPDX-License-Identifier: ISC
#include "arrange.h"

#include "command.h"
#include "compose/canvas.h"
#include "compose/plot.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

static TimbrelStatus concat(const TimbrelLatents* parts, size_t count, TimbrelLatents* out,
                            TimbrelError* error) {
    timbrel_latents_init(out, parts[0].count, &parts[0].origin);
    TimbrelStatus status = TIMBREL_OK;
    for (size_t i = 0; i < count && !status; ++i) {
        status = timbrel_latents_append(out, parts[i].values, parts[i].rows, error);
    }
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}

static TimbrelStatus loop(const ArrangeOptions* options, const TimbrelLatents* a,
                          TimbrelLatents* out, TimbrelError* error) {
    TimbrelLoop wanted = options->loop;
    wanted.seed = options->seed;
    wanted.rows = options->rows ? options->rows : timbrel_rows_product(a->rows, options->times);
    return timbrel_pattern_loop(a, &wanted, out, error);
}

static TimbrelStatus morph(const ArrangeOptions* options, const TimbrelLatents* in,
                           TimbrelLatents* out, TimbrelError* error) {
    const size_t longer = in[0].rows > in[1].rows ? in[0].rows : in[1].rows;
    size_t rows = options->rows ? options->rows : longer;
    TimbrelMorphPoint straight[2] = {{0, 0}, {(double)rows - 1, 1}};
    TimbrelMorphPoint* curve = NULL;
    size_t point_count = rows > 1 ? 2 : 1;
    if (options->curve) {
        curve = arrange_curve(options->curve, &point_count);
        if (!curve) {
            return TIMBREL_IO_ERROR; // It said why
        }
        if (!options->rows && curve[point_count - 1].row < (double)TIMBREL_MAX_VALUES) {
            rows = (size_t)curve[point_count - 1].row + 1;
        }
    }
    const TimbrelMorph wanted = {.rows = rows,
                                 .spherical = options->spherical,
                                 .points = curve ? curve : straight,
                                 .point_count = point_count};
    const TimbrelStatus status = timbrel_pattern_morph(&in[0], &in[1], &wanted, out, error);
    free(curve);
    return status;
}

static TimbrelStatus arrange(ArrangeOptions* options, const TimbrelLatents* in, TimbrelLatents* out,
                             TimbrelError* error) {
    options->orale.seed = options->swapper.seed = options->deform.seed = options->seed;
    options->swapper.repeats = options->repeats;
    const double factor =
        options->rows ? (double)options->rows / (double)in[0].rows : options->factor;
    switch (options->pattern) {
    case PATTERN_FIBO:
        return timbrel_pattern_fibo(&in[0], out, error);
    case PATTERN_ORALE:
        return timbrel_pattern_orale(&in[0], &options->orale, out, error);
    case PATTERN_BLENDER:
        return timbrel_pattern_blender(&in[0], &in[1], options->repeats, out, error);
    case PATTERN_SWAPPER:
        return timbrel_pattern_swapper(&in[0], &in[1], &options->swapper, out, error);
    case PATTERN_LOOP:
        return loop(options, &in[0], out, error);
    case PATTERN_MORPH:
        return morph(options, in, out, error);
    case PATTERN_CONCAT:
        return concat(in, options->inputs.count, out, error);
    case PATTERN_STRETCH: // Codes cannot be mixed
        return timbrel_pattern_stretch(&in[0], factor, in[0].origin.discrete, out, error);
    case PATTERN_DEFORM:
        return timbrel_pattern_deform(&in[0], &options->deform, out, error);
    case PATTERN_COUNT:
        break;
    }
    return TIMBREL_BAD_ARGUMENT;
}

static bool check_inputs(const ArrangeOptions* options, const TimbrelLatents* in) {
    const PatternInfo* info = &pattern_infos[options->pattern];
    if (in[0].origin.discrete && info->mixes) {
        message("The latents of the model %s are codes, which %s cannot mix; arrange them with "
                "another pattern.",
                in[0].origin.model, info->name);
        return false;
    }
    if (options->last_latent > in[0].count) {
        message("There is no latent %zu; \"%s\" has %u.", options->last_latent,
                options->inputs.files[0].path, in[0].count);
        return false;
    }
    return true;
}

static bool draw(const ArrangeOptions* options, const TimbrelLatents* in,
                 const TimbrelLatents* out) {
    const char* const names[] = {"A", "B", "C", "D"};
    const size_t count = options->inputs.count < 4 ? options->inputs.count : 4;
    TimbrelError error = {0};
    if (timbrel_plot_score(in, names, count, out, pattern_infos[options->pattern].name,
                           options->plot, &error)) {
        message("%s", error.message);
    }
    return error.status == TIMBREL_OK;
}

static bool arrange_and_write(ArrangeOptions* options, const TimbrelLatents* in) {
    TimbrelLatents out;
    TimbrelError error = {0};
    if (!check_inputs(options, in)) {
        return false;
    }
    if (arrange(options, in, &out, &error)) {
        if (error.status) {
            message("%s", error.message);
        }
        return false;
    }
    (void)snprintf(out.origin.source, sizeof out.origin.source, "%s of %.400s",
                   pattern_infos[options->pattern].name,
                   in[0].origin.source[0] ? in[0].origin.source : "latents");
    out.origin.stamp[0] = '\0';
    const bool done =
        (!options->plot || draw(options, in, &out)) && latent_io_write(&options->output, &out);
    timbrel_latents_free(&out);
    return done;
}

int arrange_run(int argc, char** argv) {
    ArrangeOptions options;
    TimbrelError error = {0};
    arrange_parse(&options, argc, argv);
    bool done = false;
    if (options.plot && timbrel_canvas_check(options.plot, &error)) {
        message("%s", error.message);
    } else if (latent_io_choose(&options.output)) {
        TimbrelLatents* in = latent_io_read(&options.inputs);
        done = in && arrange_and_write(&options, in);
        latent_io_free(in, options.inputs.count);
    }
    collection_free(&options.inputs);
    return done ? 0 : EXIT_FAILED;
}
