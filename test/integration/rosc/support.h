/* What the tests of rosc share. Include before nothing else: cmocka's needs come first. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rosc/rosc.h>

#define STRING_MD5SUM     "992ce8a1687cec8c8bd883ec73ca41d1"
#define STRING_DEFINITION "string data\n"
#define POINT_MD5SUM      "4a842b65f413084dc2b10fb484ea7f17"

/* Fails the test with the error's text unless the call went well. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        struct rosc_error error_of_call = {ROSC_OK, ""};                                           \
        struct rosc_error *error = &error_of_call;                                                 \
        if ((call) != ROSC_OK)                                                                     \
            fail_msg("%s: status %d: %s", #call, (int)error->status, error->text);                 \
    } while (0)

/* Fails the test unless the call fails with `expected` and says `words`. */
#define assert_fails(call, expected, words)                                                        \
    do {                                                                                           \
        struct rosc_error error_of_call = {ROSC_OK, ""};                                           \
        struct rosc_error *error = &error_of_call;                                                 \
        assert_int_equal((call), (expected));                                                      \
        assert_int_equal(error->status, (expected));                                               \
        assert_contains(error->text, (words));                                                     \
    } while (0)

void assert_contains(const char *text, const char *words);

/* Serves `queue` until `done(with)`; fails after a patience that a busy machine needs. */
void serve_until(struct rosc_queue *queue, bool (*done)(void *with), void *with, const char *what);

/* Serves `queue` for some time, to see that nothing comes. */
void serve_for(struct rosc_queue *queue, double seconds);

/* A std_msgs/String of at most 255 bytes, serialized: its size. */
size_t string_serialize(const char *text, uint8_t serialized[260]);

/* A publisher of std_msgs/String. */
struct rosc_publisher *string_publisher(const char *topic, bool latched);

/* What one subscription got. */
struct heard {
    struct rosc_subscription *subscription;
    unsigned count;
    uint64_t id;
    char type[64];
    char md5sum[40];
    char definition[512];
    char caller_id[64];
    bool latched;
    int64_t receipt;
    char topic[64];
    size_t size;
    uint8_t data[2048];
};
void heard_message(const struct rosc_message *message, void *heard);
bool heard_something(void *heard);

#endif
