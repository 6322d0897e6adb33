/* The origins of the records that are on their way to Kafka: of this run's messages, and of those
 * that the spool kept from earlier ones.
 *
 * An origin lives as long as the table. Any thread may get one; its counters are set once.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_OUTBOX_ORIGINS_H
#define KAFKA_BRIDGE_BRIDGE_OUTBOX_ORIGINS_H

#include "bridge/flow/counters.h"
#include "bridge/flow/names.h"
#include "spool/spool.h"

#include <rosc/log.h>

#include <stdbool.h>

struct gate;
struct time_limits; /* record_times.h */

struct origin {
    const struct spool_origin *facts;
    char dead_letter_topic[NAMES_KAFKA_TOPIC_SIZE]; /* "" where the suffix makes it too long */
    struct counters *counters; /* of this run's messages; NULL: there are none */
    struct gate *gate,
        *letter_gate; /* the sender's: of its topic, and its letters'; NULL: not yet */
    struct time_limits *times, *letter_times;      /* the sender's: of its topic and its letters' */
    struct rosc_throttle refused_log, dropped_log; /* lines about its records: others have theirs */
    bool announced;          /* the sender's: its definition was handed to the announcer */
    uint64_t position;       /* the committer's: sequences below are in Kafka */
    uint32_t position_known; /* the generation of the committer that asked for it; 0: none */
};

struct origins;

/* `spool` outlives it. ERROR_MEMORY. */
enum error_code origins_create(struct spool *spool, struct origins **origins) MUST_CHECK;
void origins_destroy(struct origins *origins);

/* The origin with the spool's id; NULL: the spool has none, or memory ran out. */
struct origin *origins_get(struct origins *origins, uint32_t id);

/* The origin with these facts (whose id does not matter), whose messages of this run are counted in
 * `counters`. The writer's thread. ERROR_IO (the spool's words), ERROR_MEMORY. */
enum error_code origins_add(struct origins *origins, const struct spool_origin *facts,
                            struct counters *counters, struct origin **origin,
                            struct error *error) MUST_CHECK;

#endif
