/* Puts definitions into the definitions topic: each (type, md5sum) once per run.
 *
 * The topic must be compacted, so it is created before the first definition is sent; the caller
 * waits with that until Kafka has acknowledged something, so that nobody waits for a broker that is
 * away. All functions on the sender's thread, save announcer_report.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_ANNOUNCER_H
#define KAFKA_BRIDGE_BRIDGE_SEND_ANNOUNCER_H

#include "bridge/outbox/origins.h"
#include "kafka/producer/producer.h"

#include <stdbool.h>

struct announcer;

/* `topic` is borrowed; "" announces nothing. ERROR_MEMORY. */
enum error_code announcer_create(const char *topic, struct announcer **announcer) MUST_CHECK;
void announcer_destroy(struct announcer *announcer);

/* Remembers the definition of the origin's type, which is to be sent. Cheap for an origin that was
 * seen before. The origin is borrowed. */
void announcer_add(struct announcer *announcer, struct origin *origin);

/* Sends what is to be sent; where the topic has to be made, that takes at most 2 seconds and not
 * longer than `deadline` (nanoseconds of the steady clock). Records carry the announcer as their
 * owner. False where Kafka did not answer: try again when it is known to. */
bool announcer_work(struct announcer *announcer, struct kafka_producer *producer,
                    int64_t deadline) MUST_CHECK;

/* Whether announcer_work would send something now. What was refused is tried again later: after 5
 * seconds, and then each time after twice as long, up to 5 minutes. */
bool announcer_is_waiting(const struct announcer *announcer);

/* Of transactions: what has arrived is in Kafka for good; or what has arrived since then came to
 * nothing, and is sent again. */
void announcer_commit(struct announcer *announcer);
void announcer_abort(struct announcer *announcer);

/* What became of a definition: one that did not arrive is sent again. Any thread. */
void announcer_report(struct announcer *announcer, const struct kafka_report *report);

#endif
