/* Puts definitions into the definitions topic: each (type, md5sum) once per run.
 *
 * The topic must be compacted, so it is created before the first definition is sent, and that waits
 * until Kafka has acknowledged something: the encoder never waits for a broker that is away. All
 * functions on the encoder's thread, save announcer_report.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_ANNOUNCER_H
#define KAFKA_BRIDGE_BRIDGE_ANNOUNCER_H

#include "kafka/producer.h"
#include "message/plan.h"

#include <stdbool.h>

struct announcer;

/* `topic` is borrowed; "" announces nothing. ERROR_MEMORY. */
enum error_code announcer_create(const char *topic, struct announcer **announcer) MUST_CHECK;
void announcer_destroy(struct announcer *announcer);

/* Remembers the plan's definition, which is to be sent; the plan is borrowed. */
void announcer_add(struct announcer *announcer, const struct plan *plan);

/* Sends what is to be sent, where `reachable` says that Kafka answers. Records carry the announcer
 * as their owner. */
void announcer_work(struct announcer *announcer, struct kafka_producer *producer, bool reachable);

/* Whether everything was acknowledged. */
bool announcer_is_done(const struct announcer *announcer);

/* What became of a definition: one that did not arrive is sent again. Any thread. */
void announcer_report(struct announcer *announcer, const struct kafka_report *report);

#endif
