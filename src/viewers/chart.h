/* One histogram as bars with axes, title and labels, drawn with cairo. */
#ifndef KAFKA_BRIDGE_VIEWERS_CHART_H
#define KAFKA_BRIDGE_VIEWERS_CHART_H

#include "viewers/chamber_results.h"

#include <cairo.h>

struct rectangle {
    double x, y, width, height; /* pixels, from the picture's upper left corner */
};

struct colour {
    double red, green, blue; /* 0 … 1 */
};

extern const struct colour CHART_PAPER; /* behind the bars */

struct chart {
    const struct histogram *histogram;
    const char *title;   /* UTF-8, as all texts */
    const char *value;   /* what the horizontal axis shows */
    const char *counted; /* what the vertical axis counts */
    double highest;      /* count that fits below the top, so that charts can share a scale */
    struct colour colour;
    double font; /* pixels */
};

/* Where in `place` the bars are. */
struct rectangle chart_plot(const struct chart *chart, struct rectangle place);

/* Where in chart_plot's rectangle the bar of bin `index` is; of no height where it counts 0. */
struct rectangle chart_bar(const struct chart *chart, struct rectangle plot, size_t index);

/* Draws it into `place`, which is painted over. Failures stay in the context (cairo_status). */
void chart_draw(cairo_t *cairo, const struct chart *chart, struct rectangle place);

#endif
