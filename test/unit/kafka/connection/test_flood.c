/* A kind of line is admitted once, then at most every minute; slots and topics are kept and found
 * again. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "kafka/connection/flood.h"
#include "kafka/producer/tag_slots.h"
#include "kafka/producer/topics.h"

static void kind_is_admitted_once_a_minute(void **state)
{
    (void)state;
    struct kafka_flood flood = {.count = 0};
    uint64_t held_back;
    assert_true(kafka_flood_admit(&flood, "timed out after 12 ms", 0, &held_back));
    assert_false(kafka_flood_admit(&flood, "timed out after 12 ms", 1, &held_back));
    assert_false(kafka_flood_admit(&flood, "timed out after 9876 ms", 59999, &held_back));
    assert_true(kafka_flood_admit(&flood, "something else", 59999, &held_back));
    assert_true(kafka_flood_admit(&flood, "timed out after 7 ms", 60000, &held_back));
    assert_int_equal(held_back, 2);
    kafka_flood_reset(&flood);
    assert_true(kafka_flood_admit(&flood, "timed out after 7 ms", 60001, &held_back));
}

static void oldest_kind_gives_way(void **state)
{
    (void)state;
    struct kafka_flood flood = {.count = 0};
    uint64_t held_back;
    for (int i = 0; i <= KAFKA_FLOOD_KINDS; i++) {
        const char kind[] = {(char)('A' + i), '\0'};
        assert_true(kafka_flood_admit(&flood, kind, i, &held_back));
    }
    assert_false(kafka_flood_admit(&flood, "B", 100, &held_back));
    assert_true(kafka_flood_admit(&flood, "A", 100, &held_back));
}

static void slots_are_used_again(void **state)
{
    (void)state;
    struct kafka_tag_slots slots;
    kafka_tag_slots_init(&slots);
    struct kafka_tag_slot *first = kafka_tag_slots_take(&slots);
    struct kafka_tag_slot *second = kafka_tag_slots_take(&slots);
    assert_ptr_not_equal(first, second);
    first->next = second;
    kafka_tag_slots_give(&slots, first, second);
    assert_ptr_equal(kafka_tag_slots_take(&slots), first);
    assert_ptr_equal(kafka_tag_slots_take(&slots), second);
    for (int i = 0; i < 5000; i++)
        assert_non_null(kafka_tag_slots_take(&slots));
    kafka_tag_slots_fini(&slots);
}

static void topics_are_found_by_name(void **state)
{
    (void)state;
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), NULL, 0);
    rd_kafka_set_log_level(client, 0);
    struct kafka_topics topics;
    kafka_topics_init(&topics);
    rd_kafka_topic_t *handles[300];
    char name[16];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "topic.%d", i);
        handles[i] = kafka_topics_get(&topics, client, name);
        assert_string_equal(rd_kafka_topic_name(handles[i]), name);
    }
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "topic.%d", i);
        assert_ptr_equal(kafka_topics_get(&topics, client, name), handles[i]);
    }
    kafka_topics_fini(&topics);
    rd_kafka_destroy(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_is_admitted_once_a_minute),
        cmocka_unit_test(oldest_kind_gives_way),
        cmocka_unit_test(slots_are_used_again),
        cmocka_unit_test(topics_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
