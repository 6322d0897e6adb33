/* What the tests of this room share: an embedded broker, the log's lines, the reports that came. */
#ifndef KAFKA_BRIDGE_TEST_KAFKA_SUPPORT_H
#define KAFKA_BRIDGE_TEST_KAFKA_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/connection/embedded.h"
#include "kafka/connection/log.h"
#include "kafka/consumer/consumer.h"
#include "kafka/producer/producer.h"
#include "kafka/settings/properties.h"

#define PATIENCE_MS 60000

/* Kafka's numbers of requests, for rd_kafka_mock_push_request_errors. */
#define REQUEST_PRODUCE       0
#define REQUEST_OFFSET_COMMIT 8

/* cmocka setup and teardown: `*state` is a struct broker. */
struct broker {
    struct kafka_embedded *embedded;
    rd_kafka_mock_cluster_t *cluster;
    const char *address;
    struct kafka_properties properties; /* bootstrap.servers and quick intervals */
};
int start_broker(void **state);
int stop_broker(void **state);

void set(struct kafka_properties *properties, const char *name, const char *value);

/* Collects the log from here on. */
void watch_log(void);
/* Lines of at least `level` that contain `part`, since watch_log. */
int count_lines(enum kafka_log_level level, const char *part);

/* Polls `condition(argument)` until it holds; fails the test after PATIENCE_MS. */
void wait_until(bool (*condition)(void *argument), void *argument, const char *what);

/* What was reported of a producer's records, by tag. */
#define TAGS 4096
struct reports {
    _Atomic int of_tag[TAGS];
    _Atomic int delivery_of_tag[TAGS];
    _Atomic uint64_t total;
    _Atomic uint64_t of_delivery[8];
    _Atomic int64_t last_offset;
    _Atomic int in_flight; /* the broker had their request when they were purged */
    char reason[256];      /* of the last that was not delivered; read when the producer is still */
    void *owner;
    const void *value_at; /* where the last value lay */
    char value[64];
    char key[64];
    char topic[64];
};
void on_report(const struct kafka_report *report, void *user);

struct kafka_producer *make_producer(const struct kafka_properties *properties,
                                     struct reports *reports);
/* The same with options; its reports go to `reports`. */
struct kafka_producer *make_producer_of(struct kafka_producer_options options,
                                        struct reports *reports);
struct kafka_record text_record(const char *topic, const char *key, const char *value);
void send_text(struct kafka_producer *producer, const char *topic, const char *key,
               const char *value, uint64_t tag);
/* Sends value "0", "1", ... with tags from 0, and waits for the reports. */
void produce_numbers(const struct kafka_properties *properties, const char *topic, int first,
                     int count);

struct kafka_consumer *make_consumer(const struct kafka_properties *properties, const char *group,
                                     const char *topic, enum kafka_start start, int64_t timestamp);
/* The next record's value as a number; fails the test when none comes. */
int next_number(struct kafka_consumer *consumer, bool store);
/* Whether nothing comes for a while. */
bool is_quiet(struct kafka_consumer *consumer, int wait_ms);
/* For wait_until: whether the consumer `argument` has joined its group and has partitions. */
bool is_assigned(void *argument);

#endif
