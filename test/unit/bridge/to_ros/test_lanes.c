/* What waits of a partition keeps its order, and is bounded by pausing the partition. */
#include "test_support.h"

#include "bridge/to_ros/lanes.h"

#include <stdio.h>
#include <string.h>

#define LIMIT 100000

static char pauses[256];

void __wrap_kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic,
                                 int32_t partition, bool paused)
{
    size_t length = strlen(pauses);
    (void)consumer;
    (void)snprintf(pauses + length, sizeof pauses - length, "%s%s/%d ", paused ? "-" : "+", topic,
                   (int)partition);
}

static void push(struct lanes *lanes, struct lane *lane, int64_t offset)
{
    char value[100];
    memset(value, 'x', sizeof value);
    struct kafka_record record = {.topic = lane->key.topic,
                                  .partition = lane->key.number,
                                  .offset = offset,
                                  .key = "key",
                                  .key_size = 3,
                                  .value = value,
                                  .value_size = sizeof value,
                                  .headers = {{"name", value, 5}, {"none", NULL, 0}},
                                  .header_count = 2};
    const struct task task = {.record = &record, .patience = &lane->patience};
    lanes_open(lanes, lane);
    assert_true(lanes_push(lanes, lane, &task));
    memset(value, 'y', sizeof value);
}

static void pop(struct lanes *lanes, struct lane *lane, int64_t offset)
{
    const struct kafka_record *record = lane->first->task.record;
    assert_string_equal(record->topic, lane->key.topic);
    assert_int_equal(record->offset, offset);
    assert_memory_equal(record->key, "key", 3);
    assert_memory_equal(record->value, "xxxx", 4);
    assert_string_equal(record->headers[0].name, "name");
    assert_memory_equal(record->headers[0].value, "xxxxx", 5);
    assert_null(record->headers[1].value);
    lanes_pop(lanes, lane);
    lanes_relax(lanes, lane);
}

static void records_keep_their_order(void **state)
{
    (void)state;
    struct lanes lanes;
    lanes_init(&lanes, LIMIT);
    struct lane *one = lanes_get(&lanes, "t", 0), *other = lanes_get(&lanes, "t", 1);
    assert_ptr_equal(lanes_get(&lanes, "t", 0), one);
    assert_int_equal(lanes_next(&lanes, 100), 100);
    for (int i = 0; i < 5; i++) {
        push(&lanes, one, i);
        push(&lanes, other, 10 + i);
    }
    assert_int_equal(lanes_next(&lanes, 100), 0);
    for (int i = 0; i < 5; i++) {
        assert_true(one->busy);
        pop(&lanes, one, i);
        pop(&lanes, other, 10 + i);
    }
    assert_false(one->busy || other->busy);
    assert_int_equal(lanes.bytes, 0);
    lanes_fini(&lanes);
}

static void a_partition_is_paused_until_half_is_gone(void **state)
{
    (void)state;
    struct lanes lanes;
    int64_t last = 0, first = 0;
    pauses[0] = '\0';
    lanes_init(&lanes, LIMIT);
    struct lane *lane = lanes_get(&lanes, "t", 0), *other = lanes_get(&lanes, "t", 1);
    while (!lane->paused)
        push(&lanes, lane, last++);
    assert_in_range(lane->bytes, LIMIT / 2, LIMIT / 2 + 3000);
    push(&lanes, other, 7); /* there is room for the others */
    assert_string_equal(pauses, "-t/0 ");
    size_t full = lane->bytes;
    while (lane->paused)
        pop(&lanes, lane, first++);
    assert_in_range(lane->bytes, full / 2 - 3000, full / 2);
    assert_string_equal(pauses, "-t/0 +t/0 ");
    while (lane->first)
        pop(&lanes, lane, first++);
    assert_int_equal(first, last);
    lanes_fini(&lanes);
}

static void what_is_another_members_is_forgotten(void **state)
{
    (void)state;
    struct lanes lanes;
    lanes_init(&lanes, LIMIT);
    struct lane *lane = lanes_get(&lanes, "t", 0);
    push(&lanes, lane, 1);
    push(&lanes, lane, 2);
    lanes_forget(&lanes, "t", 0);
    lanes_forget(&lanes, "t", 5);
    assert_null(lanes.busy);
    assert_int_equal(lanes.bytes, 0);
    push(&lanes, lanes_get(&lanes, "t", 0), 9);
    pop(&lanes, lanes_get(&lanes, "t", 0), 9);
    lanes_fini(&lanes);
}

static void who_is_quick_is_served_before_more_is_read(void **state)
{
    (void)state;
    struct lanes lanes;
    lanes_init(&lanes, LIMIT);
    struct lane *lane = lanes_get(&lanes, "t", 0), *other = lanes_get(&lanes, "t", 1);
    assert_false(lanes_are_quick(&lanes));
    push(&lanes, lane, 1);
    push(&lanes, other, 1);
    assert_false(lanes_are_quick(&lanes)); /* nobody knows yet */
    lane_served(lane, 100, 10 * TASK_MILLISECOND, false);
    assert_true(lanes_are_quick(&lanes));
    lane_served(lane, 10, 10 * TASK_MILLISECOND, false); /* slow records: the others are read */
    assert_false(lanes_are_quick(&lanes));
    lane_served(lane, 100, 10 * TASK_MILLISECOND, true);
    assert_false(lanes_are_quick(&lanes));
    lane_served(other, 1, 0, false);
    assert_true(lanes_are_quick(&lanes));
    pop(&lanes, other, 1);
    assert_false(lanes_are_quick(&lanes));
    lanes_fini(&lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_keep_their_order),
        cmocka_unit_test(a_partition_is_paused_until_half_is_gone),
        cmocka_unit_test(what_is_another_members_is_forgotten),
        cmocka_unit_test(who_is_quick_is_served_before_more_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
