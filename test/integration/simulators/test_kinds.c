/* Every kind of message that a simulated robot sends is one whole message of its type. */
#include "message/plan/plan.h"
#include "simulators/kind.h"
#include "simulators/type_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MESSAGES 50 /* of each kind */
#define STAMP    INT64_C(1700000000123456789)

static struct type_table *types;

static int make_types(void **unused)
{
    struct error error;
    (void)unused;
    return type_table_create(&types, &error) == ERROR_NONE ? 0 : -1;
}

static int drop_types(void **unused)
{
    (void)unused;
    type_table_destroy(types);
    return 0;
}

static const struct plan *plan_of(const char *type)
{
    const struct plan *plan = NULL;
    struct error error;
    if (type_table_find(types, type, &plan, &error) != ERROR_NONE)
        fail_msg("%s: %s: %s", type, error.path, error.text);
    return plan;
}

/* Message `n` of `kind`, appended to `out`. */
static void write_message(const struct kind *kind, uint32_t n, struct buffer *out)
{
    struct drive drive;
    struct drive_state state;
    struct serial_writer writer;
    drive_init(&drive, n);
    drive_at(&drive, 7.3 * n, &state);
    struct moment moment = {.seq = n,
                            .stamp = STAMP,
                            .time = 7.3 * n,
                            .robot = "warty",
                            .instance = 1 + n,
                            .state = &state};
    noise_init(&moment.noise, n);
    serial_writer_init(&writer, out);
    kind->write(&writer, &moment);
    assert_int_equal(writer.code, ERROR_NONE);
}

static void each_message_is_valid(void **unused)
{
    struct buffer bytes;
    struct error error;
    (void)unused;
    buffer_init(&bytes, 1U << 20);
    for (size_t i = 0; i < kind_count; i++) {
        const struct plan *plan = plan_of(kinds[i].type);
        for (uint32_t n = 0; n < MESSAGES; n++) {
            buffer_clear(&bytes);
            write_message(&kinds[i], n, &bytes);
            if (plan_validate(plan, (const uint8_t *)bytes.data, bytes.length, &error))
                fail_msg("%s: %s: %s", kinds[i].type, error.path, error.text);
        }
    }
    buffer_fini(&bytes);
}

static void headers_carry_sequence_and_stamp(void **unused)
{
    struct buffer bytes;
    size_t headers = 0;
    (void)unused;
    buffer_init(&bytes, 1U << 20);
    for (size_t i = 0; i < kind_count; i++) {
        const struct plan *plan = plan_of(kinds[i].type);
        struct plan_header header;
        if (!plan_has_header(plan))
            continue;
        buffer_clear(&bytes);
        write_message(&kinds[i], 41, &bytes);
        assert_true(plan_read_header(plan, (const uint8_t *)bytes.data, bytes.length, &header));
        assert_int_equal(header.seq, 41);
        assert_int_equal(header.secs, 1700000000);
        assert_int_equal(header.nsecs, 123456789);
        headers++;
    }
    assert_true(headers > 20);
    buffer_fini(&bytes);
}

static void the_same_moment_gives_the_same_bytes(void **unused)
{
    struct buffer one, other;
    (void)unused;
    buffer_init(&one, 1U << 20);
    buffer_init(&other, 1U << 20);
    for (size_t i = 0; i < kind_count; i++) {
        write_message(&kinds[i], 3, &one);
        write_message(&kinds[i], 3, &other);
    }
    assert_int_equal(one.length, other.length);
    assert_memory_equal(one.data, other.data, one.length);
    buffer_fini(&one);
    buffer_fini(&other);
}

/* Types in the ROS package path and md5sums that rosmsg prints. */
static void known_types_have_their_md5sums(void **unused)
{
    (void)unused;
    assert_string_equal(plan_md5sum(plan_of("nav_msgs/Odometry")),
                        "cd5e73d190d741a2f92e81eda573aca7");
    assert_string_equal(plan_md5sum(plan_of("tf2_msgs/TFMessage")),
                        "94810edda583a504dfda3829e70d7eec");
}

static void an_unknown_type_is_an_error(void **unused)
{
    const struct plan *plan = NULL;
    struct error error;
    (void)unused;
    assert_int_equal(type_table_find(types, "nav_msgs/Odometer", &plan, &error), ERROR_UNKNOWN);
    assert_null(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_valid),
        cmocka_unit_test(headers_carry_sequence_and_stamp),
        cmocka_unit_test(the_same_moment_gives_the_same_bytes),
        cmocka_unit_test(known_types_have_their_md5sums),
        cmocka_unit_test(an_unknown_type_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_types, drop_types);
}
