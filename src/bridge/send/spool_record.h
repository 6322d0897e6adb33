/* A record of the spool as Kafka is to have it. Any thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_SPOOL_RECORD_H
#define KAFKA_BRIDGE_BRIDGE_SEND_SPOOL_RECORD_H

#include "kafka/record/record.h"
#include "spool/spool.h"

#define SPOOL_RECORD_ID_SIZE 600 /* "<robot>/<kafka topic>/<sequence>" with NUL */

/* Fills `record` with pointers into both and into `id` (SPOOL_RECORD_ID_SIZE bytes), which gets the
 * record's id. What a dead letter's topic and key are is left to the caller. */
void spool_record_to_kafka(const struct spool_origin *origin, const struct spool_record *kept,
                           char *id, struct kafka_record *record);

#endif
