#include "viewers/chart.h"

#include "viewers/axis.h"

#include <math.h>

#define COUNT_TICKS 6
#define VALUE_TICKS 7
#define BAR_SHARE   0.86 /* of a bin's width; the rest is the gap */
#define GAP_LIMIT   4.0  /* pixels */

const struct colour CHART_PAPER = {0.985, 0.985, 0.99};
static const struct colour INK = {0.16, 0.19, 0.24};
static const struct colour PALE_INK = {0.42, 0.46, 0.52};
static const struct colour GRID = {0.87, 0.88, 0.9};

enum align { LEFT, CENTRE, RIGHT };

static void set_colour(cairo_t *cairo, struct colour colour)
{
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
}

static void fill(cairo_t *cairo, struct rectangle place, struct colour colour)
{
    set_colour(cairo, colour);
    cairo_rectangle(cairo, place.x, place.y, place.width, place.height);
    cairo_fill(cairo);
}

/* A line one pixel wide, on whole pixels, so that it is not smeared over two. */
static void line(cairo_t *cairo, double x, double y, double width, double height)
{
    cairo_rectangle(cairo, round(x), round(y), fmax(round(width), 1), fmax(round(height), 1));
    cairo_fill(cairo);
}

static void write_text(cairo_t *cairo, const char *text, double x, double baseline,
                       enum align align)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    static const double share[] = {[LEFT] = 0, [CENTRE] = 0.5, [RIGHT] = 1};
    cairo_move_to(cairo, round(x - share[align] * extents.x_advance), round(baseline));
    cairo_show_text(cairo, text);
}

static struct axis count_axis(const struct chart *chart)
{
    return axis_of_counts(chart->highest, COUNT_TICKS);
}

/* Only where there are bins. */
static struct axis value_axis(const struct chart *chart)
{
    const struct histogram *histogram = chart->histogram;
    return axis_between(histogram->edges[0], histogram->edges[histogram->bins], VALUE_TICKS);
}

struct rectangle chart_plot(const struct chart *chart, struct rectangle place)
{
    double font = chart->font;
    struct rectangle plot = {
        .x = round(place.x + 3.4 * font),
        .y = round(place.y + 3.9 * font),
    };
    plot.width = fmax(round(place.x + place.width - 1.2 * font) - plot.x, 1);
    plot.height = fmax(round(place.y + place.height - 3.3 * font) - plot.y, 1);
    return plot;
}

struct rectangle chart_bar(const struct chart *chart, struct rectangle plot, size_t index)
{
    const struct histogram *histogram = chart->histogram;
    struct axis values = value_axis(chart);
    struct axis counts = count_axis(chart);
    double bottom = plot.y + plot.height;
    double left = axis_place(&values, histogram->edges[index], plot.x, plot.x + plot.width);
    double right = axis_place(&values, histogram->edges[index + 1], plot.x, plot.x + plot.width);
    double top = axis_place(&counts, (double)histogram->counts[index], bottom, plot.y);
    double gap = fmin((1 - BAR_SHARE) * (right - left), GAP_LIMIT);
    return (struct rectangle){left + gap / 2, fmax(top, plot.y), right - left - gap,
                              bottom - fmax(top, plot.y)};
}

static void draw_counts(cairo_t *cairo, const struct chart *chart, struct rectangle plot)
{
    struct axis axis = count_axis(chart);
    for (size_t i = 0; i < axis.count; i++) {
        char label[AXIS_LABEL_SIZE];
        double value = axis.first + (double)i * axis.step;
        double y = axis_place(&axis, value, plot.y + plot.height, plot.y);
        set_colour(cairo, GRID);
        line(cairo, plot.x, y, plot.width, 1);
        axis_label(value, label);
        set_colour(cairo, PALE_INK);
        write_text(cairo, label, plot.x - 0.5 * chart->font, y + 0.36 * chart->font, RIGHT);
    }
}

static void draw_values(cairo_t *cairo, const struct chart *chart, struct rectangle plot)
{
    struct axis axis = value_axis(chart);
    double bottom = plot.y + plot.height;
    for (size_t i = 0; i < axis.count; i++) {
        char label[AXIS_LABEL_SIZE];
        double value = axis.first + (double)i * axis.step;
        double x = axis_place(&axis, value, plot.x, plot.x + plot.width);
        set_colour(cairo, PALE_INK);
        line(cairo, x, bottom, 1, 0.35 * chart->font);
        axis_label(value, label);
        write_text(cairo, label, x, bottom + 1.4 * chart->font, CENTRE);
    }
}

static void draw_bars(cairo_t *cairo, const struct chart *chart, struct rectangle plot)
{
    for (size_t i = 0; i < chart->histogram->bins; i++)
        if (chart->histogram->counts[i] > 0)
            fill(cairo, chart_bar(chart, plot, i), chart->colour);
}

static void draw_texts(cairo_t *cairo, const struct chart *chart, struct rectangle place,
                       struct rectangle plot)
{
    double font = chart->font;
    double middle = plot.x + plot.width / 2;
    set_colour(cairo, INK);
    cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    write_text(cairo, chart->title, place.x + font, place.y + 1.5 * font, LEFT);
    cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    set_colour(cairo, PALE_INK);
    write_text(cairo, chart->counted, place.x + font, place.y + 2.75 * font, LEFT);
    write_text(cairo, chart->value, middle, place.y + place.height - 0.6 * font, CENTRE);
    if (chart->histogram->bins == 0)
        write_text(cairo, "no bins", middle, plot.y + plot.height / 2, CENTRE);
}

void chart_draw(cairo_t *cairo, const struct chart *chart, struct rectangle place)
{
    struct rectangle plot = chart_plot(chart, place);
    fill(cairo, place, CHART_PAPER);
    cairo_set_font_size(cairo, chart->font);
    cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    draw_counts(cairo, chart, plot);
    if (chart->histogram->bins > 0) {
        draw_values(cairo, chart, plot);
        draw_bars(cairo, chart, plot);
    }
    set_colour(cairo, INK);
    line(cairo, plot.x, plot.y + plot.height, plot.width, 1);
    draw_texts(cairo, chart, place, plot);
}
