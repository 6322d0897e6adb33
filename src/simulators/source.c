#include "simulators/source.h"

#include "simulators/node.h"
#include "simulators/type_table.h"

#include <inttypes.h>
#include <math.h>
#include <rosc/rosc.h>
#include <stdlib.h>
#include <time.h>

#define SHORTEST_SLEEP 0.001 /* s: faster messages go out several at a time */
#define LONGEST_SLEEP  0.05  /* s, so that a request to stop is soon seen */
#define LATE_LIMIT     1.0   /* s */
#define SECOND         1e9   /* ns */
#define TEXT_LIMIT     65536U

struct source {
    const struct source_kind *kind;
    void *state;
    struct source_settings settings;
    struct rosc_publisher *publisher;
    struct buffer message;
    int64_t stamp_at_start;  /* ns, ROS time */
    int64_t steady_at_start; /* ns */
    double delay;            /* s that the schedule was moved by */
    uint64_t published;
};

static void sleep_for(double seconds)
{
    double time = fmin(fmax(seconds, SHORTEST_SLEEP), LONGEST_SLEEP);
    (void)nanosleep(&(struct timespec){.tv_nsec = (long)(time * SECOND)}, NULL);
}

static bool open_kind(const cJSON *parameters, void *target, struct buffer *problems)
{
    struct source *source = target;
    return source->kind->open(source->state, parameters, &source->settings, problems);
}

static bool advertise(struct source *source)
{
    struct type_table *types = NULL;
    const struct plan *plan;
    struct error why;
    struct rosc_error error;
    bool good = false;
    enum error_code code = type_table_create(&types, &why);
    if (code == ERROR_NONE)
        code = type_table_find(types, source->kind->type, &plan, &why);
    if (code != ERROR_NONE) {
        ROSC_LOG_FATAL("%s: %s", why.path, why.text);
        goto cleanup;
    }
    struct rosc_publisher_options options = {
        .type = plan_type(plan),
        .md5sum = plan_md5sum(plan),
        .definition = plan_text(plan),
        .queue_size = source->settings.queue_size,
    };
    good = rosc_publisher_create(source->settings.topic, &options, &source->publisher, &error) ==
           ROSC_OK;
    if (!good)
        ROSC_LOG_FATAL("%s cannot be advertised: %s", source->settings.topic, error.text);
cleanup:
    type_table_destroy(types);
    return good;
}

static bool is_alone(const struct source *source)
{
    return source->settings.wait_for_subscriber &&
           rosc_publisher_subscriber_count(source->publisher) == 0;
}

/* Waits for the first message of /clock, where time is simulated, and for a subscriber, where one
 * is asked for. */
static void wait_to_begin(const struct source *source)
{
    if (is_alone(source))
        ROSC_LOG_INFO("waiting for a subscriber of %s", rosc_publisher_topic(source->publisher));
    while (rosc_ok() && (rosc_time_now() == 0 || is_alone(source)))
        sleep_for(0.01);
}

/* Seconds since the start: of ROS time where that is simulated, else of a clock that nobody sets.
 */
static double elapsed(const struct source *source)
{
    int64_t since = rosc_time_is_simulated() ? rosc_time_now() - source->stamp_at_start
                                             : rosc_time_steady() - source->steady_at_start;
    return (double)since / SECOND;
}

/* Waits until the message is due; false where the node is to end first. */
static bool wait_until(struct source *source, double due)
{
    for (;;) {
        double wait = due + source->delay - elapsed(source);
        if (wait < -LATE_LIMIT) {
            source->delay -= wait;
            ROSC_LOG_THROTTLE(10, ROSC_WARN,
                              "this machine does not keep up: the schedule is %.1f s behind by now",
                              source->delay);
        }
        if (wait <= 0 || !rosc_ok())
            return rosc_ok();
        sleep_for(wait);
    }
}

static bool publish(struct source *source)
{
    struct serial_writer writer;
    struct rosc_error error;
    int64_t start = source->stamp_at_start + (int64_t)llround(source->delay * SECOND);
    buffer_clear(&source->message);
    serial_writer_init(&writer, &source->message);
    source->kind->write(source->state, start, (uint32_t)source->published, &writer);
    if (writer.code != ERROR_NONE) {
        ROSC_LOG_FATAL("message %" PRIu64 " was not made: %s (a message has %u bytes at most)",
                       source->published, error_code_name(writer.code), SOURCE_MESSAGE_LIMIT);
        return false;
    }
    if (rosc_publisher_publish(source->publisher, source->message.data, source->message.length,
                               &error) != ROSC_OK) {
        if (!rosc_ok())
            return true;
        ROSC_LOG_FATAL("message %" PRIu64 " was not published: %s", source->published, error.text);
        return false;
    }
    source->published++;
    return true;
}

/* What the kind says; empty where that failed. */
static const char *say(const struct source *source,
                       enum error_code (*function)(const void *state, struct buffer *text),
                       struct buffer *text)
{
    enum error_code code = function(source->state, text);
    if (code == ERROR_NONE)
        code = buffer_append(text, "", 1);
    return code == ERROR_NONE ? text->data : "";
}

static void log_begin(struct source *source)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    ROSC_LOG_INFO("%s: %s", rosc_publisher_topic(source->publisher),
                  say(source, source->kind->describe, &text));
    buffer_fini(&text);
}

static void log_end(struct source *source, bool done)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    ROSC_LOG_INFO("published %" PRIu64 " messages: %s%s", source->published,
                  say(source, source->kind->report, &text),
                  done ? "; quiet from here on, Ctrl-C ends it" : "");
    buffer_fini(&text);
}

static bool run(struct source *source)
{
    wait_to_begin(source);
    if (!rosc_ok())
        return true;
    log_begin(source);
    source->stamp_at_start = rosc_time_now();
    source->steady_at_start = rosc_time_steady();
    struct source_turn turn = {0};
    while (rosc_ok() && !turn.done) {
        struct error error;
        if (source->kind->next(source->state, &turn, &error) != ERROR_NONE) {
            log_end(source, false);
            ROSC_LOG_FATAL("%s: %s", error.path, error.text);
            return false;
        }
        if (!turn.done && wait_until(source, turn.due) && !publish(source))
            return false;
    }
    log_end(source, turn.done);
    while (rosc_ok())
        sleep_for(LONGEST_SLEEP);
    return true;
}

int source_main(int argc, char **argv, const struct source_kind *kind, void *state)
{
    int status;
    if (!node_begin(argc, argv, kind->node, kind->help, &status))
        return status;
    struct source source = {.kind = kind, .state = state};
    cJSON *tree = NULL;
    buffer_init(&source.message, SOURCE_MESSAGE_LIMIT);
    bool good =
        node_read_parameters(&tree, open_kind, &source) && advertise(&source) && run(&source);
    if (source.publisher) {
        (void)node_flush(source.publisher);
        rosc_publisher_destroy(source.publisher);
    }
    kind->close(state);
    buffer_fini(&source.message);
    cJSON_Delete(tree);
    rosc_shutdown();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
