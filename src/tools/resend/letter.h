/* A dead letter read back: what bridge/flow/dead_letter.h writes (docs/json.md).
 *
 * The caller owns the struct, which can be used for one letter after the other. All pointers live
 * until the next read or fini. One thread.
 */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_LETTER_H
#define KAFKA_BRIDGE_TOOLS_RESEND_LETTER_H

#include "base/buffer.h"
#include "base/error.h"
#include "kafka/record/record.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define LETTER_SUFFIX ".dead_letter"

struct letter {
    const char *reason; /* never NULL, as all of these: "" where the letter does not say */
    const char *text;
    const char *path;
    const char *direction;
    const char *ros_topic;
    const char *ros_type;
    const char *ros_md5sum;
    const char *left_out; /* the first thing that the letter had no room for, or "" */
    bool is_message;      /* a serialized ROS message; else a record */
    bool has_bytes;       /* the original's value is there, be it that it has none */
    /* The original as it was or was to be: topic (the dead-letter topic's without its suffix where
     * the letter does not say), partition, offset (-1 where it lay nowhere), timestamp, key,
     * headers; of a message only its bytes as the value are sure to be there. */
    struct kafka_record original;
    cJSON *tree;
    struct buffer json;
};

void letter_init(struct letter *letter);
void letter_fini(struct letter *letter);

/* Reads the letter that `record` of a dead-letter topic is. ERROR_SYNTAX: it is none (the text says
 * why); `letter` is empty then. */
enum error_code letter_read(struct letter *letter, const struct kafka_record *record,
                            struct error *error) MUST_CHECK;

/* The name without LETTER_SUFFIX into `topic` (`size` bytes). ERROR_RANGE: it does not end so. */
enum error_code letter_topic(const char *name, char *topic, size_t size,
                             struct error *error) MUST_CHECK;

#endif
