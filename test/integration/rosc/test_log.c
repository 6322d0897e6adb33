#include "support.h"
#include "test_rosc.h"

#include <string.h>

struct line {
    const char *text;
    bool seen;
    bool with_place;
};

static void on_rosout(const struct rosc_message *message, void *user)
{
    struct line *line = user;
    if (memmem(message->data, message->size, line->text, strlen(line->text)) == NULL)
        return;
    line->seen = true;
    line->with_place = memmem(message->data, message->size, "test_log.c", 10) != NULL &&
                       memmem(message->data, message->size, "log_lines_reach", 15) != NULL;
}

static bool line_seen(void *line)
{
    return ((const struct line *)line)->seen;
}

void log_lines_reach_rosout_with_their_place(void **state)
{
    (void)state;
    struct line line = {.text = "the line number 17"};
    struct rosc_queue *queue = NULL;
    struct rosc_subscription *rosout = NULL;
    assert_ok(rosc_queue_create(&queue, error));
    assert_ok(rosc_subscription_create(queue, "/rosout", NULL, on_rosout, &line, &rosout, error));
    ROSC_LOG_WARN("the line number %d", 17);
    serve_until(queue, line_seen, &line, "the line on /rosout");
    assert_true(line.with_place);

    char end[] = "the end of a long line";
    char text[5000];
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - sizeof end, end, sizeof end);
    line = (struct line){.text = end};
    ROSC_LOG_ERROR("%s", text);
    serve_until(queue, line_seen, &line, "the long line on /rosout");

    line = (struct line){.text = "/caller??? [FATAL] forged??"};
    ROSC_LOG_WARN("%s", "/caller\n\x1b\x7f [FATAL] forged\t\r");
    serve_until(queue, line_seen, &line, "the line without its breaks on /rosout");
    line = (struct line){.text = "xx?y"};
    text[4000] = '\n';
    memcpy(text + 4001, "y", 2);
    ROSC_LOG_ERROR("%s", text);
    serve_until(queue, line_seen, &line, "the long line without its break on /rosout");
    rosc_subscription_destroy(rosout);
    rosc_queue_destroy(queue);
}

void log_level_follows_the_logger(void **state)
{
    (void)state;
    bool success = false;
    assert_false(rosc_log_enabled(ROSC_DEBUG));
    assert_true(rosc_log_enabled(ROSC_INFO));
    assert_true(rosc_log_enabled(ROSC_FATAL));
    assert_ok(rosc_call_set_bool("/peer/set_debug", 10, true, &success, NULL, 0, error));
    assert_true(success);
    assert_true(rosc_log_enabled(ROSC_DEBUG));
    ROSC_LOG_DEBUG("a line that is for those who asked");
    assert_ok(rosc_call_set_bool("/peer/set_debug", 10, false, &success, NULL, 0, error));
    assert_false(rosc_log_enabled(ROSC_DEBUG));
}

void throttled_places_count_what_they_hold_back(void **state)
{
    (void)state;
    struct rosc_throttle throttle = {0, 0};
    uint64_t suppressed = 99;
    assert_true(rosc_throttle_pass(&throttle, 0.2, &suppressed));
    assert_int_equal(suppressed, 0);
    for (int i = 0; i < 5; i++)
        assert_false(rosc_throttle_pass(&throttle, 0.2, &suppressed));
    assert_true(rosc_time_sleep(0.25));
    assert_true(rosc_throttle_pass(&throttle, 0.2, &suppressed));
    assert_int_equal(suppressed, 5);
    for (int i = 0; i < 3; i++)
        ROSC_LOG_THROTTLE(60, ROSC_INFO, "this is written once, not %d times", 3);
}
