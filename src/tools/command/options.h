/* The command line of `spool`: which command, on what, with which options.
 *
 * The texts are the command line's own; the struct lives as long as argv. One thread.
 */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_OPTIONS_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_PROPERTIES_LIMIT 64
#define OPTIONS_REASONS_LIMIT    16
#define OPTIONS_REASON_SIZE      32 /* bytes of a reason's name with NUL */
#define OPTIONS_REMAPPINGS_LIMIT 32
#define OPTIONS_NO_LIMIT         UINT64_MAX

enum tool_command {
    COMMAND_LIST,
    COMMAND_SHOW,
    COMMAND_EXPORT,
    COMMAND_SEND,
    COMMAND_RESEND,
    COMMAND_NONE, /* help on all of them */
};
#define COMMAND_COUNT ((int)COMMAND_NONE)

/* Where reading a topic begins or ends. */
enum bound_kind { BOUND_NONE, BOUND_OFFSET, BOUND_TIME };
struct bound {
    enum bound_kind kind;
    int64_t value; /* an offset, or milliseconds since the Unix epoch */
};

struct options {
    enum tool_command command;
    bool help;
    const char *place;        /* DIRECTORY, FILE, ROBOT or TOPIC; NULL: none */
    const char *directory;    /* of spools, instead of the default; NULL */
    const char *topic;        /* only this Kafka topic; NULL: all */
    const char *output;       /* a file; NULL: standard output */
    uint64_t limit;           /* records or letters; OPTIONS_NO_LIMIT */
    const char *dead_letters; /* a dead-letter topic to export; NULL */
    const char *reasons[OPTIONS_REASONS_LIMIT];
    int reason_count; /* 0: every reason */
    struct bound from, to;
    const char *group;   /* the consumer group that resend commits to; NULL: the default */
    const char *cluster; /* whose id, or any: what a spool may be sent to; NULL: its own */
    bool dry_run;
    bool skip_failed;              /* what fails is not tried again by the next run */
    bool now;                      /* with the time of sending, not the original's */
    const char *config;            /* a file; NULL */
    const char *bootstrap_servers; /* NULL */
    const char *properties[OPTIONS_PROPERTIES_LIMIT]; /* NAME=VALUE */
    int property_count;
    const char *remappings[OPTIONS_REMAPPINGS_LIMIT]; /* ROS's a:=b, for what needs ROS */
    int remapping_count;
};

/* The command's name: "list", "show", … */
const char *command_name(enum tool_command command);

/* Reads and checks the command line (argv is put in another order). ERROR_ARGUMENT, ERROR_UNKNOWN,
 * ERROR_MISSING, ERROR_RANGE: the text says what was found and what would be right. */
enum error_code options_read(int argc, char **argv, struct options *options,
                             struct error *error) MUST_CHECK;

#endif
