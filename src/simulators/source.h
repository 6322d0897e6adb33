/* A node that publishes one topic at its own pace: what the simulators have in common.
 *
 * It reads the node's parameters, advertises, waits for a subscriber where one is asked for, and
 * publishes each message when it is due: at a steady deadline since the start, however long the one
 * before took. Where the machine is more than a second behind, the schedule moves, which is logged;
 * nothing is left out and nothing comes in a burst. With simulated time it goes by that. After the
 * last message the totals are logged and the node stays, quiet, so that nothing is cut off that
 * subscribers have not read yet.
 *
 * One thread. The functions of a kind know no ROS.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_SOURCE_H
#define KAFKA_BRIDGE_SIMULATORS_SOURCE_H

#include "base/help.h"
#include "simulators/options.h"
#include "simulators/serial_writer.h"

#define SOURCE_MESSAGE_LIMIT (8U << 20) /* bytes */

struct source_settings {
    const char *topic;   /* lives as long as the parameters */
    uint32_t queue_size; /* messages that wait for a slow subscriber; 0: no bound */
    bool wait_for_subscriber;
};

/* What comes next. */
struct source_turn {
    double due; /* s since the start; not before the one of the turn before */
    bool done;  /* there is no more */
};

struct source_kind {
    const char *node; /* the node's name */
    const char *type; /* of its messages, "package/Type" */
    const char *help; /* what --help says */

    /* Reads the parameters and makes ready: false where anything is wrong, with a line for each
     * problem. `tree` and its texts live until `close`. */
    bool (*open)(void *state, const cJSON *tree, struct source_settings *settings,
                 struct buffer *problems);
    /* Says when the next message is due. Errors end the node. */
    enum error_code (*next)(void *state, struct source_turn *turn, struct error *error);
    /* Writes that message. `start` is time 0, nanoseconds since the Unix epoch, moved by what the
     * schedule was moved by; `seq` counts from 0. Failures of the writer are found by the caller.
     */
    void (*write)(void *state, int64_t start, uint32_t seq, struct serial_writer *writer);
    /* One line of what begins, and of what has become of it (the messages that were published are
     * said before it). */
    enum error_code (*describe)(const void *state, struct buffer *text);
    enum error_code (*report)(const void *state, struct buffer *text);
    /* Also after a failed open. */
    void (*close)(void *state);
};

/* The parameters that every source has, for `help`; `topic` is its own default. */
#define SOURCE_PARAMETERS(topic)                                                                   \
    "  _topic:=NAME                 (" topic ")\n"                                                 \
    "  _queue_size:=N               messages that wait for a slow subscriber (100000; 0: no\n"     \
    "                               bound)\n"                                                      \
    "  _wait_for_subscriber:=true   begins with the first one (false)\n"

/* The parameters `topic`, `queue_size` and `wait_for_subscriber`, which every source has. */
void source_read_settings(struct option_reader *reader, const char *topic,
                          struct source_settings *settings);

/* The whole of main(): `state` is handed to the kind's functions. */
int source_main(int argc, char **argv, const struct source_kind *kind, void *state);

#endif
