/* A recorded orientation: its columns, its times, its end, and what is wrong with one. */
#include "csv_files.h"
#include "simulators/orientation_track.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

#define NAMES "time,seconds_elapsed,qz,qy,qx,qw,roll,pitch,yaw\n"

static struct orientation_track *open_good(const char *path, bool loop)
{
    struct orientation_track *track;
    struct error error;
    if (orientation_track_open(path, loop, &track, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return track;
}

static void columns_are_found_by_name(void **state)
{
    struct orientation_track *track = open_good(
        CSV_FILE(*state, "a", NAMES "17e17,3.5,0.1,0.3,0.5,0.806,1,2,3\n17e17,3.75,0,0,0,-1,,,\n"),
        false);
    struct orientation_sample sample;
    struct error error;
    bool done;
    assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_NONE);
    assert_false(done);
    assert_true(sample.time == 0);
    assert_true(sample.quaternion[0] == 0.5 && sample.quaternion[1] == 0.3);
    assert_true(sample.quaternion[2] == 0.1 && sample.quaternion[3] == 0.806);
    assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_NONE);
    assert_true(sample.time == 0.25 && sample.quaternion[3] == -1);
    assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_NONE);
    assert_true(done);
    orientation_track_close(track);
}

static void a_loop_goes_on_in_time(void **state)
{
    static const double times[] = {0, 1, 1.5, 2, 3, 3.5, 4, 5};
    struct orientation_track *track = open_good(
        CSV_FILE(*state, "a", NAMES "0,5,0,0,0,1,,,\n0,6,0,0,0,1,,,\n0,6.5,0,0,0,1,,,\n"), true);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct orientation_sample sample;
        struct error error;
        bool done;
        assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_NONE);
        assert_false(done);
        assert_true(fabs(sample.time - times[i]) < 1e-12);
    }
    orientation_track_close(track);
}

static void a_loop_must_take_time(void **state)
{
    struct orientation_track *track =
        open_good(CSV_FILE(*state, "a", NAMES "0,5,0,0,0,1,,,\n"), true);
    struct orientation_sample sample;
    struct error error;
    bool done;
    assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_NONE);
    assert_int_equal(orientation_track_next(track, &sample, &done, &error), ERROR_LENGTH);
    assert_non_null(strstr(error.text, "have the same time"));
    orientation_track_close(track);
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    static const struct {
        const char *text;
        enum error_code code;
        const char *place;
        const char *says;
    } mistakes[] = {
        {"time,qx,qy,qz,qw\n", ERROR_MISSING, "/bad", "has no column seconds_elapsed"},
        {"seconds_elapsed,qx,qy,qz\n", ERROR_MISSING, "/bad", "has no column qw"},
        {NAMES "0,zero,0,0,0,1,,,\n", ERROR_TYPE, ":2", "seconds_elapsed is no number"},
        {NAMES "0,nan,0,0,0,1,,,\n", ERROR_TYPE, ":2", "seconds_elapsed is no number"},
        {NAMES "0,0,0,0,0,1,,,\n0,1,0,0,,1,,,\n", ERROR_TYPE, ":3", "qx is no number"},
        {NAMES "0,0,0,0,0,0.5,,,\n", ERROR_RANGE, ":2", "no unit quaternion"},
        {NAMES "0,2,0,0,0,1,,,\n0,1,0,0,0,1,,,\n", ERROR_RANGE, ":3",
         "less than in the row before"},
        {NAMES "0,2\n", ERROR_LENGTH, ":2", "2 cells"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const char *path =
            csv_files_write(*state, "bad", mistakes[i].text, strlen(mistakes[i].text));
        struct orientation_track *track = NULL;
        struct orientation_sample sample;
        struct error error = {0};
        bool done = false;
        enum error_code code = orientation_track_open(path, false, &track, &error);
        while (code == ERROR_NONE && !done)
            code = orientation_track_next(track, &sample, &done, &error);
        orientation_track_close(track);
        assert_int_equal(code, mistakes[i].code);
        size_t length = strlen(mistakes[i].place);
        assert_string_equal(error.path + strlen(error.path) - length, mistakes[i].place);
        if (!strstr(error.text, mistakes[i].says))
            fail_msg("found: %s", error.text);
    }
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, csv_files_begin, csv_files_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(columns_are_found_by_name),
        WITH_FILES(a_loop_goes_on_in_time),
        WITH_FILES(a_loop_must_take_time),
        WITH_FILES(mistakes_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
