// SPDX-License-Identifier: ISC
#include "command.h"
#include "latent_io.h"
#include "message.h"

#include "compose/canvas.h"
#include "compose/plot.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Collection files;
    bool as_json;
    const char* save; // NULL: not asked for
    const char* plot;
} Options;

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case 'j':
        options->as_json = true;
        return 0;
    case 's':
        options->save = argument;
        return 0;
    case 'p':
        options->plot = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (!collection_add(&options->files, argument, collection_latents)) {
            exit(EXIT_FAILED);
        }
        return 0;
    case ARGP_KEY_END:
        if (options->files.count == 0) {
            argp_error(state, "latents are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// Rows until a latent is hardly like itself any more: its memory.
static size_t memory_of(const TimbrelLatentStatistics* latent) {
    size_t lag = 0;
    while (lag <= TIMBREL_LAGS && latent->autocorrelation[lag] > 0.5) {
        ++lag;
    }
    return lag;
}

static void print_table(const TimbrelStatistics* s) {
    const double row_rate = timbrel_origin_row_rate(&s->origin);
    (void)printf("%" PRIu64 " rows of %u latents in %" PRIu64 " file%s", s->rows, s->count,
                 s->files, s->files == 1 ? "" : "s");
    if (row_rate > 0) {
        (void)printf(", %.1f s", (double)s->rows / row_rate);
    }
    if (s->origin.model[0]) {
        (void)printf(", model ");
        print_safely(stdout, s->origin.model);
    }
    (void)printf("\n\nlatent      mean deviation   minimum   maximum");
    for (size_t i = 0; i < TIMBREL_PERCENTILES; ++i) {
        (void)printf("   %5d %%", timbrel_percentiles[i]);
    }
    (void)printf("    next row  memory\n");
    for (uint32_t i = 0; i < s->count; ++i) {
        const TimbrelLatentStatistics* latent = &s->latents[i];
        (void)printf("%6u %9.4f %9.4f %9.4f %9.4f", i + 1, latent->mean, latent->deviation,
                     latent->minimum, latent->maximum);
        for (size_t p = 0; p < TIMBREL_PERCENTILES; ++p) {
            (void)printf(" %9.4f", latent->percentiles[p]);
        }
        const size_t memory = memory_of(latent);
        (void)printf("   %9.3f  %s%zu row%s\n", latent->autocorrelation[1],
                     memory > TIMBREL_LAGS ? "> " : "",
                     memory > TIMBREL_LAGS ? (size_t)TIMBREL_LAGS : memory, memory == 1 ? "" : "s");
    }
    (void)printf("\nCorrelation\n      ");
    for (uint32_t k = 0; k < s->count; ++k) {
        (void)printf(" %6u", k + 1);
    }
    (void)putchar('\n');
    for (uint32_t i = 0; i < s->count; ++i) {
        (void)printf("%6u", i + 1);
        for (uint32_t k = 0; k < s->count; ++k) {
            (void)printf(" %6.2f", timbrel_statistics_correlation(s, i, k));
        }
        (void)putchar('\n');
    }
}

static bool tell(const Options* options, const TimbrelLatents* latents,
                 const TimbrelStatistics* statistics) {
    TimbrelError error = {0};
    if (options->plot) {
        (void)timbrel_plot_statistics(latents, options->files.count, statistics, options->plot,
                                      &error);
    }
    if (!error.status && options->save) {
        (void)timbrel_statistics_save(statistics, options->save, &error);
    }
    if (!error.status && options->as_json) {
        (void)timbrel_statistics_write(statistics, stdout, &error);
    } else if (!error.status && !(options->save && strcmp(options->save, "-") == 0)) {
        print_table(statistics);
    }
    if (!error.status && fflush(stdout) != 0) {
        (void)timbrel_error_set(&error, TIMBREL_IO_ERROR,
                                "The answer could not be written; check the disk.");
    }
    if (error.status) {
        message("%s", error.message);
    }
    return error.status == TIMBREL_OK;
}

int stats_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "json", .key = 'j', .doc = "Print JSON: all there is, as --save writes it"},
        {.name = "save",
         .key = 's',
         .arg = "FILE",
         .doc = "Write the statistics to FILE (or -), for `timbrel generate'"},
        {.name = "plot",
         .key = 'p',
         .arg = "FILE",
         .doc = "Draw histograms and a map of the rows, as .png or .svg"},
        {0},
    };
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "LATENTS...",
        .doc = "Describe a collection of latents: files (.npy, .wav), folders of them, or "
               "-.\vMemory is the number of rows after which a latent's autocorrelation has "
               "fallen below a half.",
    };
    Options options = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    TimbrelError error = {0};
    if (options.plot && timbrel_canvas_check(options.plot, &error)) {
        message("%s", error.message);
        return EXIT_FAILED;
    }
    bool done = false;
    TimbrelLatents* latents = latent_io_read(&options.files);
    if (latents) {
        TimbrelStatistics* statistics =
            timbrel_statistics_new(latents, options.files.count, &error);
        if (statistics) {
            done = tell(&options, latents, statistics);
        } else {
            message("%s", error.message);
        }
        free(statistics);
        latent_io_free(latents, options.files.count);
    }
    collection_free(&options.files);
    return done ? 0 : EXIT_FAILED;
}
