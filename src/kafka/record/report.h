/* What became of a record that was handed to a producer. */
#ifndef KAFKA_BRIDGE_KAFKA_RECORD_REPORT_H
#define KAFKA_BRIDGE_KAFKA_RECORD_REPORT_H

#include <stddef.h>
#include <stdint.h>

enum kafka_delivery {
    KAFKA_DELIVERED,     /* every in-sync replica has it */
    KAFKA_TOO_LARGE,     /* its batch is larger than the topic takes: alone it might go */
    KAFKA_WRONG_TIME,    /* the time of one of its batch is out of the topic's range */
    KAFKA_INVALID,       /* a record of its batch can never be right: this one, or another */
    KAFKA_REFUSED,       /* can never be right: no name of a topic */
    KAFKA_UNAVAILABLE,   /* may be right later: its topic is missing, or not permitted */
    KAFKA_NOT_DELIVERED, /* purged at destroy, expired, or after a fatal error: may be tried again
                          */
};

/* One record's fate. `value`, `key` and `topic` are what was handed over, alive during the call. */
struct kafka_report {
    enum kafka_delivery delivery;
    const char *reason; /* librdkafka's words; "" when delivered */
    uint64_t tag;       /* what kafka_producer_send was given */
    void *owner;
    int32_t partition;
    int64_t offset;
    int64_t append_time; /* milliseconds since the epoch by the broker's clock, of a topic with
                            LogAppendTime; else 0 */
    const char *topic;
    const void *key;
    size_t key_size;
    const void *value;
    size_t value_size;
};

#endif
