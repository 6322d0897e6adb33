/* A pass over a topic: from where to where, and the offsets that it commits. */
#include "support.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/reading/scan.h"

#define GROUP "scan.test"

static struct kafka_scan *make_scan(struct broker *broker, const char *topic, const char *group)
{
    struct kafka_scan_options options = {.properties = &broker->properties,
                                         .topic = topic,
                                         .group = group,
                                         .timeout_ms = PATIENCE_MS};
    struct kafka_scan *scan = NULL;
    struct error error = {.code = ERROR_NONE};
    if (kafka_scan_create(&options, &scan, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    return scan;
}

static struct kafka_scan_partition *only_partition(struct kafka_scan *scan)
{
    size_t count = 0;
    struct kafka_scan_partition *partition = kafka_scan_partitions(scan, &count);
    assert_int_equal(count, 1);
    return partition;
}

static void make_topic(struct broker *broker, const char *topic, int partitions)
{
    struct error error;
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, topic, partitions, &error),
                     ERROR_NONE);
}

/* Reads on to the end; the sum of the numbers that came, and how many. */
static int read_all(struct kafka_scan *scan, int *count)
{
    int sum = 0;
    int idle = 0;
    *count = 0;
    for (;;) {
        struct kafka_record record;
        struct error error;
        enum error_code code = kafka_scan_next(scan, 100, &record, &error);
        if (code == ERROR_MISSING)
            return sum;
        if (code == ERROR_FULL) {
            assert_true(++idle < PATIENCE_MS / 100);
            continue;
        }
        assert_int_equal(code, ERROR_NONE);
        char text[16] = "";
        memcpy(text, record.value, record.value_size < 15 ? record.value_size : 15);
        sum += (int)strtol(text, NULL, 10);
        ++*count;
    }
}

static void all_partitions_are_read_to_the_end_they_had(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "all", 4);
    produce_numbers(&broker->properties, "all", 0, 100);
    struct kafka_scan *scan = make_scan(broker, "all", NULL);
    produce_numbers(&broker->properties, "all", 1000, 50);
    assert_int_equal(kafka_scan_total(scan), 100);
    int count = 0;
    assert_int_equal(read_all(scan, &count), 99 * 100 / 2);
    assert_int_equal(count, 100);
    assert_int_equal(kafka_scan_passed(scan), 100);
    kafka_scan_destroy(scan);
}

static void a_part_is_read(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "part", 1);
    produce_numbers(&broker->properties, "part", 0, 100);
    struct kafka_scan *scan = make_scan(broker, "part", NULL);
    only_partition(scan)->from = 10;
    only_partition(scan)->to = 13;
    assert_int_equal(kafka_scan_total(scan), 3);
    int count = 0;
    assert_int_equal(read_all(scan, &count), 10 + 11 + 12);
    assert_int_equal(count, 3);
    assert_int_equal(kafka_scan_passed(scan), 3);
    kafka_scan_destroy(scan);
}

static void an_empty_part_ends_at_once(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "empty", 1);
    struct kafka_scan *scan = make_scan(broker, "empty", NULL);
    int count = 0;
    assert_int_equal(read_all(scan, &count), 0);
    kafka_scan_destroy(scan);
    produce_numbers(&broker->properties, "empty", 0, 5);
    scan = make_scan(broker, "empty", NULL);
    only_partition(scan)->from = 5;
    (void)read_all(scan, &count);
    assert_int_equal(count, 0);
    assert_int_equal(kafka_scan_total(scan), 0);
    kafka_scan_destroy(scan);
}

static void offsets_are_committed_for_their_group(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "offsets", 1);
    produce_numbers(&broker->properties, "offsets", 0, 5);
    struct kafka_scan *scan = make_scan(broker, "offsets", GROUP);
    struct error error;
    assert_int_equal(only_partition(scan)->committed, -1);
    assert_int_equal(kafka_scan_commit(scan, 0, 3, &error), ERROR_NONE);
    kafka_scan_destroy(scan);
    scan = make_scan(broker, "offsets", GROUP);
    assert_int_equal(only_partition(scan)->committed, 3);
    kafka_scan_destroy(scan);
    scan = make_scan(broker, "offsets", "another group");
    assert_int_equal(only_partition(scan)->committed, -1);
    kafka_scan_destroy(scan);
}

/* As builds before this one did: below the offset are letters that the text says were not sent. */
static void commit_with_text(struct broker *broker, const char *topic, int64_t offset)
{
    char failure[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const char *servers = kafka_properties_get(&broker->properties, "bootstrap.servers");
    assert_int_equal(
        rd_kafka_conf_set(conf, "bootstrap.servers", servers, failure, sizeof failure) |
            rd_kafka_conf_set(conf, "group.id", GROUP, failure, sizeof failure),
        RD_KAFKA_CONF_OK);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, failure, sizeof failure);
    assert_non_null(client);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *item = rd_kafka_topic_partition_list_add(list, topic, 0);
    item->offset = offset;
    item->metadata = strdup("spool resend 1;holes=1"); /* the list frees it */
    item->metadata_size = strlen(item->metadata);
    assert_int_equal(rd_kafka_commit(client, list, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
}

static void an_offset_with_a_text_beside_it_does_not_count(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "text", 1);
    produce_numbers(&broker->properties, "text", 0, 5);
    commit_with_text(broker, "text", 4);
    struct kafka_scan *scan = make_scan(broker, "text", GROUP);
    struct error error;
    assert_int_equal(only_partition(scan)->committed, -1);
    assert_int_equal(kafka_scan_commit(scan, 0, 2, &error), ERROR_NONE);
    kafka_scan_destroy(scan);
    scan = make_scan(broker, "text", GROUP);
    assert_int_equal(only_partition(scan)->committed, 2);
    kafka_scan_destroy(scan);
}

static void the_group_of_the_properties_is_left_alone(void **state)
{
    struct broker *broker = *state;
    make_topic(broker, "group", 1);
    produce_numbers(&broker->properties, "group", 0, 5);
    set(&broker->properties, "group.id", GROUP);
    struct kafka_scan *scan = make_scan(broker, "group", "of my own");
    struct error error;
    assert_int_equal(kafka_scan_commit(scan, 0, 4, &error), ERROR_NONE);
    kafka_scan_destroy(scan);
    scan = make_scan(broker, "group", GROUP);
    assert_int_equal(only_partition(scan)->committed, -1);
    kafka_scan_destroy(scan);
}

static void a_topic_that_is_not_there_is_told_and_not_made(void **state)
{
    struct broker *broker = *state;
    struct kafka_scan_options options = {
        .properties = &broker->properties, .topic = "nowhere", .timeout_ms = PATIENCE_MS};
    struct kafka_scan *scan = NULL;
    struct error error;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kafka_scan_create(&options, &scan, &error), ERROR_MISSING);
        assert_string_equal(error.text, "there is no topic nowhere");
    }
}

static void brokers_that_do_not_answer_are_an_error(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "bootstrap.servers", "127.0.0.1:1");
    struct kafka_scan_options options = {
        .properties = &broker->properties, .topic = "all", .timeout_ms = 500};
    struct kafka_scan *scan = NULL;
    struct error error;
    assert_int_equal(kafka_scan_create(&options, &scan, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "127.0.0.1:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_partitions_are_read_to_the_end_they_had, start_broker,
                                        stop_broker),
        cmocka_unit_test_setup_teardown(a_part_is_read, start_broker, stop_broker),
        cmocka_unit_test_setup_teardown(an_empty_part_ends_at_once, start_broker, stop_broker),
        cmocka_unit_test_setup_teardown(offsets_are_committed_for_their_group, start_broker,
                                        stop_broker),
        cmocka_unit_test_setup_teardown(an_offset_with_a_text_beside_it_does_not_count,
                                        start_broker, stop_broker),
        cmocka_unit_test_setup_teardown(the_group_of_the_properties_is_left_alone, start_broker,
                                        stop_broker),
        cmocka_unit_test_setup_teardown(a_topic_that_is_not_there_is_told_and_not_made,
                                        start_broker, stop_broker),
        cmocka_unit_test_setup_teardown(brokers_that_do_not_answer_are_an_error, start_broker,
                                        stop_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
