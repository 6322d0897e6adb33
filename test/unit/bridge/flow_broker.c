#include "flow_broker.h"

#include "kafka/reading/reader.h"

#include <rosc/time.h>
#include <stdlib.h>
#include <string.h>

static void must(enum error_code code, const struct error *error)
{
    if (code != ERROR_NONE)
        fail_msg("%s: %s: %s", error_code_name(code), error->path, error->text);
}

void flow_broker_set(struct flow_broker *broker, const char *name, const char *value)
{
    assert_int_equal(kafka_properties_set(&broker->flow->config.kafka, name, value), ERROR_NONE);
}

int flow_broker_setup(void **state)
{
    struct error error = {0};
    const char *address = NULL;
    void *flow = NULL;
    struct flow_broker *broker = calloc(1, sizeof *broker);
    if (!broker || flow_setup(&flow) != 0)
        return -1;
    broker->flow = flow;
    must(kafka_embedded_create(&broker->embedded, &address, &error), &error);
    broker->cluster = kafka_embedded_cluster(broker->embedded);
    must(kafka_embedded_create_topic(broker->embedded, FLOW_TOPIC, 1, &error), &error);
    must(kafka_embedded_create_topic(broker->embedded, FLOW_LETTERS, 1, &error), &error);
    flow_broker_set(broker, "bootstrap.servers", address);
    flow_broker_set(broker, "topic.metadata.refresh.interval.ms", "500");
    flow_broker_set(broker, "topic.metadata.propagation.max.ms", "0");
    flow_broker_set(broker, "reconnect.backoff.max.ms", "200");
    *state = broker;
    return 0;
}

int flow_broker_teardown(void **state)
{
    struct flow_broker *broker = *state;
    void *flow = broker->flow;
    sender_destroy(broker->sender);
    kafka_embedded_destroy(broker->embedded);
    free(broker);
    return flow_teardown(&flow);
}

void flow_broker_start(struct flow_broker *broker)
{
    struct flow *flow = broker->flow;
    struct error error = {0};
    flow_open(flow);
    must(sender_create(&flow->config, flow->spool, flow->outbox, &flow->restored, &broker->sender,
                       &error),
         &error);
}

void flow_broker_stop(struct flow_broker *broker, int timeout_ms)
{
    sender_stop(broker->sender, rosc_time_steady() + timeout_ms * INT64_C(1000000));
    outbox_close(broker->flow->outbox);
    sender_destroy(broker->sender);
    broker->sender = NULL;
    flow_close(broker->flow);
}

void flow_broker_crash(struct flow_broker *broker)
{
    sender_destroy(broker->sender);
    broker->sender = NULL;
    flow_crash(broker->flow);
}

static bool is_settled(void *argument)
{
    struct flow_broker *broker = argument;
    return outbox_is_empty(broker->flow->outbox);
}

void flow_broker_settle(struct flow_broker *broker)
{
    flow_wait(is_settled, broker, "all is settled");
}

void flow_broker_visit(struct flow_broker *broker, const char *topic,
                       void (*visit)(const struct kafka_record *record, void *user), void *user)
{
    struct kafka_reader *reader = NULL;
    struct kafka_record record;
    struct error error = {0};
    bool at_end = false;
    int64_t until = rosc_time_steady() + FLOW_PATIENCE_MS * INT64_C(1000000);
    must(kafka_reader_create(&broker->flow->config.kafka, topic, &reader, &error), &error);
    while (!at_end && rosc_time_steady() < until) {
        enum error_code code = kafka_reader_next(reader, 100, &record, &at_end, &error);
        if (code == ERROR_NONE)
            visit(&record, user);
        else if (code != ERROR_MISSING)
            must(code, &error);
    }
    kafka_reader_destroy(reader);
    assert_true(at_end);
}

struct reading {
    struct flow_broker *broker;
    size_t count;
};

static void keep_number(const struct kafka_record *record, void *user)
{
    struct reading *reading = user;
    struct flow_broker *broker = reading->broker;
    assert_true(reading->count < sizeof broker->numbers / sizeof broker->numbers[0]);
    char text[24] = "";
    size_t length = record->value_size < sizeof text - 1 ? record->value_size : sizeof text - 1;
    memcpy(text, record->value, length);
    broker->numbers[reading->count++] = strtoull(text, NULL, 10);
}

size_t flow_broker_read(struct flow_broker *broker, const char *topic)
{
    struct reading reading = {.broker = broker};
    flow_broker_visit(broker, topic, keep_number, &reading);
    return reading.count;
}

size_t flow_broker_check(struct flow_broker *broker, const char *topic, uint64_t first,
                         uint64_t end)
{
    size_t count = flow_broker_read(broker, topic), again = 0;
    uint64_t next = first;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = broker->numbers[i];
        if (number > next)
            fail_msg("%llu came before %llu", (unsigned long long)number, (unsigned long long)next);
        again += number < next ? 1 : 0;
        next += number == next ? 1 : 0;
    }
    assert_int_equal(next, end);
    return again;
}

void flow_broker_answer(struct flow_broker *broker, size_t count, rd_kafka_resp_err_t answer)
{
    rd_kafka_resp_err_t answers[16];
    assert_in_range(count, 1, 16);
    for (size_t i = 0; i < count; i++)
        answers[i] = answer;
    rd_kafka_mock_push_request_errors_array(broker->cluster, REQUEST_PRODUCE, count, answers);
}
