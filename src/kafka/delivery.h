/* What librdkafka's delivery errors mean for a record. */
#ifndef KAFKA_BRIDGE_KAFKA_DELIVERY_H
#define KAFKA_BRIDGE_KAFKA_DELIVERY_H

#include "kafka/producer.h"

#include <librdkafka/rdkafka.h>

enum kafka_delivery kafka_delivery_of(rd_kafka_resp_err_t reason);

/* In words; where it may be right later, with what mends it. "" for no error. */
const char *kafka_delivery_reason(rd_kafka_resp_err_t reason);

#endif
