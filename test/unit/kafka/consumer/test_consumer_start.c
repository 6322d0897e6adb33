/* A consumer begins where it was told to. */
#include "support.h"

#include "kafka/consumer/start_offsets.h"

static void earliest_begins_at_the_beginning_in_spite_of_stored_offsets(void **state)
{
    struct broker *broker = *state;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(next_number(consumer, true), i);
    kafka_consumer_destroy(consumer);
    consumer = make_consumer(&broker->properties, "g", "t", KAFKA_START_EARLIEST, 0);
    assert_int_equal(next_number(consumer, false), 0);
    kafka_consumer_destroy(consumer);
}

static void latest_begins_at_the_end_and_the_group_remembers_it(void **state)
{
    struct broker *broker = *state;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_LATEST, 0);
    wait_until(is_assigned, consumer, "the group is joined");
    produce_numbers(&broker->properties, "t", 5, 5);
    assert_int_equal(next_number(consumer, false), 5); /* not stored */
    kafka_consumer_destroy(consumer);
    consumer = make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    assert_int_equal(next_number(consumer, false), 5);
    kafka_consumer_destroy(consumer);
}

struct told {
    char topic[64];
    unsigned times;
    uint64_t records;
};

static void on_backlog(const char *topic, uint64_t records, void *user)
{
    struct told *told = user;
    (void)snprintf(told->topic, sizeof told->topic, "%s", topic);
    told->records = records;
    told->times++;
}

static struct kafka_consumer *make_listening(const struct kafka_properties *properties,
                                             enum kafka_start start, struct told *told)
{
    const struct kafka_subscription subscription = {.topic = "t", .start = start};
    const struct kafka_consumer_options options = {.properties = properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .backlog = on_backlog,
                                                   .user = told};
    struct kafka_consumer *consumer = NULL;
    struct error error;
    *told = (struct told){0};
    assert_int_equal(kafka_consumer_create(&options, &consumer, &error), ERROR_NONE);
    return consumer;
}

static void a_new_group_is_told_of_what_lies_there_before_it_comes(void **state)
{
    struct broker *broker = *state;
    struct told told;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_listening(&broker->properties, KAFKA_START_STORED, &told);
    assert_int_equal(next_number(consumer, true), 0);
    assert_int_equal(told.times, 1); /* whatever partitions it has */
    assert_string_equal(told.topic, "t");
    assert_int_equal(told.records, 5);
    for (int i = 1; i < 5; i++)
        assert_int_equal(next_number(consumer, true), i);
    kafka_consumer_destroy(consumer);
    consumer = make_listening(&broker->properties, KAFKA_START_STORED, &told);
    produce_numbers(&broker->properties, "t", 5, 1);
    assert_int_equal(next_number(consumer, true), 5);
    assert_int_equal(told.times, 0);
    kafka_consumer_destroy(consumer);
}

static void who_begins_at_the_end_is_not_told(void **state)
{
    struct broker *broker = *state;
    struct told told;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_listening(&broker->properties, KAFKA_START_LATEST, &told);
    wait_until(is_assigned, consumer, "the group is joined");
    assert_int_equal(told.times, 0);
    kafka_consumer_destroy(consumer);
}

static int offsets_asked(struct kafka_start_offsets *starts, rd_kafka_t *client, int32_t partition)
{
    struct kafka_events events = {.client = "test"};
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "t", partition);
    rd_kafka_topic_partition_list_t *found =
        kafka_start_offsets_apply(starts, &events, client, list);
    int count = found ? found->cnt : 0;
    if (found)
        rd_kafka_topic_partition_list_destroy(found);
    rd_kafka_topic_partition_list_destroy(list);
    return count;
}

static void the_rule_is_for_the_first_time_that_a_partition_comes(void **state)
{
    struct broker *broker = *state;
    struct error error;
    struct kafka_start_offsets starts;
    const struct kafka_subscription all = {.topic = "t", .start = KAFKA_START_EARLIEST};
    produce_numbers(&broker->properties, "t", 0, 1);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(
        rd_kafka_conf_set(conf, "bootstrap.servers",
                          kafka_properties_get(&broker->properties, "bootstrap.servers"), NULL, 0),
        RD_KAFKA_CONF_OK);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
    assert_non_null(client);
    assert_int_equal(kafka_start_offsets_init(&starts, &all, 1, &error), ERROR_NONE);
    assert_int_equal(offsets_asked(&starts, client, 0), 1);
    assert_int_equal(offsets_asked(&starts, client, 1), 1);
    assert_int_equal(offsets_asked(&starts, client, 0), 0);
    assert_int_equal(offsets_asked(&starts, client, 1), 0);
    kafka_start_offsets_fini(&starts);
    rd_kafka_destroy(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(earliest_begins_at_the_beginning_in_spite_of_stored_offsets),
        TEST(latest_begins_at_the_end_and_the_group_remembers_it),
        TEST(a_new_group_is_told_of_what_lies_there_before_it_comes),
        TEST(who_begins_at_the_end_is_not_told),
        TEST(the_rule_is_for_the_first_time_that_a_partition_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
