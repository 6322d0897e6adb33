/* Sends records to Kafka and says of each what became of it. One thread; results are set from the
 * producer's. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_RECORD_SENDER_H
#define KAFKA_BRIDGE_TOOLS_RESEND_RECORD_SENDER_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/settings/properties.h"
#include "tools/resend/send_result.h"

#include <stdbool.h>

struct record_sender;

/* Errors as kafka_producer_create's. */
enum error_code record_sender_create(const struct kafka_properties *properties,
                                     struct record_sender **sender, struct error *error) MUST_CHECK;

/* What is under way then is not done. */
void record_sender_destroy(struct record_sender *sender);

/* Sends `record`, which is copied, waiting for room until an interrupt. `result` stays where it is
 * until it is known. ERROR_IO: librdkafka gave up, or an interrupt came: the result is not done,
 * and nothing more can be sent. */
enum error_code record_sender_send(struct record_sender *sender, const struct kafka_record *record,
                                   struct send_result *result, struct error *error) MUST_CHECK;

/* Sends a record whose result is SEND_CROWDED in a batch of its own, and waits for what becomes
 * of it: Kafka refuses batches that are larger than a topic's max.message.bytes as a whole. */
enum error_code record_sender_send_alone(struct record_sender *sender,
                                         const struct kafka_record *record,
                                         struct send_result *result,
                                         struct error *error) MUST_CHECK;

/* Waits until the result of all is known; after an interrupt for a few seconds only. Whether it
 * is. */
bool record_sender_wait(struct record_sender *sender);

#endif
