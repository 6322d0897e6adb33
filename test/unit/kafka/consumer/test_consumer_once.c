/* What a member has read it does not read again, as long as its partitions stay with it: neither
 * where the group is new and begins in each topic at another moment, nor where topics appear. (The
 * mock takes no commit at a rebalance: two members are integration.real_results_once.) */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NUMBERS 600

/* A consumer and how often it has read each number. */
struct reader {
    struct kafka_consumer *consumer;
    int seen[NUMBERS];
    int total;
    int forgotten; /* partitions that went to others */
    char topic[NUMBERS][8];
    int32_t partition[NUMBERS];
    int64_t offset[NUMBERS];
};

static void on_forget(const struct kafka_partition *partitions, size_t count, void *user)
{
    (void)partitions;
    ((struct reader *)user)->forgotten += (int)count;
}

static struct reader *make_reader(struct broker *broker)
{
    const struct kafka_subscription subscription = {.topic = "^t\\..*"};
    struct reader *reader = calloc(1, sizeof *reader);
    assert_non_null(reader);
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .forget = on_forget,
                                                   .user = reader};
    assert_int_equal(kafka_consumer_create(&options, &reader->consumer, NULL), ERROR_NONE);
    return reader;
}

static void free_reader(struct reader *reader)
{
    kafka_consumer_destroy(reader->consumer);
    free(reader);
}

/* Takes one record, if one comes, and stores nothing. */
static void read_one(struct reader *reader)
{
    struct kafka_record record;
    if (kafka_consumer_next(reader->consumer, 20, &record, NULL) != ERROR_NONE)
        return;
    char text[16] = "";
    assert_in_range(record.value_size, 1, sizeof text - 1);
    memcpy(text, record.value, record.value_size);
    int number = (int)strtol(text, NULL, 10);
    assert_in_range(number, 0, NUMBERS - 1);
    assert_in_range(strlen(record.topic), 1, sizeof reader->topic[0] - 1);
    strcpy(reader->topic[number], record.topic);
    reader->partition[number] = record.partition;
    reader->offset[number] = record.offset;
    reader->seen[number]++;
    reader->total++;
}

/* Says that all it has read is dealt with. */
static void store_all(struct reader *reader)
{
    for (int i = 0; i < NUMBERS; i++)
        if (reader->seen[i] > 0)
            kafka_consumer_store(reader->consumer, reader->topic[i], reader->partition[i],
                                 reader->offset[i]);
}

static int count_distinct(const struct reader *reader)
{
    int distinct = 0;
    for (int i = 0; i < NUMBERS; i++)
        distinct += reader->seen[i] > 0;
    return distinct;
}

static int wanted;

static bool has_read(void *argument)
{
    struct reader *reader = argument;
    read_one(reader);
    return count_distinct(reader) >= wanted;
}

/* Reads until `count` different numbers came, and a moment longer: none came twice. */
static void assert_reads_once(struct reader *reader, int count)
{
    wanted = count;
    wait_until(has_read, reader, "all numbers");
    for (int i = 0; i < 25; i++)
        read_one(reader);
    assert_int_equal(reader->total, count);
}

/* `count` numbers from `first` in so many topics, three partitions each, of which two are empty. */
static void fill(struct broker *broker, int topics, int first, int count)
{
    for (int i = 0; i < topics; i++) {
        char topic[8] = {'t', '.', (char)('a' + i), '\0'};
        (void)!kafka_embedded_create_topic(broker->embedded, topic, 3, NULL);
        produce_numbers(&broker->properties, topic, first + i * count, count);
    }
}

static void a_new_group_reads_several_topics_once(void **state)
{
    struct broker *broker = *state;
    fill(broker, 5, 0, 3);
    struct reader *reader = make_reader(broker);
    assert_reads_once(reader, 15);
    free_reader(reader);
}

/* Where much time passes between two polls, librdkafka's word that the group has no offset comes
 * twice: the second time after the partition was begun. */
static void a_slow_member_of_a_new_group_reads_several_topics_once(void **state)
{
    struct broker *broker = *state;
    fill(broker, 5, 0, 3);
    struct reader *reader = make_reader(broker);
    for (int i = 0; i < 60 && reader->total < 15; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
        read_one(reader);
    }
    assert_reads_once(reader, 15);
    free_reader(reader);
}

static void a_new_topic_brings_no_record_again(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "topic.metadata.refresh.interval.ms", "200");
    fill(broker, 2, 0, 50);
    struct reader *reader = make_reader(broker);
    assert_reads_once(reader, 100);
    produce_numbers(&broker->properties, "t.new", 100, 50);
    assert_reads_once(reader, 150);
    assert_int_equal(reader->forgotten, 0);
    store_all(reader);
    free_reader(reader);
    struct reader *next = make_reader(broker);
    produce_numbers(&broker->properties, "t.a", 500, 1);
    assert_reads_once(next,
                      1); /* all the others were stored, those too that had gone on unstored */
    free_reader(next);
}

static bool has_read_hundred(void *argument)
{
    struct reader *reader = argument;
    read_one(reader);
    return reader->seen[100] > 0;
}

/* Nothing comes of it, over a rebalance too, and then all the rest, once. */
static void a_paused_partition_waits(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "topic.metadata.refresh.interval.ms", "200");
    fill(broker, 1, 0, 3);
    struct reader *reader = make_reader(broker);
    wanted = 1;
    wait_until(has_read, reader, "a number");
    int32_t partition = reader->partition[0];
    kafka_consumer_pause(reader->consumer, "t.a", partition, true);
    (void)!kafka_embedded_create_topic(broker->embedded, "t.z", 2, NULL);
    produce_numbers(&broker->properties, "t.z", 100, 1);
    wait_until(has_read_hundred, reader, "a number of another partition");
    assert_int_equal(reader->forgotten, 0);
    assert_true(kafka_consumer_has(reader->consumer, "t.a", partition));
    assert_reads_once(reader, 2);
    kafka_consumer_pause(reader->consumer, "t.a", partition, false);
    assert_reads_once(reader, 4);
    free_reader(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(a_new_group_reads_several_topics_once),
        TEST(a_slow_member_of_a_new_group_reads_several_topics_once),
        TEST(a_new_topic_brings_no_record_again),
        TEST(a_paused_partition_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
