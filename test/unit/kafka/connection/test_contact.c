/* Whether Kafka answers a client: before it does, while it does, while it is away, and again. */
#include "support.h"

#include "kafka/connection/contact.h"
#include "kafka/connection/introduction.h"

#include <string.h>

static bool producer_answers(void *argument)
{
    struct kafka_contact contact;
    kafka_producer_contact(argument, &contact);
    assert_int_equal(contact.answers, contact.trouble[0] == '\0');
    return contact.answers;
}

static bool producer_does_not(void *argument)
{
    return !producer_answers(argument);
}

static void a_producer_says_whether_kafka_answers(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_contact contact;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    assert_false(producer_answers(producer));
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    wait_until(producer_answers, producer, "it answers, with nothing sent");
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    wait_until(producer_does_not, producer, "it is away");
    kafka_producer_contact(producer, &contact);
    assert_non_null(strstr(contact.trouble, broker->address));
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    wait_until(producer_answers, producer, "it answers again");
    kafka_producer_destroy(producer);
}

static bool consumer_answers(void *argument)
{
    struct kafka_contact contact;
    struct kafka_record record;
    struct error error;
    assert_int_equal(kafka_consumer_next(argument, 20, &record, &error), ERROR_MISSING);
    kafka_consumer_contact(argument, &contact);
    assert_int_equal(contact.answers, contact.trouble[0] == '\0');
    return contact.answers;
}

static bool consumer_does_not(void *argument)
{
    return !consumer_answers(argument);
}

static void a_consumer_says_whether_kafka_answers(void **state)
{
    struct broker *broker = *state;
    struct error error;
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, "t", 1, &error), ERROR_NONE);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    wait_until(consumer_answers, consumer, "it answers, with no record");
    for (int round = 0; round < 2; round++) {
        rd_kafka_mock_broker_set_down(broker->cluster, 1);
        wait_until(consumer_does_not, consumer, "it is away");
        rd_kafka_mock_broker_set_up(broker->cluster, 1);
        wait_until(consumer_answers, consumer, "it answers again");
    }
    kafka_consumer_destroy(consumer);
}

static void a_long_way_is_no_outage(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    wait_until(producer_answers, producer, "it answers");
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    wait_until(producer_does_not, producer, "it is away");
    assert_int_equal(rd_kafka_mock_broker_set_rtt(broker->cluster, 1, 300), 0);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    wait_until(producer_answers, producer, "it answers, late");
    kafka_producer_destroy(producer);
}

/* librdkafka has no number yet for a broker that it knows by bootstrap.servers alone. */
static void a_broker_of_bootstrap_servers_is_named_by_its_number(void **state)
{
    (void)state;
    struct rd_kafka_metadata_broker brokers[] = {{.id = 1, .host = "a", .port = 9092},
                                                 {.id = 2, .host = "a", .port = 90922}};
    struct rd_kafka_metadata metadata = {.broker_cnt = 2, .brokers = brokers, .orig_broker_id = -1};
    metadata.orig_broker_name = "ssl://a:9092/bootstrap";
    assert_int_equal(kafka_introduction_broker(&metadata), 1);
    metadata.orig_broker_name = "a:90922/bootstrap";
    assert_int_equal(kafka_introduction_broker(&metadata), 2);
    metadata.orig_broker_name = "b:9092/bootstrap";
    assert_int_equal(kafka_introduction_broker(&metadata), -1);
    metadata.broker_cnt = 1; /* which has another name for itself */
    assert_int_equal(kafka_introduction_broker(&metadata), 1);
    metadata.broker_cnt = 2;
    metadata.orig_broker_id = 7;
    assert_int_equal(kafka_introduction_broker(&metadata), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_producer_says_whether_kafka_answers, start_broker,
                                        stop_broker),
        cmocka_unit_test_setup_teardown(a_consumer_says_whether_kafka_answers, start_broker,
                                        stop_broker),
        cmocka_unit_test(a_broker_of_bootstrap_servers_is_named_by_its_number),
        cmocka_unit_test_setup_teardown(a_long_way_is_no_outage, start_broker, stop_broker),
    };
    return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
