/* detector_simulator: hits of a detector, many in a message. Its parameters are those of
 * detector_simulator_options.h. */
#include "simulators/detector_simulator_options.h"
#include "simulators/hit_stream.h"

#include <inttypes.h>
#include <math.h>

struct detector {
    struct detector_simulator_options options;
    struct hit_stream stream;
};

static bool detector_open(void *state, const cJSON *tree, struct source_settings *settings,
                          struct buffer *problems)
{
    struct detector *detector = state;
    const struct detector_simulator_options *options = &detector->options;
    if (!detector_simulator_options_read(tree, &detector->options, problems))
        return false;
    *settings = options->source;
    hit_stream_init(&detector->stream, options->seed, options->noise, options->rate,
                    options->orbit_rate);
    return true;
}

/* Hits of the next message; 0 where there are no more. */
static uint64_t batch_size(const struct detector *detector)
{
    uint64_t size = detector->options.hits_per_message;
    if (detector->options.count == 0)
        return size;
    uint64_t left = detector->options.count - detector->stream.count;
    return left < size ? left : size;
}

/* A message goes out when its last hit has been read out. */
static double due(const struct detector *detector)
{
    return (double)(detector->stream.count + batch_size(detector)) / detector->options.rate;
}

static enum error_code detector_next(void *state, struct source_turn *turn, struct error *error)
{
    const struct detector *detector = state;
    (void)error;
    turn->done = batch_size(detector) == 0;
    turn->due = due(detector);
    return ERROR_NONE;
}

static void put_hit(struct serial_writer *writer, const struct hit *hit)
{
    put_u32(writer, (uint32_t)hit->head);
    put_u32(writer, (uint32_t)hit->fpga);
    put_u32(writer, (uint32_t)hit->tdc_channel);
    put_double(writer, hit->orbit_cnt);
    put_u32(writer, (uint32_t)hit->bx_counter);
    put_double(writer, hit->tdc_meas);
}

static void detector_write(void *state, int64_t start, uint32_t seq, struct serial_writer *writer)
{
    struct detector *detector = state;
    uint64_t size = batch_size(detector);
    put_u32(writer, seq);
    put_time(writer, start + (int64_t)llround(due(detector) * 1e9));
    put_string(writer, "detector");
    put_count(writer, size);
    for (uint64_t i = 0; i < size; i++) {
        struct hit hit;
        hit_stream_next(&detector->stream, &hit);
        put_hit(writer, &hit);
    }
}

static enum error_code detector_describe(const void *state, struct buffer *text)
{
    const struct detector_simulator_options *options = &((const struct detector *)state)->options;
    return buffer_append_format(text, "%g hits a second, %" PRIu64 " in a message, seed %" PRIu64,
                                options->rate, options->hits_per_message, options->seed);
}

static enum error_code detector_report(const void *state, struct buffer *text)
{
    const struct hit_stream *stream = &((const struct detector *)state)->stream;
    return buffer_append_format(text, "%" PRIu64 " hits, and %" PRIu64 " words of noise",
                                stream->hits, stream->count - stream->hits);
}

static void detector_close(void *state)
{
    (void)state;
}

static const char help[] =
    "usage: detector_simulator [_NAME:=VALUE...]\n"
    "\n"
    "Publishes hits of a detector (kafka_bridge/Hits), many in a message.\n"
    "It stays when it has published all, so that nobody misses the last: Ctrl-C ends it.\n"
    "\n"
    "parameters:\n"
    "  _rate:=N                     hits a second (1000)\n"
    "  _hits_per_message:=N         (100)\n"
    "  _noise:=SHARE                of words that are no hit (0.05)\n"
    "  _orbit_rate:=N               orbits a second (11245.5)\n"
    "  _seed:=N                     (1)\n"
    "  _count:=N                    ends after so many messages (0: never)\n" SOURCE_PARAMETERS(
        "detector/hits") HELP_OF_NODES;

int main(int argc, char **argv)
{
    static const struct source_kind kind = {
        .node = "detector_simulator",
        .help = help,
        .type = "kafka_bridge/Hits",
        .open = detector_open,
        .next = detector_next,
        .write = detector_write,
        .describe = detector_describe,
        .report = detector_report,
        .close = detector_close,
    };
    struct detector detector = {0};
    return source_main(argc, argv, &kind, &detector);
}
