#include "kafka/record/delivery.h"

/* Kafka's INVALID_RECORD; librdkafka 1.2 has no name for it yet. */
#define INVALID_RECORD 87

enum kafka_delivery kafka_delivery_of(rd_kafka_resp_err_t reason)
{
    switch ((int)reason) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return KAFKA_DELIVERED;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        return KAFKA_TOO_LARGE;
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
        return KAFKA_WRONG_TIME;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE: /* it is being made: librdkafka before 1.5 */
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT: /* the topic's, which may be raised */
        return KAFKA_UNAVAILABLE;
    case INVALID_RECORD:
        return KAFKA_INVALID;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        return KAFKA_REFUSED;
    default:
        /* Purged, expired, fatal, or of brokers' making: the record itself is sound. */
        return KAFKA_NOT_DELIVERED;
    }
}

const char *kafka_delivery_reason(rd_kafka_resp_err_t reason)
{
    switch (reason) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return "";
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return "Kafka has no such topic, or hides it from this user (Unknown topic): create it, "
               "let "
               "the broker do so (auto.create.topics.enable), or allow this user Describe";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return "this user may not write to it (Topic authorization failed): allow it Write and "
               "Describe, with exactly_once Read as well";
    default:
        return rd_kafka_err2str(reason);
    }
}

void kafka_report_read(const rd_kafka_message_t *message, struct kafka_report *report)
{
    const struct kafka_tag *tag = message->_private;
    rd_kafka_timestamp_type_t type;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    *report = (struct kafka_report){
        .delivery = kafka_delivery_of(message->err),
        .reason = kafka_delivery_reason(message->err),
        .tag = tag->tag,
        .owner = tag->owner,
        .partition = message->partition,
        .offset = message->err ? -1 : message->offset,
        .append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? timestamp : 0,
        .topic = message->rkt ? rd_kafka_topic_name(message->rkt) : "",
        .key = message->key,
        .key_size = message->key_len,
        .value = message->payload,
        .value_size = message->len,
    };
}
