/* A Kafka record as this package hands it over: borrowed pointers, nothing owned. */
#ifndef KAFKA_BRIDGE_KAFKA_RECORD_RECORD_H
#define KAFKA_BRIDGE_KAFKA_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Header names (design, section 6). */
#define KAFKA_HEADER_TOPIC  "ros_topic"
#define KAFKA_HEADER_TYPE   "ros_type"
#define KAFKA_HEADER_MD5SUM "ros_md5sum"
#define KAFKA_HEADER_ID     "id"
/* "true" where the publisher latched; else not there. */
#define KAFKA_HEADER_LATCHED "ros_latched"
/* The name of the node that latched it; not there where it is not latched. */
#define KAFKA_HEADER_PUBLISHER "ros_publisher"
/* Milliseconds since the epoch as decimal digits: the time that the record would have, where Kafka
 * would not have taken it with that, or soon have deleted it. */
#define KAFKA_HEADER_TIMESTAMP "ros_timestamp"

/* A record's time that says it has none: Kafka takes that at any time (its NO_TIMESTAMP). */
#define KAFKA_NO_TIME INT64_MIN

#define KAFKA_RECORD_HEADERS_LIMIT 32

struct kafka_header {
    const char *name; /* NUL-terminated */
    const void *value;
    size_t size;
};

struct kafka_record {
    const char *topic;
    int32_t partition; /* -1: by the key; of a consumed record where it lay */
    int64_t offset;    /* of a consumed record; else -1 */
    int64_t timestamp; /* milliseconds since the Unix epoch; 0 and less: that of sending;
                          or KAFKA_NO_TIME */
    const void *key;   /* NULL: none */
    size_t key_size;
    const void *value; /* NULL: a tombstone */
    size_t value_size;
    struct kafka_header headers[KAFKA_RECORD_HEADERS_LIMIT];
    size_t header_count;
    bool headers_cut; /* of a consumed record: it has more headers than fit here */
};

/* The header `name`, or NULL; the last one where there are several. */
const struct kafka_header *kafka_record_header(const struct kafka_record *record, const char *name);

/* A copy with all that it points to in one allocation, which free() ends. NULL without memory. */
struct kafka_record *kafka_record_copy(const struct kafka_record *record);

/* How large that allocation is. */
size_t kafka_record_copy_size(const struct kafka_record *record);

#endif
