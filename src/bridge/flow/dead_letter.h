/* The dead letter: what is sent to `<kafka_topic>.dead_letter` about a message or record that could
 * not go on, so that it can be looked at and sent again. docs/json.md has its form, member by
 * member.
 *
 * A JSON object. Every text in it is UTF-8, whatever the original held; what has to survive byte
 * for byte (key, values of headers, the bytes themselves) is base64 (RFC 4648), and `null` where
 * the record has none, as Kafka tells none from empty. What is larger than the letter may be is not
 * there, and `left_out` names it.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_DEAD_LETTER_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_DEAD_LETTER_H

#include "base/buffer.h"
#include "base/error.h"
#include "kafka/record/record.h"

/* Bytes of the original that a dead letter carries where nothing else is said: with base64's third
 * on top it stays under librdkafka's default message.max.bytes of 1,000,000. */
#define DEAD_LETTER_BYTES_LIMIT (700U << 10)

/* Bytes of a letter's text, for the buffer that it is written to. */
#define DEAD_LETTER_TEXT_LIMIT (2U << 20)

struct dead_letter {
    const char *reason;        /* an error code's name, "too_large" or "refused" */
    const struct error *error; /* path, position, text */
    const char *direction;     /* "ros_to_kafka" or "kafka_to_ros" */
    const char *ros_topic;     /* any of these may be NULL */
    const char *ros_type;
    const char *ros_md5sum;

    /* The record that it was, or was to become; may be NULL. Its topic, key, headers and timestamp
     * are written, partition and offset where they are not negative; its value is not looked at. */
    const struct kafka_record *record;

    /* What `bytes` are: "record", a record's value, or "message", as ROS has it. Without bytes
     * (NULL): left out where `size` is not 0; else a record without a value (a tombstone), or a
     * message of no bytes. */
    const char *content;
    const void *bytes;
    size_t size;

    /* Bytes of bytes, key and headers together that the letter may carry; 0:
     * DEAD_LETTER_BYTES_LIMIT. What is too much goes in this order: bytes, headers, key. */
    size_t limit;
};

/* Appends the letter as compact JSON. ERROR_MEMORY, ERROR_LIMIT (more than `out` may hold). */
enum error_code dead_letter_write(const struct dead_letter *letter, struct buffer *out) MUST_CHECK;

#endif
