/* What Kafka never takes becomes a letter, what it may take later waits; neither holds up others.
 */
#include "flow_broker.h"

#include <cjson/cJSON.h>
#include <rosc/time.h>
#include <stdio.h>
#include <string.h>

#define SIZE  100U
#define COUNT 50U /* records of a batch */

static void put_many(struct flow_broker *broker, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++)
        flow_put(broker->flow, COUNT, SIZE);
}

static void nothing_is_left(struct flow *flow)
{
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

/* Records that are too large. */

struct letters {
    unsigned count;
    char reason[32];
    char text[256];
    bool has_bytes;
};

static void keep_letter(const struct kafka_record *record, void *user)
{
    struct letters *letters = user;
    char text[20000];
    (void)snprintf(text, sizeof text, "%.*s", (int)record->value_size, (const char *)record->value);
    cJSON *letter = cJSON_Parse(text);
    assert_non_null(letter);
    letters->count++;
    (void)snprintf(letters->reason, sizeof letters->reason, "%s",
                   cJSON_GetObjectItem(letter, "reason")->valuestring);
    (void)snprintf(letters->text, sizeof letters->text, "%s",
                   cJSON_GetObjectItem(letter, "text")->valuestring);
    letters->has_bytes = cJSON_HasObjectItem(letter, "bytes");
    assert_string_equal(cJSON_GetObjectItem(letter, "kafka_topic")->valuestring, FLOW_TOPIC);
    cJSON_Delete(letter);
}

static struct letters read_letters(struct flow_broker *broker)
{
    struct letters letters = {0};
    flow_broker_visit(broker, FLOW_LETTERS, keep_letter, &letters);
    return letters;
}

static void what_librdkafka_does_not_take_becomes_a_letter(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    flow_broker_start(broker);
    flow_put(broker->flow, 3, SIZE);
    flow_put(broker->flow, 1, 5000);
    flow_put(broker->flow, 3, SIZE);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, 6);
    assert_int_equal(totals.dead_lettered, 1);
    assert_int_equal(flow_broker_read(broker, FLOW_TOPIC), 6);
    struct letters letters = read_letters(broker);
    assert_int_equal(letters.count, 1);
    assert_string_equal(letters.reason, "too_large");
    assert_false(letters.has_bytes); /* it would not fit either */
    nothing_is_left(broker->flow);
}

static void a_batch_that_is_too_large_is_made_smaller(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "max.in.flight", "1");
    flow_broker_set(broker, "batch.size", "10000");
    flow_broker_start(broker);
    flow_broker_answer(broker, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    put_many(broker, 30);
    flow_broker_settle(broker);
    (void)flow_broker_check(broker, FLOW_TOPIC, 0, 30 * COUNT);
    assert_int_equal(flow_totals(broker->flow).delivered, 30 * COUNT);
    assert_int_equal(read_letters(broker).count, 0);
    nothing_is_left(broker->flow);
}

/* Until each record goes alone: then it is that which is too large. */
static void a_record_that_is_too_large_alone_becomes_a_letter(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "batch.size", "4096");
    flow_broker_set(broker, "linger.ms", "200"); /* both in one request */
    flow_broker_start(broker);
    flow_broker_answer(broker, 3, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    flow_put(broker->flow, 2, SIZE);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, 1);
    assert_int_equal(totals.dead_lettered, 1);
    struct letters letters = read_letters(broker);
    assert_int_equal(letters.count, 1);
    assert_string_equal(letters.reason, "too_large");
    assert_true(letters.has_bytes);
    assert_int_equal(flow_broker_read(broker, FLOW_TOPIC), 1);
    nothing_is_left(broker->flow);
}

/* Topics that take nothing now. */

#define OTHER "other"

static void topic_is(struct flow_broker *broker, const char *topic, rd_kafka_resp_err_t error)
{
    rd_kafka_mock_topic_set_error(broker->cluster, topic, error);
}

/* Records for another topic, of the same numbers. */
static void put_other(struct flow *flow, unsigned batches)
{
    flow_turn_to(flow, OTHER);
    for (unsigned i = 0; i < batches; i++)
        flow_put(flow, COUNT, SIZE);
    flow_turn_to(flow, FLOW_TOPIC);
}

/* Batches with records of both topics, in turn. */
static void put_mixed(struct flow *flow, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++) {
        struct batch *batch = flow_batch(flow, 0, SIZE);
        for (unsigned j = 0; j < COUNT; j++) {
            flow_turn_to(flow, j % 2 == 0 ? OTHER : FLOW_TOPIC);
            flow_add(flow, batch, SIZE);
        }
        counter_add(&flow->counters.received, COUNT);
        outbox_put(flow->outbox, batch, &flow->deadline);
    }
}

struct expected {
    struct flow *flow;
    uint64_t delivered;
};

static bool are_delivered(void *argument)
{
    const struct expected *expected = argument;
    return flow_totals(expected->flow).delivered >= expected->delivered;
}

static void await_delivered(struct flow_broker *broker, uint64_t count)
{
    struct expected expected = {.flow = broker->flow, .delivered = count};
    flow_wait(are_delivered, &expected, "so many are delivered");
}

static bool is_held_up(void *argument)
{
    const struct flow_broker *broker = argument;
    return sender_is_held_up(broker->sender);
}

static void await_held_up(struct flow_broker *broker)
{
    flow_wait(is_held_up, broker, "the rest waits");
}

/* librdkafka notices after a moment. */
static bool puts_until_held_up(void *argument)
{
    struct flow_broker *broker = argument;
    if (flow_totals(broker->flow).spooled == 0)
        put_many(broker, 1);
    return is_held_up(broker);
}

/* What is for it waits, the others' arrive; and it arrives when the topic is there. */
static void a_missing_topic_waits_alone(void **state)
{
    struct flow_broker *broker = *state;
    assert_int_equal(rd_kafka_mock_topic_create(broker->cluster, OTHER, 1, 1),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_start(broker);
    put_many(broker, 2);
    flow_broker_settle(broker);
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_wait(puts_until_held_up, broker, "a topic that went is missed");
    uint64_t before = flow_totals(broker->flow).delivered;
    for (unsigned i = 0; i < 10; i++) {
        put_many(broker, 1);
        put_other(broker->flow, 1);
    }
    await_delivered(broker, before + 10 * COUNT);
    await_held_up(broker);
    uint64_t end = broker->flow->sequence->next;
    assert_int_equal(flow_totals(broker->flow).delivered, before + 10 * COUNT);
    assert_int_equal(flow_totals(broker->flow).spooled, end - before);
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    put_many(broker, 2);
    flow_broker_settle(broker);
    (void)flow_broker_check(broker, FLOW_TOPIC, 0, end + 2 * COUNT);
    (void)flow_broker_check(broker, OTHER, 0, 10 * COUNT);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, end + 12 * COUNT);
    assert_int_equal(read_letters(broker).count, 0);
    nothing_is_left(broker->flow);
}

struct told {
    struct flow_broker *broker;
    const char *words; /* of the trouble; "": there is none */
};

static bool is_told(void *argument)
{
    const struct told *told = argument;
    struct kafka_contact contact;
    sender_contact(told->broker->sender, &contact);
    return contact.answers && strncmp(contact.trouble, told->words, strlen(told->words)) == 0 &&
           (*told->words || !*contact.trouble);
}

static void await_told(struct flow_broker *broker, const char *words)
{
    struct told told = {.broker = broker, .words = words};
    flow_wait(is_told, &told, words);
}

/* For the status: Kafka answers all the same. */
static void topics_that_take_nothing_are_told(void **state)
{
    struct flow_broker *broker = *state;
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    topic_is(broker, OTHER, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    put_many(broker, 1);
    await_told(broker, "Kafka topic " FLOW_TOPIC " takes no records: Kafka has no such topic");
    put_other(broker->flow, 1);
    await_told(broker, "Kafka topic " FLOW_TOPIC " and 1 more take no records: ");
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    await_told(broker, "Kafka topic " OTHER " takes no records: ");
    topic_is(broker, OTHER, RD_KAFKA_RESP_ERR_NO_ERROR);
    await_told(broker, "");
    flow_broker_settle(broker);
    nothing_is_left(broker->flow);
}

/* A broker's refusal of the records, and of those that were sent to try again. */
static void a_topic_that_may_not_be_written_waits(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "max.in.flight", "1");
    flow_broker_start(broker);
    flow_broker_answer(broker, 3, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    put_many(broker, 30);
    flow_broker_settle(broker);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 30 * COUNT), 0);
    assert_int_equal(flow_totals(broker->flow).delivered, 30 * COUNT);
    assert_int_equal(read_letters(broker).count, 0);
    nothing_is_left(broker->flow);
}

/* The letter waits, with its record still in the spool, and others go on. */
static void a_letter_whose_topic_is_missing_waits(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    topic_is(broker, FLOW_LETTERS, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    flow_put(broker->flow, 1, 5000);
    flow_put(broker->flow, 3, SIZE);
    await_delivered(broker, 3);
    await_held_up(broker);
    assert_int_equal(flow_totals(broker->flow).spooled, 1);
    topic_is(broker, FLOW_LETTERS, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_settle(broker);
    assert_int_equal(flow_totals(broker->flow).dead_lettered, 1);
    assert_int_equal(read_letters(broker).count, 1);
    nothing_is_left(broker->flow);
}

/* The writer's work goes on. */
static void the_disk_has_no_more_than(struct flow *flow, unsigned records)
{
    int64_t until = rosc_time_steady() + FLOW_PATIENCE_MS * INT64_C(1000000);
    while (flow_spooled(flow).records > records && rosc_time_steady() < until) {
        outbox_work(flow->outbox);
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(flow_spooled(flow).records <= records);
}

/* Far more than memory may hold waits, and holds up nothing. */
static void what_waits_takes_no_memory(void **state)
{
    struct flow_broker *broker = *state;
    struct flow *flow = broker->flow;
    const unsigned batches = 60;
    flow->config.in_flight_max_bytes = 100000;
    assert_int_equal(rd_kafka_mock_topic_create(broker->cluster, OTHER, 1, 1),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    put_mixed(flow, batches);
    await_delivered(broker, batches * COUNT / 2);
    await_held_up(broker);
    assert_int_equal(flow_totals(flow).spooled, batches * COUNT / 2);
    assert_true(outbox_bytes(flow->outbox) <= 2 * flow->config.in_flight_max_bytes);
    /* But for what is in memory all that flowed has left the disk, so that it fills up no sooner.
     */
    the_disk_has_no_more_than(flow, batches * COUNT * 3 / 4);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    flow_broker_start(broker);
    assert_int_equal(flow->findings.records, batches * COUNT / 2); /* and no other is left */
    put_mixed(flow, batches);
    await_delivered(broker, batches * COUNT / 2);
    await_held_up(broker);
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    put_mixed(flow, 2);
    flow_broker_settle(broker);
    unsigned end = (2 * batches + 2) * COUNT / 2;
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, end), 0);
    assert_int_equal(flow_broker_check(broker, OTHER, 0, end), 0);
    assert_int_equal(flow_totals(flow).delivered, batches * COUNT / 2 + (batches + 2) * COUNT);
    nothing_is_left(flow);
}

/* Over a crash, a stop, and another start. */
static void what_waits_survives(void **state)
{
    struct flow_broker *broker = *state;
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    put_many(broker, 3);
    await_held_up(broker);
    flow_broker_crash(broker);
    flow_broker_start(broker);
    assert_int_equal(broker->flow->findings.records, 3 * COUNT);
    put_many(broker, 1);
    await_held_up(broker);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    topic_is(broker, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_start(broker);
    assert_int_equal(broker->flow->findings.records, 4 * COUNT);
    flow_broker_settle(broker);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 4 * COUNT), 0);
    nothing_is_left(broker->flow);
}

/* Refusals for good. */

#define INVALID_RECORD ((rd_kafka_resp_err_t)87)

/* The batch is refused, and then the first of it alone. */
static void an_invalid_record_becomes_a_letter_alone(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "max.in.flight", "1");
    flow_broker_start(broker);
    flow_broker_answer(broker, 2, INVALID_RECORD);
    put_many(broker, 3);
    flow_broker_settle(broker);
    assert_int_equal(flow_totals(broker->flow).dead_lettered, 1);
    assert_int_equal(flow_totals(broker->flow).delivered, 3 * COUNT - 1);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 1, 3 * COUNT), 0);
    struct letters letters = read_letters(broker);
    assert_int_equal(letters.count, 1);
    assert_string_equal(letters.reason, "refused");
    assert_true(letters.has_bytes);
    nothing_is_left(broker->flow);
}

/* All that went with the one are delivered, and each but once. */
static void neighbours_of_an_invalid_record_are_delivered(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    flow_broker_answer(broker, 1, INVALID_RECORD);
    put_many(broker, 30);
    flow_broker_settle(broker);
    assert_int_equal(flow_totals(broker->flow).delivered, 30 * COUNT);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 30 * COUNT), 0);
    nothing_is_left(broker->flow);
}

/* Where each is invalid they are not tried one by one for ever: so long all others would wait. */
static void where_all_are_invalid_few_are_tried_alone(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "max.in.flight", "1");
    flow_broker_set(broker, "linger.ms", "1000"); /* many in one request */
    flow_broker_start(broker);
    flow_broker_answer(broker, 11, INVALID_RECORD); /* the batch, and ten of it alone */
    put_many(broker, 1);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(broker->flow);
    assert_in_range(totals.dead_lettered, 11, COUNT);
    assert_int_equal(totals.dead_lettered + totals.delivered, COUNT);
    assert_int_equal(read_letters(broker).count, totals.dead_lettered);
    nothing_is_left(broker->flow);
}

static void a_letter_that_is_refused_too_is_dropped(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    flow_broker_answer(broker, 4, INVALID_RECORD); /* in company and alone, record and letter */
    flow_put(broker->flow, 1, SIZE);
    flow_broker_settle(broker);
    assert_int_equal(flow_totals(broker->flow).dropped[DROP_REFUSED], 1);
    nothing_is_left(broker->flow);
}

/* Letters survive that the producer begins again. */
static void a_refusal_is_remembered_across_a_replay(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    flow_broker_answer(broker, 1, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    flow_put(broker->flow, 3, SIZE); /* refused: their letters come back */
    flow_broker_answer(broker, 2, RD_KAFKA_RESP_ERR_UNKNOWN);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.dead_lettered, 3);
    assert_int_equal(totals.delivered, 0);
    assert_int_equal(read_letters(broker).count, 3);
    nothing_is_left(broker->flow);
}

/* Definitions */

static void count_record(const struct kafka_record *record, void *user)
{
    size_t *count = user;
    (void)record;
    ++*count;
}

static void definitions_are_announced_once(void **state)
{
    struct flow_broker *broker = *state;
    size_t count = 0;
    broker->flow->config.definitions_topic = "definitions";
    flow_broker_start(broker);
    put_many(broker, 10);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    flow_broker_visit(broker, "definitions", count_record, &count);
    assert_int_equal(count, 1);
}

static void put_of_another_type(struct flow *flow)
{
    struct error error;
    struct spool_origin facts = *flow->origin->facts;
    facts.ros_md5sum = "00000000000000000000000000000000";
    assert_int_equal(origins_add(flow->origins, &facts, &flow->counters, &flow->origin, &error),
                     ERROR_NONE);
    flow_put(flow, 1, SIZE);
}

/* A topic that takes no definitions is not waited for. */
static void refused_definitions_do_not_hold_up_the_end(void **state)
{
    struct flow_broker *broker = *state;
    size_t count = 0;
    broker->flow->config.definitions_topic = "definitions";
    flow_broker_start(broker);
    put_many(broker, 1);
    flow_broker_stop(broker, FLOW_PATIENCE_MS); /* the topic is there */
    flow_broker_start(broker);
    put_many(broker, 1);
    flow_broker_settle(broker);
    while (count < 2) {
        count = 0;
        flow_broker_visit(broker, "definitions", count_record, &count);
    }
    rd_kafka_mock_topic_set_error(broker->cluster, "definitions",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    put_of_another_type(broker->flow);
    flow_broker_settle(broker);
    int64_t begun = rosc_time_steady();
    flow_broker_stop(broker, 4 * FLOW_PATIENCE_MS);
    assert_true(rosc_time_steady() - begun < FLOW_PATIENCE_MS * INT64_C(1000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(what_librdkafka_does_not_take_becomes_a_letter),
        BROKER_TEST(a_batch_that_is_too_large_is_made_smaller),
        BROKER_TEST(a_record_that_is_too_large_alone_becomes_a_letter),
        BROKER_TEST(a_missing_topic_waits_alone),
        BROKER_TEST(topics_that_take_nothing_are_told),
        BROKER_TEST(a_topic_that_may_not_be_written_waits),
        BROKER_TEST(a_letter_whose_topic_is_missing_waits),
        BROKER_TEST(what_waits_takes_no_memory),
        BROKER_TEST(what_waits_survives),
        BROKER_TEST(an_invalid_record_becomes_a_letter_alone),
        BROKER_TEST(neighbours_of_an_invalid_record_are_delivered),
        BROKER_TEST(where_all_are_invalid_few_are_tried_alone),
        BROKER_TEST(a_letter_that_is_refused_too_is_dropped),
        BROKER_TEST(a_refusal_is_remembered_across_a_replay),
        BROKER_TEST(definitions_are_announced_once),
        BROKER_TEST(refused_definitions_do_not_hold_up_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
