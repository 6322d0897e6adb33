/* What the tests of JSON → bytes share: bytes as hexadecimal text, and a plan from a definition. */
#ifndef KAFKA_BRIDGE_TEST_JSON_FIXTURE_H
#define KAFKA_BRIDGE_TEST_JSON_FIXTURE_H

#include "base/buffer.h"
#include "message/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define OUT_LIMIT (64U << 20)

/* A message with nested types, a fixed and a variable array. */
#define POSE                                                                                       \
    "Header header\nPoint position\nfloat64[2] covariance\nstring[] names\n"                       \
    "================================================================================\n"           \
    "MSG: test_msgs/Point\nfloat64 x\nfloat64 y\n"                                                 \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"

/* The plan of `definition` as test_msgs/Thing; the test fails where there is none. */
static inline struct plan *fixture_plan(const char *definition)
{
    struct error error;
    struct plan *plan = NULL;
    if (plan_create("test_msgs/Thing", definition, strlen(definition), NULL, &plan, &error) !=
        ERROR_NONE)
        fail_msg("%s: %s\n%s", error.path, error.text, definition);
    return plan;
}

/* Fails where the buffer is not exactly what `hex` says: pairs of digits, spaces between them. */
static inline void fixture_assert_bytes(const struct buffer *buffer, const char *hex,
                                        const char *what)
{
    size_t at = 0;
    for (const char *digit = hex; *digit;) {
        if (*digit == ' ') {
            digit++;
            continue;
        }
        const char pair[3] = {digit[0], digit[1], '\0'};
        unsigned long value = strtoul(pair, NULL, 16);
        if (at >= buffer->length || (unsigned char)buffer->data[at] != value)
            fail_msg("%s: byte %zu of %zu is not %s of %s", what, at, buffer->length, pair, hex);
        at++;
        digit += 2;
    }
    if (at != buffer->length)
        fail_msg("%s: %zu bytes, expected %zu: %s", what, buffer->length, at, hex);
}

#endif
