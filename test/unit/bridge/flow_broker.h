/* A flow with an embedded broker to send to: for the tests of the sender. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_BRIDGE_FLOW_BROKER_H
#define KAFKA_BRIDGE_TEST_UNIT_BRIDGE_FLOW_BROKER_H

#include "flow_support.h"

#include "bridge/send/sender.h"
#include "kafka/connection/embedded.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#define FLOW_LETTERS FLOW_TOPIC ".dead_letter"

/* Kafka's numbers of requests, for rd_kafka_mock_push_request_errors. */
#define REQUEST_PRODUCE 0

#define BROKER_TEST(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, flow_broker_setup, flow_broker_teardown)

/* `*state` is a flow_broker: a flow with nothing open, whose configuration names the broker. */
struct flow_broker {
    struct flow *flow;
    struct kafka_embedded *embedded;
    rd_kafka_mock_cluster_t *cluster;
    struct sender *sender;
    uint64_t numbers[50000]; /* of flow_broker_read */
};

int flow_broker_setup(void **state);
int flow_broker_teardown(void **state);

/* Opens the flow and starts its sender. */
void flow_broker_start(struct flow_broker *broker);

/* Stops the sender, which gets `timeout_ms` for what is left, and closes the flow. */
void flow_broker_stop(struct flow_broker *broker, int timeout_ms);

/* The sender is gone without having closed anything, and the spool as a kill -9 leaves it. */
void flow_broker_crash(struct flow_broker *broker);

/* Waits until everything put is settled. */
void flow_broker_settle(struct flow_broker *broker);

/* Reads what the topic holds: the numbers that its values begin with, in the order of the topic.
 * Returns how many. */
size_t flow_broker_read(struct flow_broker *broker, const char *topic);

/* Calls `visit` for each record of the topic. */
void flow_broker_visit(struct flow_broker *broker, const char *topic,
                       void (*visit)(const struct kafka_record *record, void *user), void *user);

/* The topic has to hold the numbers from `first` up to before `end`: each, and in order once what
 * came again is left out. Returns how many came again. */
size_t flow_broker_check(struct flow_broker *broker, const char *topic, uint64_t first,
                         uint64_t end);

/* The next `count` produce requests are answered with `answer`. */
void flow_broker_answer(struct flow_broker *broker, size_t count, rd_kafka_resp_err_t answer);

void flow_broker_set(struct flow_broker *broker, const char *name, const char *value);

#endif
