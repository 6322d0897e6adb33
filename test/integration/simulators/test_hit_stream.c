/* The detector's words: their ranges, their shares, and that the seed decides. */
#include "simulators/hit_stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define WORDS 200000

static void every_word_is_in_range(void **state)
{
    (void)state;
    struct hit_stream stream;
    struct hit hit;
    hit_stream_init(&stream, 1, 0.2, 1000, 11245.5);
    for (int i = 0; i < WORDS; i++) {
        hit_stream_next(&stream, &hit);
        assert_in_range(hit.head, 0, 5);
        assert_in_range(hit.fpga, 0, 1);
        assert_in_range(hit.tdc_channel, 0, HIT_CHANNELS - 1);
        assert_in_range(hit.bx_counter, 0, HIT_CROSSINGS - 1);
        assert_true(hit.tdc_meas >= 0 && hit.tdc_meas < HIT_FINE_STEPS);
        assert_true(hit.orbit_cnt >= ORBIT_FIRST && hit.orbit_cnt < ORBIT_END);
    }
    assert_int_equal(stream.count, WORDS);
}

static void noise_has_its_share(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.05, 0.5, 1};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        struct hit_stream stream;
        struct hit hit;
        int64_t hits = 0;
        hit_stream_init(&stream, 3, shares[i], 1000, 11245.5);
        for (int n = 0; n < WORDS; n++) {
            hit_stream_next(&stream, &hit);
            hits += hit.head == HIT_HEAD;
        }
        assert_int_equal(stream.hits, hits);
        /* Five standard deviations; none at all for the certain ones. */
        double slack = 5 * sqrt(WORDS * shares[i] * (1 - shares[i]));
        assert_true(fabs((double)hits - WORDS * (1 - shares[i])) <= slack);
    }
}

static void orbits_rise_to_the_end_and_begin_again(void **state)
{
    (void)state;
    struct hit_stream stream;
    struct hit hit;
    double before = 0, highest = 0;
    int wraps = 0;
    hit_stream_init(&stream, 1, 0, 1000, 1e6); /* 1000 orbits from word to word */
    for (int i = 0; i < 20000; i++) {
        hit_stream_next(&stream, &hit);
        if (i == 0)
            assert_true(hit.orbit_cnt == ORBIT_FIRST);
        else if (hit.orbit_cnt < before)
            wraps++;
        else
            assert_true(hit.orbit_cnt - before == 1000);
        before = hit.orbit_cnt;
        highest = fmax(highest, before);
    }
    assert_int_equal(wraps, 2);
    assert_true(highest == ORBIT_END - 1000);
}

/* A beam in the middle of each of the four chambers, and something in every channel. */
static void channels_have_a_beam_in_each_chamber(void **state)
{
    (void)state;
    static int counts[2][HIT_CHANNELS];
    struct hit_stream stream;
    struct hit hit;
    hit_stream_init(&stream, 7, 0, 1000, 11245.5);
    for (int i = 0; i < WORDS; i++) {
        hit_stream_next(&stream, &hit);
        counts[hit.fpga][hit.tdc_channel]++;
    }
    for (int fpga = 0; fpga < 2; fpga++) {
        for (int channel = 0; channel < HIT_CHANNELS; channel++)
            assert_true(counts[fpga][channel] > 0);
        for (int chamber = 0; chamber < 2; chamber++) {
            const int *first = counts[fpga] + HIT_CHAMBER_CHANNELS * chamber;
            int total = 0;
            for (int i = 0; i < HIT_CHAMBER_CHANNELS; i++)
                total += first[i];
            assert_true(abs(total - WORDS / 4) < WORDS / 40);
            assert_true(first[HIT_CHAMBER_CHANNELS / 2] > 4 * first[2]);
        }
    }
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct hit_stream once, again, other;
    hit_stream_init(&once, 5, 0.1, 1000, 11245.5);
    hit_stream_init(&again, 5, 0.1, 1000, 11245.5);
    hit_stream_init(&other, 6, 0.1, 1000, 11245.5);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        struct hit a = {0}, b = {0}, c = {0};
        hit_stream_next(&once, &a);
        hit_stream_next(&again, &b);
        hit_stream_next(&other, &c);
        assert_int_equal(a.head, b.head);
        assert_int_equal(a.fpga, b.fpga);
        assert_int_equal(a.tdc_channel, b.tdc_channel);
        assert_int_equal(a.bx_counter, b.bx_counter);
        assert_true(a.tdc_meas == b.tdc_meas);
        same += a.tdc_channel == c.tdc_channel && a.bx_counter == c.bx_counter;
    }
    assert_true(same < 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_in_range),
        cmocka_unit_test(noise_has_its_share),
        cmocka_unit_test(orbits_rise_to_the_end_and_begin_again),
        cmocka_unit_test(channels_have_a_beam_in_each_chamber),
        cmocka_unit_test(the_seed_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
