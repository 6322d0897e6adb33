/* Where kafka_to_ros posts its dead letters. Each is acknowledged before its record's offset is
 * stored; letters of several partitions may be under way at once. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_DEAD_LETTER_PRODUCER_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_DEAD_LETTER_PRODUCER_H

#include "bridge/config/config.h"
#include "bridge/publish/binding.h"

struct dead_letter_producer;
struct letter;

/* Errors as kafka_producer_create's. */
enum error_code dead_letter_producer_create(const struct config *config,
                                            struct dead_letter_producer **dead_letter_producer,
                                            struct error *error) MUST_CHECK;
/* After the last letter. */
void dead_letter_producer_destroy(struct dead_letter_producer *dead_letter_producer);

/* A letter that says what is wrong with a record; `binding` may be NULL, and lives as long as the
 * letter. NULL: no memory. */
struct letter *letter_create(const struct binding *binding, const struct error *error);
/* Why Kafka has not taken it so far; "": it has said nothing, or takes it. */
const char *letter_answer(const struct letter *letter);
/* Also while it is under way. */
void letter_destroy(struct letter *letter);

enum letter_fate {
    LETTER_UNDER_WAY, /* ask again; as long as Kafka is away */
    LETTER_DELIVERED,
    LETTER_REFUSED, /* Kafka does not take it, or it cannot be made: its answer says why */
};

/* Sends the letter of `record` to `<kafka_topic>.dead_letter`, and says what has become of it; to
 * be called with the same record until that is known. Waits a few milliseconds at most. Where Kafka
 * does not take it so large it is sent without the record's bytes, then without anything that the
 * record held. */
enum letter_fate dead_letter_producer_post(struct dead_letter_producer *dead_letter_producer,
                                           struct letter *letter,
                                           const struct kafka_record *record);

#endif
