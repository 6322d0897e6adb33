/* imu_player: a phone's orientation on a drive, from a recording or made up. Its parameters are
 * those of imu_player_options.h. */
#include "simulators/drive.h"
#include "simulators/imu_player_options.h"
#include "simulators/orientation_track.h"

#include <inttypes.h>
#include <math.h>

#define AXES 3

struct phone {
    struct imu_player_options options;
    struct orientation_track *track; /* NULL: a drive is made up */
    struct drive drive;
    struct orientation_sample sample;
    uint64_t played;
};

static bool phone_open(void *state, const cJSON *tree, struct source_settings *settings,
                       struct buffer *problems)
{
    struct phone *phone = state;
    struct error error;
    if (!imu_player_options_read(tree, &phone->options, problems))
        return false;
    *settings = phone->options.source;
    drive_init(&phone->drive, phone->options.seed);
    if (!phone->options.file[0])
        return true;
    enum error_code code =
        orientation_track_open(phone->options.file, phone->options.loop, &phone->track, &error);
    if (code == ERROR_NONE)
        return true;
    if (buffer_append_format(problems, "%s: %s\n", error.path, error.text) != ERROR_NONE)
        buffer_clear(problems); /* which the caller takes for "out of memory" */
    return false;
}

static enum error_code phone_next(void *state, struct source_turn *turn, struct error *error)
{
    struct phone *phone = state;
    enum error_code code = ERROR_NONE;
    turn->done = phone->options.count > 0 && phone->played >= phone->options.count;
    if (turn->done)
        return ERROR_NONE;
    if (phone->track)
        code = orientation_track_next(phone->track, &phone->sample, &turn->done, error);
    else
        phone->sample.time = (double)phone->played / phone->options.rate;
    turn->due = phone->sample.time / phone->options.time_factor;
    return code;
}

/* A recording has the orientation alone: the others are marked as not there (sensor_msgs/Imu). */
static void put_recorded(struct serial_writer *writer, const struct orientation_sample *sample)
{
    put_doubles(writer, sample->quaternion, 4);
    put_repeated_double(writer, 0, (size_t)AXES * AXES);
    for (int i = 0; i < 2; i++) {
        put_repeated_double(writer, 0, AXES);
        put_double(writer, -1);
        put_repeated_double(writer, 0, (size_t)AXES * AXES - 1);
    }
}

static void put_made_up(struct serial_writer *writer, const struct drive_state *state)
{
    put_doubles(writer, state->orientation, 4);
    put_repeated_double(writer, 0, (size_t)AXES * AXES);
    put_doubles(writer, state->angular, AXES);
    put_repeated_double(writer, 0, (size_t)AXES * AXES);
    put_doubles(writer, state->acceleration, AXES);
    put_repeated_double(writer, 0, (size_t)AXES * AXES);
}

static void phone_write(void *state, int64_t start, uint32_t seq, struct serial_writer *writer)
{
    struct phone *phone = state;
    put_u32(writer, seq);
    put_time(writer, start + (int64_t)llround(phone->sample.time * 1e9));
    put_string(writer, phone->options.frame_id);
    if (phone->track) {
        put_recorded(writer, &phone->sample);
    } else {
        struct drive_state drive;
        drive_at(&phone->drive, phone->sample.time, &drive);
        put_made_up(writer, &drive);
    }
    phone->played++;
}

static enum error_code phone_describe(const void *state, struct buffer *text)
{
    const struct imu_player_options *options = &((const struct phone *)state)->options;
    if (options->file[0])
        return buffer_append_format(text, "playing %s%s", options->file,
                                    options->loop ? ", again and again" : "");
    return buffer_append_format(text, "a drive that is made up, %g times a second, seed %" PRIu64,
                                options->rate * options->time_factor, options->seed);
}

static enum error_code phone_report(const void *state, struct buffer *text)
{
    const struct phone *phone = state;
    return buffer_append_format(text, "%.3f s of the drive", phone->sample.time);
}

static void phone_close(void *state)
{
    struct phone *phone = state;
    orientation_track_close(phone->track);
}

static const char help[] =
    "usage: imu_player [_NAME:=VALUE...]\n"
    "\n"
    "Publishes a phone's orientation on a drive (sensor_msgs/Imu), from a CSV file or made up.\n"
    "It stays when it has published all, so that nobody misses the last: Ctrl-C ends it.\n"
    "\n"
    "parameters:\n"
    "  _file:=FILE                  with the columns seconds_elapsed, qx, qy, qz, qw (none: made "
    "up)\n"
    "  _loop:=true                  begins the file again at its end (false)\n"
    "  _rate:=N                     messages a second of what is made up (100)\n"
    "  _time_factor:=N              seconds of the drive in a second (1)\n"
    "  _seed:=N                     (1)\n"
    "  _count:=N                    ends after so many (0: all)\n"
    "  _frame_id:=NAME              (phone)\n" SOURCE_PARAMETERS("phone/imu") HELP_OF_NODES;

int main(int argc, char **argv)
{
    static const struct source_kind kind = {
        .node = "imu_player",
        .help = help,
        .type = "sensor_msgs/Imu",
        .open = phone_open,
        .next = phone_next,
        .write = phone_write,
        .describe = phone_describe,
        .report = phone_report,
        .close = phone_close,
    };
    struct phone phone = {0};
    return source_main(argc, argv, &kind, &phone);
}
