/* The dead letter: what is sent to `<kafka_topic>.dead_letter` about a message or record that could
 * not go on, so that it can be looked at and sent again.
 *
 * A JSON object: `reason` (an error code's name, or "too_large", "refused"), `text`, `path`,
 * `position`, where it came from, `ros_type`, `ros_md5sum`, `content` (whether a ROS message or a
 * record's value), and its bytes in base64 as `bytes` (and `key`), left out with their `size` where
 * they exceed `DEAD_LETTER_BYTES_LIMIT`.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_DEAD_LETTER_H
#define KAFKA_BRIDGE_BRIDGE_DEAD_LETTER_H

#include "base/buffer.h"
#include "base/error.h"
#include "kafka/record.h"

/* Bytes of the original that a dead letter carries at most: with base64's third on top it stays
 * under Kafka's default message.max.bytes of 1,048,588. */
#define DEAD_LETTER_BYTES_LIMIT (700U << 10)

struct dead_letter {
    const char *reason;
    const struct error *error; /* path, position, text */
    const char *direction;     /* "ros_to_kafka" or "kafka_to_ros" */
    const char *ros_topic;     /* any of these may be NULL */
    const char *ros_type;
    const char *ros_md5sum;
    const struct kafka_record *record; /* kafka_to_ros: where it lay, its key */
    const char *content;               /* what `bytes` are: "message" or "record" */
    const void *bytes;                 /* may be NULL: left out */
    size_t size;
};

/* Appends the letter as compact JSON. ERROR_MEMORY, ERROR_LIMIT. */
enum error_code dead_letter_write(const struct dead_letter *letter, struct buffer *out) MUST_CHECK;

#endif
