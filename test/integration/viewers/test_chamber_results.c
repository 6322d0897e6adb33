/* Reading ChamberResults: what is in it, and every way in which it is not whole. */
#include "simulators/serial_writer.h"
#include "viewers/chamber_results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct chamber_results results;
static struct error error;

/* What differs from a good message, each of which has 3 edges and 2 counts. */
struct flaw {
    size_t edges, counts; /* of the last histogram; 0: as they should be */
    double edge;          /* in the place of the last edge, 4 */
    int64_t count;        /* in the place of the last count, 2 */
    bool empty;           /* all histograms without bins */
};
static const struct flaw NONE = {.edge = 4, .count = 2};

static void put_histogram(struct serial_writer *writer, const struct flaw *flaw)
{
    size_t edges = flaw->edges ? flaw->edges : 3, counts = flaw->counts ? flaw->counts : 2;
    put_count(writer, flaw->empty ? 0 : edges);
    for (size_t i = 0; !flaw->empty && i < edges; i++)
        put_double(writer, i + 1 < edges || flaw->edges ? (double)i : flaw->edge);
    put_count(writer, flaw->empty ? 0 : counts);
    for (size_t i = 0; !flaw->empty && i < counts; i++)
        put_u64(writer, i == 1 ? (uint64_t)flaw->count : i);
}

/* A message whose last histogram has `flaw`. */
static void write_message(struct buffer *bytes, const struct flaw *flaw)
{
    struct serial_writer writer;
    buffer_init(bytes, 1U << 20);
    serial_writer_init(&writer, bytes);
    put_u32(&writer, 9);
    put_time(&writer, INT64_C(1795252710500000000));
    put_string(&writer, "detector");
    put_u64(&writer, 1234);
    for (size_t i = 0; i < CHAMBER_COUNT; i++) {
        put_u64(&writer, 100 + i);
        put_histogram(&writer, flaw->empty ? flaw : &NONE);
        put_histogram(&writer, i + 1 == CHAMBER_COUNT ? flaw : &NONE);
    }
    assert_int_equal(writer.code, ERROR_NONE);
}

static enum error_code read_flawed(const struct flaw *flaw)
{
    struct buffer bytes;
    write_message(&bytes, flaw);
    enum error_code code =
        chamber_results_read((const uint8_t *)bytes.data, bytes.length, &results, &error);
    buffer_fini(&bytes);
    return code;
}

static void all_of_it_is_read(void **unused)
{
    (void)unused;
    assert_int_equal(read_flawed(&NONE), ERROR_NONE);
    assert_int_equal(results.secs, 1795252710);
    assert_int_equal(results.nsecs, 500000000);
    assert_int_equal(results.total_count, 1234);
    for (size_t i = 0; i < CHAMBER_COUNT; i++) {
        const struct histogram *histogram = &results.chambers[i].orbit_cnt;
        assert_int_equal(results.chambers[i].count, 100 + i);
        assert_int_equal(results.chambers[i].tdc_channel.bins, 2);
        assert_int_equal(histogram->bins, 2);
        assert_true(histogram->edges[0] == 0 && histogram->edges[2] == 4);
        assert_int_equal(histogram->counts[1], 2);
    }
}

static void histograms_may_be_empty(void **unused)
{
    (void)unused;
    assert_int_equal(read_flawed(&(struct flaw){.empty = true}), ERROR_NONE);
    assert_int_equal(results.chambers[3].orbit_cnt.bins, 0);
}

static void every_missing_byte_is_noticed(void **unused)
{
    struct buffer bytes;
    (void)unused;
    write_message(&bytes, &NONE);
    for (size_t size = 0; size < bytes.length; size++)
        assert_int_equal(chamber_results_read((const uint8_t *)bytes.data, size, &results, &error),
                         ERROR_TRUNCATED);
    assert_int_equal(buffer_append(&bytes, "x", 1), ERROR_NONE);
    assert_int_equal(
        chamber_results_read((const uint8_t *)bytes.data, bytes.length, &results, &error),
        ERROR_TRAILING);
    buffer_fini(&bytes);
}

static void what_cannot_be_shown_is_named(void **unused)
{
    static const struct {
        struct flaw flaw;
        enum error_code code;
        const char *path;
    } wrong[] = {
        {{.edge = 1, .count = 2}, ERROR_RANGE, "$.chambers[3].orbit_cnt.bins"},
        {{.edge = (double)NAN, .count = 2}, ERROR_RANGE, "$.chambers[3].orbit_cnt.bins"},
        {{.edge = (double)INFINITY, .count = 2}, ERROR_RANGE, "$.chambers[3].orbit_cnt.bins"},
        {{.edge = 4, .count = -1}, ERROR_RANGE, "$.chambers[3].orbit_cnt.counts"},
        {{.edges = 2, .edge = 4, .count = 2}, ERROR_LENGTH, "$.chambers[3].orbit_cnt.counts"},
        {{.counts = 3, .edge = 4, .count = 2}, ERROR_LENGTH, "$.chambers[3].orbit_cnt.counts"},
        {{.edges = HISTOGRAM_BINS_LIMIT + 2}, ERROR_LIMIT, "$.chambers[3].orbit_cnt.bins"},
        {{.edge = 4, .counts = HISTOGRAM_BINS_LIMIT + 1},
         ERROR_LIMIT,
         "$.chambers[3].orbit_cnt.counts"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(read_flawed(&wrong[i].flaw), wrong[i].code);
        assert_string_equal(error.path, wrong[i].path);
    }
    assert_int_equal(read_flawed(&(struct flaw){.edges = HISTOGRAM_BINS_LIMIT + 1,
                                                .counts = HISTOGRAM_BINS_LIMIT}),
                     ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_is_read),
        cmocka_unit_test(histograms_may_be_empty),
        cmocka_unit_test(every_missing_byte_is_noticed),
        cmocka_unit_test(what_cannot_be_shown_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
