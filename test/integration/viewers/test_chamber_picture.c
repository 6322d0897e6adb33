/* The picture: bars where they should be, as high as they should be, and the file whole. */
#include "viewers/chamber_picture.h"
#include "viewers/chamber_plot_options.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define WIDTH  800
#define HEIGHT 450

static struct chamber_results results;
static uint8_t pixels[WIDTH * HEIGHT * 3];

static void fill_histogram(struct histogram *histogram, size_t bins, double low, double width,
                           int64_t scale)
{
    histogram->bins = bins;
    for (size_t i = 0; i <= bins; i++)
        histogram->edges[i] = low + width * (double)i;
    for (size_t i = 0; i < bins; i++)
        histogram->counts[i] = scale * (int64_t)((i * 7) % 11);
}

static void fill_results(void)
{
    results = (struct chamber_results){.secs = 1795252710, .nsecs = 500000000, .total_count = 7};
    for (size_t i = 0; i < CHAMBER_COUNT; i++) {
        results.chambers[i].count = 1000;
        fill_histogram(&results.chambers[i].tdc_channel, 33, 0, 5, 10 * (int64_t)(i + 1));
        fill_histogram(&results.chambers[i].orbit_cnt, 18, 6e5, 5e5, 100);
    }
}

static struct chamber_picture *draw(void)
{
    struct chamber_picture *picture;
    struct error error;
    assert_int_equal(chamber_picture_create(WIDTH, HEIGHT, &picture, &error), ERROR_NONE);
    assert_int_equal(chamber_picture_draw(picture, &results, &error), ERROR_NONE);
    chamber_picture_copy_rgb(picture, pixels);
    return picture;
}

static bool has_colour(double x, double y, struct colour colour)
{
    const uint8_t *pixel = pixels + ((size_t)y * WIDTH + (size_t)x) * 3;
    return fabs(pixel[0] - colour.red * 255) <= 1.5 && fabs(pixel[1] - colour.green * 255) <= 1.5 &&
           fabs(pixel[2] - colour.blue * 255) <= 1.5;
}

static void check_bar(const struct chamber_picture *picture, size_t chamber, enum picture_row row,
                      size_t index, int64_t count)
{
    struct rectangle bar = chamber_picture_bar(picture, &results, chamber, row, index);
    struct colour colour = chamber_picture_colour(row);
    double middle = bar.x + bar.width / 2, bottom = bar.y + bar.height;
    assert_true(bar.x > 0 && bar.x + bar.width < WIDTH && bar.y > 0 && bottom < HEIGHT);
    assert_int_equal(count > 0, has_colour(middle, bottom - 2, colour));
    if (count == 0)
        return;
    assert_true(has_colour(middle, bar.y + 2, colour));
    assert_false(has_colour(middle, bar.y - 2, colour));
}

static void every_bar_is_where_its_count_says(void **unused)
{
    (void)unused;
    fill_results();
    struct chamber_picture *picture = draw();
    for (size_t chamber = 0; chamber < CHAMBER_COUNT; chamber++) {
        const struct chamber *found = &results.chambers[chamber];
        for (size_t i = 0; i < found->tdc_channel.bins; i++)
            check_bar(picture, chamber, ROW_TDC_CHANNEL, i, found->tdc_channel.counts[i]);
        for (size_t i = 0; i < found->orbit_cnt.bins; i++)
            check_bar(picture, chamber, ROW_ORBIT_CNT, i, found->orbit_cnt.counts[i]);
    }
    chamber_picture_destroy(picture);
}

/* Chamber 4 counts four times what Chamber 1 does, on the same scale. */
static void charts_of_a_row_share_their_scale(void **unused)
{
    (void)unused;
    fill_results();
    struct chamber_picture *picture = draw();
    struct rectangle first = chamber_picture_bar(picture, &results, 0, ROW_TDC_CHANNEL, 3);
    struct rectangle last = chamber_picture_bar(picture, &results, 3, ROW_TDC_CHANNEL, 3);
    assert_true(fabs(last.height - 4 * first.height) < 1e-6);
    assert_true(fabs(first.y + first.height - (last.y + last.height)) < 1e-6);
    chamber_picture_destroy(picture);
}

static void without_counts_and_without_bins_it_is_drawn(void **unused)
{
    (void)unused;
    fill_results();
    fill_histogram(&results.chambers[0].tdc_channel, 33, 0, 5, 0);
    results.chambers[1].tdc_channel.bins = 0;
    results.chambers[2].tdc_channel.bins = 1;
    struct chamber_picture *picture = draw();
    check_bar(picture, 0, ROW_TDC_CHANNEL, 3, 0);
    check_bar(picture, 3, ROW_TDC_CHANNEL, 3, results.chambers[3].tdc_channel.counts[3]);
    chamber_picture_destroy(picture);
}

/* The next picture has nothing left of the one before. */
static void a_picture_begins_anew(void **unused)
{
    struct error error;
    (void)unused;
    fill_results();
    struct chamber_picture *picture = draw();
    results.chambers[0].orbit_cnt.counts[1] = 0;
    assert_int_equal(chamber_picture_draw(picture, &results, &error), ERROR_NONE);
    chamber_picture_copy_rgb(picture, pixels);
    check_bar(picture, 0, ROW_ORBIT_CNT, 1, 0);
    chamber_picture_destroy(picture);
}

static void the_file_is_a_whole_png(void **unused)
{
    char directory[] = "/tmp/chamber_picture.XXXXXX", path[64];
    struct error error;
    (void)unused;
    fill_results();
    struct chamber_picture *picture = draw();
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/chambers.png", directory);
    for (int i = 0; i < 2; i++)
        assert_int_equal(chamber_picture_save(picture, path, &error), ERROR_NONE);
    cairo_surface_t *read = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_surface_status(read), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(read), WIDTH);
    assert_int_equal(cairo_image_surface_get_height(read), HEIGHT);
    cairo_surface_destroy(read);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0); /* nothing else was left in it */
    assert_int_equal(chamber_picture_save(picture, path, &error), ERROR_IO);
    assert_non_null(strstr(error.path, path));
    chamber_picture_destroy(picture);
}

static void sizes_have_bounds(void **unused)
{
    struct chamber_picture *picture;
    struct error error;
    (void)unused;
    assert_int_equal(chamber_picture_create(PICTURE_WIDTH_LOW - 1, HEIGHT, &picture, &error),
                     ERROR_ARGUMENT);
    assert_int_equal(chamber_picture_create(WIDTH, PICTURE_LENGTH_HIGH + 1, &picture, &error),
                     ERROR_ARGUMENT);
}

static void parameters_are_read(void **unused)
{
    struct chamber_plot_options options;
    struct buffer problems;
    (void)unused;
    buffer_init(&problems, 4096);
    assert_true(chamber_plot_options_read(NULL, &options, &problems));
    assert_int_equal(options.width, 1280);
    assert_int_equal(options.height, 720);
    assert_string_equal(options.file, "");
    cJSON *tree = cJSON_Parse("{\"width\":10,\"hight\":720,\"file\":\"/tmp/x.png\"}");
    assert_false(chamber_plot_options_read(tree, &options, &problems));
    assert_int_equal(buffer_append(&problems, "", 1), ERROR_NONE);
    assert_string_equal(problems.data,
                        "~width is 10: it must be a whole number from 480 to 4096\n"
                        "~hight is 720: there is no such parameter; there are file, height, "
                        "width\n");
    assert_string_equal(options.file, "/tmp/x.png");
    cJSON_Delete(tree);
    buffer_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bar_is_where_its_count_says),
        cmocka_unit_test(charts_of_a_row_share_their_scale),
        cmocka_unit_test(without_counts_and_without_bins_it_is_drawn),
        cmocka_unit_test(a_picture_begins_anew),
        cmocka_unit_test(the_file_is_a_whole_png),
        cmocka_unit_test(sizes_have_bounds),
        cmocka_unit_test(parameters_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
