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

int main(int argc, char **argv)
{
    static const struct source_kind kind = {
        .node = "truck_simulator",
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
