#include "support.h"

#include <stdio.h>
#include <string.h>

static const double patience = 90.0;

void assert_contains(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("'%s' should contain '%s'", text, words);
}

void serve_until(struct rosc_queue *queue, bool (*done)(void *with), void *with, const char *what)
{
    const int64_t end = rosc_time_steady() + (int64_t)(patience * 1e9);
    while (!done(with)) {
        if (rosc_time_steady() > end)
            fail_msg("waited %g s for: %s", patience, what);
        rosc_queue_call(queue, 0.02);
    }
}

void serve_for(struct rosc_queue *queue, double seconds)
{
    const int64_t end = rosc_time_steady() + (int64_t)(seconds * 1e9);
    while (rosc_time_steady() < end)
        rosc_queue_call(queue, 0.02);
}

size_t string_serialize(const char *text, uint8_t serialized[260])
{
    const size_t length = strlen(text);
    assert_true(length < 256);
    memset(serialized, 0, 4);
    serialized[0] = (uint8_t)length;
    memcpy(serialized + 4, text, length);
    return length + 4;
}

struct rosc_publisher *string_publisher(const char *topic, bool latched)
{
    const struct rosc_publisher_options options = {.type = "std_msgs/String",
                                                   .md5sum = STRING_MD5SUM,
                                                   .definition = STRING_DEFINITION,
                                                   .queue_size = 0,
                                                   .latched = latched};
    struct rosc_publisher *publisher = NULL;
    assert_ok(rosc_publisher_create(topic, &options, &publisher, error));
    return publisher;
}

void heard_message(const struct rosc_message *message, void *user)
{
    struct heard *heard = user;
    const struct rosc_connection *connection = message->connection;
    heard->count++;
    heard->id = connection->id;
    (void)snprintf(heard->type, sizeof heard->type, "%s", connection->type);
    (void)snprintf(heard->md5sum, sizeof heard->md5sum, "%s", connection->md5sum);
    (void)snprintf(heard->definition, sizeof heard->definition, "%s", connection->definition);
    (void)snprintf(heard->caller_id, sizeof heard->caller_id, "%s", connection->caller_id);
    (void)snprintf(heard->topic, sizeof heard->topic, "%s", message->topic);
    heard->latched = connection->latched;
    heard->receipt = message->receipt;
    heard->size = message->size < sizeof heard->data ? message->size : sizeof heard->data;
    memcpy(heard->data, message->data, heard->size);
}

bool heard_something(void *heard)
{
    return ((const struct heard *)heard)->count > 0;
}
