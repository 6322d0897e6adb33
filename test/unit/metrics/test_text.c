/* The text exposition format 0.0.4: families, labels and their escapes, numbers; the process's own
 * figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metrics/process.h"
#include "metrics/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct metrics_text *text = malloc(sizeof *text);
    *state = text;
    metrics_text_init(text, 1U << 16);
    return 0;
}

static int tear_down(void **state)
{
    metrics_text_fini(*state);
    free(*state);
    return 0;
}

/* What was written, NUL-terminated. */
static const char *written(struct metrics_text *text)
{
    assert_int_equal(metrics_text_finish(text, NULL), ERROR_NONE);
    assert_int_equal(buffer_append(&text->bytes, "", 1), ERROR_NONE);
    return text->bytes.data;
}

static void a_family_is_its_help_its_type_and_its_samples(void **state)
{
    struct metrics_text *text = *state;
    const struct metrics_label labels[] = {{"robot", "warty"}, {"route", "ros_to_kafka[0]"}};
    metrics_text_family(text, "seen_total", METRICS_COUNTER, "What was seen.");
    metrics_text_count(text, labels, 2, 0);
    metrics_text_count(text, labels, 1, UINT64_MAX);
    metrics_text_family(text, "load", METRICS_GAUGE, "How full.");
    metrics_text_value(text, NULL, 0, 0.1);
    assert_string_equal(written(text), "# HELP seen_total What was seen.\n"
                                       "# TYPE seen_total counter\n"
                                       "seen_total{robot=\"warty\",route=\"ros_to_kafka[0]\"} 0\n"
                                       "seen_total{robot=\"warty\"} 18446744073709551615\n"
                                       "# HELP load How full.\n"
                                       "# TYPE load gauge\n"
                                       "load 0.1\n");
}

static void texts_are_escaped(void **state)
{
    struct metrics_text *text = *state;
    const struct metrics_label label = {"topic", "a\"b\\c\nd\xff\xc3\xa9\xe2\x82"};
    metrics_text_family(text, "m", METRICS_GAUGE, "a \"b\" \\ c\nd");
    metrics_text_count(text, &label, 1, 1);
    assert_string_equal(written(text), "# HELP m a \"b\" \\\\ c\\nd\n"
                                       "# TYPE m gauge\n"
                                       "m{topic=\"a\\\"b\\\\c\\nd?\xc3\xa9??\"} 1\n");
}

static void numbers_are_as_go_reads_them(void **state)
{
    struct metrics_text *text = *state;
    const double values[] = {NAN, INFINITY, -INFINITY, 1795252710.44, DBL_MAX, -0.0};
    metrics_text_family(text, "m", METRICS_GAUGE, "h");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        metrics_text_value(text, NULL, 0, values[i]);
    assert_string_equal(written(text), "# HELP m h\n# TYPE m gauge\n"
                                       "m NaN\nm +Inf\nm -Inf\nm 1795252710.44\n"
                                       "m 1.7976931348623157e+308\nm -0.0\n");
}

static void a_text_is_begun_anew(void **state)
{
    struct metrics_text *text = *state;
    metrics_text_family(text, "first", METRICS_GAUGE, "h");
    metrics_text_begin(text);
    assert_string_equal(written(text), "");
}

static void what_does_not_fit_is_an_error(void **state)
{
    struct metrics_text text;
    struct error error;
    (void)state;
    metrics_text_init(&text, 40);
    metrics_text_family(&text, "a_family", METRICS_GAUGE, "h");
    metrics_text_count(&text, NULL, 0, 1);
    assert_int_equal(metrics_text_finish(&text, &error), ERROR_LIMIT);
    assert_string_equal(error.path, "a_family");
    assert_non_null(strstr(error.text, "40 bytes"));
    metrics_text_begin(&text);
    assert_int_equal(metrics_text_finish(&text, NULL), ERROR_NONE);
    metrics_text_fini(&text);
}

/* The value of the sample `name` without labels. */
static double sample(const char *text, const char *name)
{
    char line[128];
    (void)snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(text, line);
    assert_non_null(at);
    return strtod(at + strlen(line), NULL);
}

static void the_process_is_told_as_it_is(void **state)
{
    struct metrics_text *text = *state;
    const char *told;
    metrics_process_write(text);
    told = written(text);
    double resident = sample(told, "process_resident_memory_bytes");
    assert_true(resident >= 1e5 && resident < 1e10);
    assert_true(sample(told, "process_virtual_memory_bytes") >= resident);
    double started = sample(told, "process_start_time_seconds");
    assert_true(fabs(difftime(time(NULL), 0) - started) < 3600);
    assert_true(sample(told, "process_cpu_seconds_total") >= 0);
    double files = sample(told, "process_open_fds");
    assert_true(sample(told, "process_max_fds") >= files);

    int more[2];
    assert_int_equal(pipe(more), 0);
    metrics_text_begin(text);
    metrics_process_write(text);
    assert_true(sample(written(text), "process_open_fds") == files + 2);
    (void)close(more[0]);
    (void)close(more[1]);
}

/* Some of it is spent here, so that it is above zero and grows. */
static void the_time_of_the_processor_grows(void **state)
{
    struct metrics_text *text = *state;
    const clock_t until = clock() + CLOCKS_PER_SEC / 10;
    while (clock() < until)
        continue;
    metrics_process_write(text);
    assert_true(sample(written(text), "process_cpu_seconds_total") >= 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_family_is_its_help_its_type_and_its_samples, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(texts_are_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_as_go_reads_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_is_begun_anew, set_up, tear_down),
        cmocka_unit_test(what_does_not_fit_is_an_error),
        cmocka_unit_test_setup_teardown(the_process_is_told_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_time_of_the_processor_grows, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
