/* Records of Kafka that were published in ROS and whose offsets may not be stored yet.
 *
 * roscpp sends in the background: what it has not handed to the kernel dies with the process. So a
 * record's offset is stored once it, and every record before it in its partition, has left the
 * process. One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_IN_FLIGHT_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_IN_FLIGHT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct publication;
struct in_flight_partition;

/* What a record costs besides its message's bytes: here and in roscpp. */
#define IN_FLIGHT_RECORD_BYTES 256

/* Whether the message `number` of `publication`, and all before, have left the process. */
typedef bool (*in_flight_written)(const struct publication *publication, uint64_t number);

/* All records of that partition up to `offset` are dealt with. */
typedef void (*in_flight_store)(const char *topic, int32_t partition, int64_t offset, void *user);

struct in_flight {
    in_flight_written written;
    size_t limit;         /* bytes; one partition has no more than all others leave free */
    _Atomic size_t bytes; /* any thread may look */
    struct in_flight_partition *first; /* of the last record */
    struct in_flight_partition *by_key;
};

void in_flight_init(struct in_flight *in_flight, size_t limit, in_flight_written written);
void in_flight_fini(struct in_flight *in_flight);

static inline bool in_flight_is_empty(const struct in_flight *in_flight)
{
    return in_flight->bytes == 0;
}

/* Makes sure that in_flight_add succeeds once for a record of that partition with a message of
 * `size` bytes. ERROR_FULL: there is no room; there is where nothing else is in flight, and a
 * partition's messages take at most what is free besides, so that subscribers of one topic that
 * take nothing leave room for the others. ERROR_MEMORY. */
enum error_code in_flight_reserve(struct in_flight *in_flight, const char *topic, int32_t partition,
                                  size_t size) MUST_CHECK;

/* Adds a record behind those of its partition: the message `number`, of `size` bytes, of
 * `publication` (borrowed); NULL where nothing was published and the record is dealt with. After
 * in_flight_reserve. */
void in_flight_add(struct in_flight *in_flight, const char *topic, int32_t partition,
                   int64_t offset, const struct publication *publication, uint64_t number,
                   size_t size);

/* Calls `store` for each partition that has come further. */
void in_flight_settle(struct in_flight *in_flight, in_flight_store store, void *user);

/* Whether nothing of the partition is in flight. */
bool in_flight_is_settled(const struct in_flight *in_flight, const char *topic, int32_t partition);

/* Forgets a partition that was taken away: whoever has it next publishes its records again. */
void in_flight_forget(struct in_flight *in_flight, const char *topic, int32_t partition);

#endif
