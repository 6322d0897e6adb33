/* The table of the definitions topic: found, not there, changed, and what does not belong. */
#include "support.h"

#include <string.h>

#include "kafka/reading/definitions.h"
#include "kafka/reading/reader.h"

static void put(struct kafka_producer *producer, const char *type, const char *md5sum,
                const char *text)
{
    char key[128];
    struct kafka_record record;
    assert_int_equal(kafka_definition_record(KAFKA_DEFINITIONS_TOPIC, type, md5sum,
                                             text ? text : "", key, sizeof key, &record),
                     ERROR_NONE);
    if (!text) {
        record.value = NULL;
        record.value_size = 0;
    }
    struct error error;
    assert_int_equal(kafka_producer_send(producer, &record, 0, NULL, &error), ERROR_NONE);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
}

static struct kafka_definitions *open_table(struct broker *broker)
{
    struct kafka_definitions *definitions = NULL;
    struct error error;
    assert_int_equal(kafka_definitions_create(&broker->properties, KAFKA_DEFINITIONS_TOPIC,
                                              &definitions, &error),
                     ERROR_NONE);
    return definitions;
}

static void key_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char key[12];
    struct kafka_record record;
    assert_int_equal(kafka_definition_record("t", "a/B", "12345678", "x", key, sizeof key, &record),
                     ERROR_LIMIT);
    assert_int_equal(kafka_definition_record("t", "a/B", "1234567", "x", key, sizeof key, &record),
                     ERROR_NONE);
    assert_string_equal(key, "a/B 1234567");
    assert_int_equal(record.key_size, 11);
}

static void definitions_are_found_also_when_they_come_later(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    put(producer, "a/B", "11", "int32 x\n");
    put(producer, "a/B", "22", "int64 x\n");
    struct kafka_definitions *definitions = open_table(broker);
    const char *text = NULL;
    const char *again = NULL;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "11", PATIENCE_MS, &text, &error),
                     ERROR_NONE);
    assert_string_equal(text, "int32 x\n");
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "33", PATIENCE_MS, &again, &error),
                     ERROR_MISSING);
    assert_string_equal(error.path, "a/B");
    assert_non_null(strstr(error.text, "33"));
    put(producer, "a/B", "33", "string x\n");
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "33", PATIENCE_MS, &again, &error),
                     ERROR_NONE);
    assert_string_equal(again, "string x\n");
    assert_int_equal(kafka_definitions_find(definitions, "a/B", NULL, PATIENCE_MS, &again, &error),
                     ERROR_NONE);
    assert_string_equal(again, "string x\n");
    assert_string_equal(text, "int32 x\n");
    kafka_definitions_destroy(definitions);
    kafka_producer_destroy(producer);
}

static void definition_taken_back_is_missing_and_foreign_records_do_no_harm(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    put(producer, "a/B", "11", "int32 x\n");
    put(producer, "a/B", "11", NULL);
    send_text(producer, KAFKA_DEFINITIONS_TOPIC, NULL, "no key", 0);
    send_text(producer, KAFKA_DEFINITIONS_TOPIC, "nospace", "x", 0);
    send_text(producer, KAFKA_DEFINITIONS_TOPIC, "a/C ", "x", 0);
    send_text(producer, KAFKA_DEFINITIONS_TOPIC, " 11", "x", 0);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    struct kafka_definitions *definitions = open_table(broker);
    const char *text = NULL;
    struct error error;
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "11", PATIENCE_MS, &text, &error),
                     ERROR_MISSING);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, "passed over"), 1);
    put(producer, "a/B", "11", "int32 y\n");
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "11", PATIENCE_MS, &text, &error),
                     ERROR_NONE);
    assert_string_equal(text, "int32 y\n");
    kafka_definitions_destroy(definitions);
    kafka_producer_destroy(producer);
}

static void topic_that_is_not_there_has_no_definition_and_is_not_made(void **state)
{
    struct broker *broker = *state;
    struct kafka_definitions *definitions = open_table(broker);
    const char *text = NULL;
    struct error error;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            kafka_definitions_find(definitions, "a/B", "11", PATIENCE_MS, &text, &error),
            ERROR_MISSING);
    kafka_definitions_destroy(definitions);
    /* Making it with a number of its own works only where it was not made by asking. */
    assert_int_equal(
        kafka_embedded_create_topic(broker->embedded, KAFKA_DEFINITIONS_TOPIC, 1, &error),
        ERROR_NONE);
}

static void broker_that_is_down_is_not_an_empty_topic(void **state)
{
    struct broker *broker = *state;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_definitions *definitions = open_table(broker);
    const char *text = NULL;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_definitions_find(definitions, "a/B", "11", 300, &text, &error),
                     ERROR_IO);
    assert_non_null(strstr(error.text, "300 ms"));
    kafka_definitions_destroy(definitions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        cmocka_unit_test(key_that_does_not_fit_is_refused),
        TEST(definitions_are_found_also_when_they_come_later),
        TEST(definition_taken_back_is_missing_and_foreign_records_do_no_harm),
        TEST(topic_that_is_not_there_has_no_definition_and_is_not_made),
        TEST(broker_that_is_down_is_not_an_empty_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
