/* Records in flight to ROS: an offset is stored when all up to it have left the process. */
#include "test_support.h"

#include "bridge/publish/in_flight.h"

#include <stdio.h>
#include <string.h>

struct publication {
    uint64_t written;
};

static bool is_written(const struct publication *publication, uint64_t number)
{
    return number <= publication->written;
}

/* "t/0:5 t/1:7 " of what was stored. */
struct stores {
    char text[256];
};

static void on_store(const char *topic, int32_t partition, int64_t offset, void *user)
{
    struct stores *stores = user;
    size_t length = strlen(stores->text);
    (void)snprintf(stores->text + length, sizeof stores->text - length, "%s/%d:%d ", topic,
                   (int)partition, (int)offset);
}

static void add(struct in_flight *in_flight, int32_t partition, int64_t offset,
                const struct publication *publication, uint64_t number, size_t size)
{
    assert_int_equal(in_flight_reserve(in_flight, "t", partition, size), ERROR_NONE);
    in_flight_add(in_flight, "t", partition, offset, publication, number, size);
}

static void assert_stores(struct in_flight *in_flight, const char *expected)
{
    struct stores stores = {""};
    in_flight_settle(in_flight, on_store, &stores);
    assert_string_equal(stores.text, expected);
}

static void an_offset_waits_for_all_before_it(void **state)
{
    (void)state;
    struct publication slow = {0}, quick = {9};
    struct in_flight in_flight;
    in_flight_init(&in_flight, 1 << 20, is_written);
    add(&in_flight, 0, 5, &quick, 1, 10);
    add(&in_flight, 0, 6, &slow, 1, 10);
    add(&in_flight, 0, 7, &quick, 2, 10);
    add(&in_flight, 0, 9, NULL, 0, 0); /* a dead letter; 8 was no record */
    assert_stores(&in_flight, "t/0:5 ");
    assert_stores(&in_flight, "");
    assert_false(in_flight_is_settled(&in_flight, "t", 0));
    slow.written = 1;
    assert_stores(&in_flight, "t/0:9 ");
    assert_true(in_flight_is_settled(&in_flight, "t", 0));
    assert_true(in_flight_is_empty(&in_flight));
    in_flight_fini(&in_flight);
}

static void partitions_do_not_wait_for_each_other(void **state)
{
    (void)state;
    struct publication slow = {0}, quick = {9};
    struct in_flight in_flight;
    in_flight_init(&in_flight, 1 << 20, is_written);
    add(&in_flight, 0, 5, &slow, 1, 10);
    add(&in_flight, 1, 7, &quick, 1, 10);
    assert_stores(&in_flight, "t/1:7 ");
    assert_true(in_flight_is_settled(&in_flight, "t", 1));
    in_flight_fini(&in_flight);
}

static void what_is_taken_away_is_forgotten(void **state)
{
    (void)state;
    struct publication slow = {0};
    struct in_flight in_flight;
    in_flight_init(&in_flight, 1 << 20, is_written);
    add(&in_flight, 0, 5, &slow, 1, 10);
    add(&in_flight, 1, 6, &slow, 2, 10);
    in_flight_forget(&in_flight, "t", 0);
    in_flight_forget(&in_flight, "t", 7);
    assert_true(in_flight_is_settled(&in_flight, "t", 0));
    slow.written = 2;
    assert_stores(&in_flight, "t/1:6 ");
    assert_true(in_flight_is_empty(&in_flight));
    in_flight_fini(&in_flight);
}

static bool has_room(struct in_flight *in_flight, int32_t partition, size_t size)
{
    return in_flight_reserve(in_flight, "t", partition, size) == ERROR_NONE;
}

static void there_is_a_bound(void **state)
{
    (void)state;
    struct publication slow = {0};
    struct in_flight in_flight;
    in_flight_init(&in_flight, 2000, is_written);
    assert_true(has_room(&in_flight, 0, 5000)); /* alone, as it must pass somehow */
    add(&in_flight, 0, 5, &slow, 1, 300);
    assert_true(has_room(&in_flight, 1, 2000 - 300 - 2 * IN_FLIGHT_RECORD_BYTES));
    assert_false(has_room(&in_flight, 1, 2001 - 300 - 2 * IN_FLIGHT_RECORD_BYTES));
    slow.written = 1;
    assert_stores(&in_flight, "t/0:5 ");
    assert_true(has_room(&in_flight, 0, 5000));
    in_flight_fini(&in_flight);
}

/* A partition whose subscribers take nothing has half of the room at most. */
static void one_partition_leaves_room_for_others(void **state)
{
    (void)state;
    struct publication stuck = {0}, quick = {9};
    struct in_flight in_flight;
    int64_t offset = 0;
    in_flight_init(&in_flight, 100000, is_written);
    while (has_room(&in_flight, 0, 100)) {
        offset++;
        add(&in_flight, 0, offset, &stuck, (uint64_t)offset, 100);
    }
    assert_in_range(in_flight.bytes, 49000, 50000);
    while (has_room(&in_flight, 1, 100)) {
        offset++;
        add(&in_flight, 1, offset, &stuck, (uint64_t)offset, 100);
    }
    assert_true(has_room(&in_flight, 2, 20000));
    add(&in_flight, 2, 7, &quick, 1, 20000);
    assert_stores(&in_flight, "t/2:7 ");
    in_flight_fini(&in_flight);
}

/* The ring grows while its head is anywhere, and goes round. */
static void many_stay_in_order(void **state)
{
    (void)state;
    struct publication publication = {0};
    struct in_flight in_flight;
    char expected[32];
    in_flight_init(&in_flight, SIZE_MAX, is_written);
    int64_t offset = 0;
    for (int round = 1; round < 200; round++) {
        for (int i = 0; i < 7 * round; i++, offset++)
            add(&in_flight, 0, offset, &publication, (uint64_t)offset + 1, 1);
        publication.written += 5 * (uint64_t)round;
        (void)snprintf(expected, sizeof expected, "t/0:%d ", (int)publication.written - 1);
        assert_stores(&in_flight, expected);
    }
    publication.written = (uint64_t)offset;
    (void)snprintf(expected, sizeof expected, "t/0:%d ", (int)offset - 1);
    assert_stores(&in_flight, expected);
    assert_true(in_flight_is_empty(&in_flight));
    add(&in_flight, 0, offset, NULL, 0, 0);
    (void)snprintf(expected, sizeof expected, "t/0:%d ", (int)offset);
    assert_stores(&in_flight, expected);
    in_flight_fini(&in_flight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_waits_for_all_before_it),
        cmocka_unit_test(partitions_do_not_wait_for_each_other),
        cmocka_unit_test(what_is_taken_away_is_forgotten),
        cmocka_unit_test(there_is_a_bound),
        cmocka_unit_test(one_partition_leaves_room_for_others),
        cmocka_unit_test(many_stay_in_order),
    };
    return cmocka_run_group_tests_name("in flight", tests, NULL, NULL);
}
