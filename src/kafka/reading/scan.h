/* A pass over a topic: each partition from where it is told to begin to the end that it had when
 * the pass was made. It is no member of a group, but may commit offsets as one.
 *
 * All functions from one thread. What is read ahead is bounded to 16 MiB unless the properties say
 * otherwise.
 */
#ifndef KAFKA_BRIDGE_KAFKA_READING_SCAN_H
#define KAFKA_BRIDGE_KAFKA_READING_SCAN_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/settings/properties.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_scan;

struct kafka_scan_partition {
    int32_t partition;
    int64_t first;     /* offset of the oldest record there is */
    int64_t end;       /* behind the newest */
    int64_t from;      /* the caller's: where to begin; as made: first */
    int64_t to;        /* the caller's: before which to end; as made: end */
    int64_t committed; /* the group's offset; -1: none */
};

struct kafka_scan_options {
    const struct kafka_properties *properties; /* group.id in it is not used */
    const char *topic;
    const char *group; /* NULL: commits nothing */
    int timeout_ms;    /* for each question to the brokers */
};

/* Asks for the partitions, their bounds and the group's offsets. ERROR_MISSING: there is no such
 * topic (it is not made); ERROR_IO: the brokers do not answer; else as kafka_producer_create. */
enum error_code kafka_scan_create(const struct kafka_scan_options *options,
                                  struct kafka_scan **scan, struct error *error) MUST_CHECK;
void kafka_scan_destroy(struct kafka_scan *scan);

/* The partitions, for the caller to set `from` and `to` of before the first kafka_scan_next. */
struct kafka_scan_partition *kafka_scan_partitions(struct kafka_scan *scan, size_t *count);

/* The offset in each partition of the first record at or after `timestamp` (milliseconds since the
 * Unix epoch), or its end, into `offsets`, one for each partition. ERROR_IO. */
enum error_code kafka_scan_find(struct kafka_scan *scan, int64_t timestamp, int64_t *offsets,
                                struct error *error) MUST_CHECK;

/* Waits at most `timeout_ms` for the next record. ERROR_NONE: `record` is valid until the next
 * call; ERROR_FULL: none came yet, call again; ERROR_MISSING: all was read; ERROR_IO. */
enum error_code kafka_scan_next(struct kafka_scan *scan, int timeout_ms,
                                struct kafka_record *record, struct error *error) MUST_CHECK;

/* Offsets passed so far, and those that there were to pass. */
uint64_t kafka_scan_passed(const struct kafka_scan *scan);
uint64_t kafka_scan_total(const struct kafka_scan *scan);

/* Commits the offset for the partition, and waits until that is done. ERROR_IO. */
enum error_code kafka_scan_commit(struct kafka_scan *scan, int32_t partition, int64_t offset,
                                  struct error *error) MUST_CHECK;

#endif
