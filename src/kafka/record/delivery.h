/* What librdkafka says of a record that it was given, as a report. */
#ifndef KAFKA_BRIDGE_KAFKA_RECORD_DELIVERY_H
#define KAFKA_BRIDGE_KAFKA_RECORD_DELIVERY_H

#include "kafka/record/report.h"

#include <librdkafka/rdkafka.h>

/* What rides along with a record in librdkafka, as its opaque: what the sender was given. */
struct kafka_tag {
    uint64_t tag;
    void *owner;
};

/* What librdkafka says of a record whose opaque is a struct kafka_tag; before its report the topic
 * may be "". */
void kafka_report_read(const rd_kafka_message_t *message, struct kafka_report *report);

/* What librdkafka's error means for the record. */
enum kafka_delivery kafka_delivery_of(rd_kafka_resp_err_t reason);

/* In words; where it may be right later, with what mends it. "" for no error. */
const char *kafka_delivery_reason(rd_kafka_resp_err_t reason);

#endif
