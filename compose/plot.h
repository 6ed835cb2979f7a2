// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_PLOT_H
#define TIMBREL_COMPOSE_PLOT_H

#include "statistics.h"

/// Pictures of latents, PNG or SVG by the ending of the path.

/// A histogram of each latent against the normal distribution of the same mean and deviation, and
/// all rows on the plane of the two widest principal axes, coloured by the time in their file.
TimbrelStatus timbrel_plot_statistics(const TimbrelLatents* parts, size_t part_count,
                                      const TimbrelStatistics* statistics, const char* path,
                                      TimbrelError* error);

/// The score: rows from left to right, latents from top to bottom, colours by each latent's range.
/// First the inputs (at most four) side by side, below them the result, all on one scale of time.
/// Names are written above.
TimbrelStatus timbrel_plot_score(const TimbrelLatents* inputs, const char* const* names,
                                 size_t input_count, const TimbrelLatents* result,
                                 const char* result_name, const char* path, TimbrelError* error);

#endif
