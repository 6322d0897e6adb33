/* Where kafka_to_ros posts its dead letters. Each is acknowledged before its record's offset is
 * stored; letters of several partitions may be under way at once. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_LETTERBOX_H
#define KAFKA_BRIDGE_BRIDGE_LETTERBOX_H

#include "bridge/binding.h"
#include "bridge/config.h"

struct letterbox;
struct letter;

/* Errors as kafka_producer_create's. */
enum error_code letterbox_create(const struct config *config, struct letterbox **letterbox,
                                 struct error *error) MUST_CHECK;
/* After the last letter. */
void letterbox_destroy(struct letterbox *letterbox);

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
enum letter_fate letterbox_post(struct letterbox *letterbox, struct letter *letter,
                                const struct kafka_record *record);

#endif
