#include "viewers/chamber_picture.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_SIZE 128
#define ROWS      2
#define MARGIN    0.5 /* of the font, between charts */
#define HEAD      2.6 /* of the font, above the charts */

static const struct colour BACKGROUND = {0.93, 0.935, 0.945};
static const struct colour TITLE = {0.16, 0.19, 0.24};
static const struct colour BARS[ROWS] = {
    [ROW_TDC_CHANNEL] = {0.20, 0.45, 0.70},
    [ROW_ORBIT_CNT] = {0.85, 0.47, 0.20},
};

static const char *const PLACES[CHAMBER_COUNT] = {
    "hits; FPGA 0, channels 0 … 63",
    "hits; FPGA 0, channels 64 … 127",
    "hits; FPGA 1, channels 0 … 63",
    "hits; FPGA 1, channels 64 … 127",
};

struct chamber_picture {
    int width, height; /* pixels */
    double font;       /* pixels */
    cairo_surface_t *surface;
    cairo_t *cairo;
};

static enum error_code status_error(cairo_status_t status, struct error *error)
{
    return error_set(error, ERROR_MEMORY, NULL, 0, "cairo cannot draw: %s",
                     cairo_status_to_string(status));
}

enum error_code chamber_picture_create(int width, int height, struct chamber_picture **picture,
                                       struct error *error)
{
    if (width < PICTURE_WIDTH_LOW || height < PICTURE_HEIGHT_LOW || width > PICTURE_LENGTH_HIGH ||
        height > PICTURE_LENGTH_HIGH)
        return error_set(error, ERROR_ARGUMENT, NULL, 0,
                         "%d x %d pixels: %d x %d to %d x %d are possible", width, height,
                         PICTURE_WIDTH_LOW, PICTURE_HEIGHT_LOW, PICTURE_LENGTH_HIGH,
                         PICTURE_LENGTH_HIGH);
    struct chamber_picture *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
    made->width = width;
    made->height = height;
    made->font = fmin(width / 92.0, height / 50.0);
    made->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    made->cairo = cairo_create(made->surface);
    cairo_status_t status = cairo_status(made->cairo);
    if (status != CAIRO_STATUS_SUCCESS) {
        chamber_picture_destroy(made);
        return status_error(status, error);
    }
    *picture = made;
    return ERROR_NONE;
}

void chamber_picture_destroy(struct chamber_picture *picture)
{
    if (!picture)
        return;
    cairo_destroy(picture->cairo);
    cairo_surface_destroy(picture->surface);
    free(picture);
}

static const struct histogram *histogram_of(const struct chamber_results *results, size_t chamber,
                                            enum picture_row row)
{
    const struct chamber *found = &results->chambers[chamber];
    return row == ROW_TDC_CHANNEL ? &found->tdc_channel : &found->orbit_cnt;
}

static double highest_of(const struct chamber_results *results, enum picture_row row)
{
    double highest = 0;
    for (size_t chamber = 0; chamber < CHAMBER_COUNT; chamber++) {
        const struct histogram *histogram = histogram_of(results, chamber, row);
        for (size_t i = 0; i < histogram->bins; i++)
            highest = fmax(highest, (double)histogram->counts[i]);
    }
    return highest;
}

static struct rectangle place_of(const struct chamber_picture *picture, size_t chamber,
                                 enum picture_row row)
{
    double margin = round(MARGIN * picture->font);
    double top = round(HEAD * picture->font);
    double left = margin + round((picture->width - margin) * (double)chamber / CHAMBER_COUNT);
    double right = round((picture->width - margin) * (double)(chamber + 1) / CHAMBER_COUNT);
    double height = picture->height - margin - top;
    double upper = top + round(height * row / ROWS);
    double lower = top + round(height * (row + 1) / ROWS) - (row + 1 < ROWS ? margin : 0);
    return (struct rectangle){left, upper, right - left, lower - upper};
}

static struct chart chart_of(const struct chamber_picture *picture,
                             const struct chamber_results *results, size_t chamber,
                             enum picture_row row)
{
    return (struct chart){
        .histogram = histogram_of(results, chamber, row),
        .title = "",
        .value = row == ROW_TDC_CHANNEL ? "TDC channel" : "orbit",
        .counted = row == ROW_TDC_CHANNEL ? PLACES[chamber] : "distinct pairs (channel, orbit)",
        .highest = highest_of(results, row),
        .colour = BARS[row],
        .font = picture->font,
    };
}

struct rectangle chamber_picture_bar(const struct chamber_picture *picture,
                                     const struct chamber_results *results, size_t chamber,
                                     enum picture_row row, size_t index)
{
    struct chart chart = chart_of(picture, results, chamber, row);
    return chart_bar(&chart, chart_plot(&chart, place_of(picture, chamber, row)), index);
}

struct colour chamber_picture_colour(enum picture_row row)
{
    return BARS[row];
}

/* `number` with a comma after each thousand. */
static void write_number(int64_t number, char text[TEXT_SIZE])
{
    char digits[TEXT_SIZE];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

static void draw_chart(struct chamber_picture *picture, const struct chamber_results *results,
                       size_t chamber, enum picture_row row)
{
    struct chart chart = chart_of(picture, results, chamber, row);
    char number[TEXT_SIZE];
    char title[2 * TEXT_SIZE];
    write_number(results->chambers[chamber].count, number);
    (void)snprintf(title, sizeof title, "Chamber %zu: %s hits", chamber + 1, number);
    chart.title = row == ROW_TDC_CHANNEL ? title : "Orbits";
    chart_draw(picture->cairo, &chart, place_of(picture, chamber, row));
}

static void draw_head(struct chamber_picture *picture, const struct chamber_results *results)
{
    char number[TEXT_SIZE];
    char when[TEXT_SIZE] = "";
    char text[3 * TEXT_SIZE];
    time_t seconds = (time_t)results->secs;
    struct tm utc;
    if (gmtime_r(&seconds, &utc))
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &utc);
    write_number(results->total_count, number);
    (void)snprintf(text, sizeof text, "%s hits in the batch of %s.%03u UTC", number, when,
                   results->nsecs / 1000000);
    cairo_t *cairo = picture->cairo;
    cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cairo, 1.25 * picture->font);
    cairo_set_source_rgb(cairo, TITLE.red, TITLE.green, TITLE.blue);
    cairo_move_to(cairo, 1.5 * picture->font, 1.75 * picture->font);
    cairo_show_text(cairo, text);
}

enum error_code chamber_picture_draw(struct chamber_picture *picture,
                                     const struct chamber_results *results, struct error *error)
{
    cairo_set_source_rgb(picture->cairo, BACKGROUND.red, BACKGROUND.green, BACKGROUND.blue);
    cairo_paint(picture->cairo);
    draw_head(picture, results);
    for (size_t chamber = 0; chamber < CHAMBER_COUNT; chamber++) {
        draw_chart(picture, results, chamber, ROW_TDC_CHANNEL);
        draw_chart(picture, results, chamber, ROW_ORBIT_CNT);
    }
    cairo_status_t status = cairo_status(picture->cairo);
    return status == CAIRO_STATUS_SUCCESS ? ERROR_NONE : status_error(status, error);
}

void chamber_picture_copy_rgb(struct chamber_picture *picture, uint8_t *rgb)
{
    cairo_surface_flush(picture->surface);
    const unsigned char *data = cairo_image_surface_get_data(picture->surface);
    int stride = cairo_image_surface_get_stride(picture->surface);
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++) {
            uint32_t pixel; /* 0x00RRGGBB, in the machine's byte order */
            memcpy(&pixel, data + (ptrdiff_t)y * stride + (ptrdiff_t)x * 4, sizeof pixel);
            *rgb++ = (uint8_t)(pixel >> 16);
            *rgb++ = (uint8_t)(pixel >> 8);
            *rgb++ = (uint8_t)pixel;
        }
}

enum error_code chamber_picture_save(struct chamber_picture *picture, const char *path,
                                     struct error *error)
{
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof beside)
        return error_set(error, ERROR_LIMIT, path, 0, "the path is too long");
    cairo_status_t status = cairo_surface_write_to_png(picture->surface, beside);
    if (status != CAIRO_STATUS_SUCCESS) {
        (void)unlink(beside);
        return error_set(error, ERROR_IO, beside, 0, "cannot be written: %s",
                         cairo_status_to_string(status));
    }
    if (rename(beside, path) != 0) {
        int reason = errno;
        (void)unlink(beside);
        return error_set(error, ERROR_IO, path, 0, "cannot be replaced: %s", strerror(reason));
    }
    return ERROR_NONE;
}
