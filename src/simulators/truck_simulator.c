/* truck_simulator: how far a truck has come, its engine's speed and what it has consumed, until its
 * fuel is used up. Its parameters are those of truck_simulator_options.h. */
#include "simulators/truck.h"
#include "simulators/truck_simulator_options.h"

#include <inttypes.h>
#include <math.h>

struct trip {
    struct truck_simulator_options options;
    struct truck truck;
    bool begun;
    uint64_t points;
};

static bool trip_open(void *state, const cJSON *tree, struct source_settings *settings,
                      struct buffer *problems)
{
    struct trip *trip = state;
    if (!truck_simulator_options_read(tree, &trip->options, problems))
        return false;
    *settings = trip->options.source;
    truck_init(&trip->truck, trip->options.seed, trip->options.interval, trip->options.fuel);
    return true;
}

/* The first point is the truck at rest, the last one that with the tank just empty. */
static enum error_code trip_next(void *state, struct source_turn *turn, struct error *error)
{
    struct trip *trip = state;
    (void)error;
    turn->done = truck_is_empty(&trip->truck) ||
                 (trip->options.count > 0 && trip->points >= trip->options.count);
    if (!turn->done && trip->begun)
        truck_step(&trip->truck);
    trip->begun = true;
    turn->due = trip->truck.time / trip->options.time_factor;
    return ERROR_NONE;
}

static void trip_write(void *state, int64_t start, uint32_t seq, struct serial_writer *writer)
{
    struct trip *trip = state;
    put_u32(writer, seq);
    put_time(writer, start + (int64_t)llround(trip->truck.time * 1e9));
    put_string(writer, "truck");
    put_double(writer, trip->truck.distance);
    put_double(writer, trip->truck.engine);
    put_double(writer, trip->truck.fuel);
    trip->points++;
}

static enum error_code trip_describe(const void *state, struct buffer *text)
{
    const struct truck_simulator_options *options = &((const struct trip *)state)->options;
    return buffer_append_format(text, "driving with %g l, a point every %g s%s, seed %" PRIu64,
                                options->fuel, options->interval / options->time_factor,
                                options->time_factor == 1 ? "" : " (by ~time_factor)",
                                options->seed);
}

static enum error_code trip_report(const void *state, struct buffer *text)
{
    const struct truck *truck = &((const struct trip *)state)->truck;
    return buffer_append_format(text, "%.3f km in %.1f s with %.3f l%s", truck->distance / 1000,
                                truck->time, truck->fuel,
                                truck_is_empty(truck) ? "; the fuel is used up" : "");
}

static void trip_close(void *state)
{
    (void)state;
}

static const char help[] =
    "usage: truck_simulator [_NAME:=VALUE...]\n"
    "\n"
    "Publishes a truck's distance, engine speed and consumption (kafka_bridge/TruckState) until "
    "its\n"
    "fuel is used up. It stays when it has published all, so that nobody misses the last:\n"
    "Ctrl-C ends it.\n"
    "\n"
    "parameters:\n"
    "  _fuel:=LITRES                (5)\n"
    "  _interval:=SECONDS           between two messages (0.004)\n"
    "  _time_factor:=N              seconds of the drive in a second (1)\n"
    "  _seed:=N                     (1)\n"
    "  _count:=N                    ends after so many messages (0: with the "
    "fuel)\n" SOURCE_PARAMETERS("truck/state") HELP_OF_NODES;

int main(int argc, char **argv)
{
    static const struct source_kind kind = {
        .node = "truck_simulator",
        .help = help,
        .type = "kafka_bridge/TruckState",
        .open = trip_open,
        .next = trip_next,
        .write = trip_write,
        .describe = trip_describe,
        .report = trip_report,
        .close = trip_close,
    };
    struct trip trip = {0};
    return source_main(argc, argv, &kind, &trip);
}
