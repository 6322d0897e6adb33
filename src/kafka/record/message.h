/* librdkafka's message as a record. */
#ifndef KAFKA_BRIDGE_KAFKA_RECORD_MESSAGE_H
#define KAFKA_BRIDGE_KAFKA_RECORD_MESSAGE_H

#include "kafka/record/record.h"

#include <librdkafka/rdkafka.h>

/* Fills `record` with pointers into `message`, valid as long as that. Where the message has more
 * headers than a record holds, this package's own come first and `headers_cut` is set. */
void kafka_message_read(const rd_kafka_message_t *message, struct kafka_record *record);

#endif
