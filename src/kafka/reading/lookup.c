#include "kafka/reading/lookup.h"

#include "kafka/connection/events.h"
#include "kafka/consumer/lost_offsets.h"
#include "kafka/reading/reading_client.h"
#include "kafka/record/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GROUP "kafka_bridge_lookup" /* librdkafka wants a name; nothing is committed */
#define NEAR  1000                  /* so many records are read over rather than asked for anew */

struct kafka_lookup {
    rd_kafka_t *client;
    struct kafka_events events;
    rd_kafka_message_t *message;
    rd_kafka_topic_partition_list_t *place; /* where it reads: one partition; offset: the next */
};

/* "queued.min.messages": reads no more ahead than one fetch brings. */
static const char *const ours[][2] = {{"auto.offset.reset", "error"}, {"queued.min.messages", "1"}};

static void release_message(struct kafka_lookup *lookup)
{
    if (lookup->message)
        rd_kafka_message_destroy(lookup->message);
    lookup->message = NULL;
}

void kafka_lookup_destroy(struct kafka_lookup *lookup)
{
    if (!lookup)
        return;
    release_message(lookup);
    if (lookup->client) {
        (void)rd_kafka_consumer_close(lookup->client);
        rd_kafka_destroy(lookup->client);
    }
    if (lookup->place)
        rd_kafka_topic_partition_list_destroy(lookup->place);
    kafka_events_fini(&lookup->events);
    free(lookup);
}

enum error_code kafka_lookup_create(const struct kafka_properties *properties,
                                    struct kafka_lookup **lookup, struct error *error)
{
    struct kafka_lookup *self = calloc(1, sizeof *self);
    if (!self || kafka_events_init(&self->events, "lookup", properties, self) != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a reader");
    }
    enum error_code code = kafka_reading_client_create(
        properties, GROUP, ours, sizeof ours / sizeof ours[0], &self->events, &self->client, error);
    if (code != ERROR_NONE) {
        kafka_lookup_destroy(self);
        return code;
    }
    *lookup = self;
    return ERROR_NONE;
}

/* Begins at `offset`, unless the record comes soon where it reads. */
static bool go_to(struct kafka_lookup *lookup, const char *topic, int32_t partition, int64_t offset)
{
    const rd_kafka_topic_partition_t *place = lookup->place ? &lookup->place->elems[0] : NULL;
    if (place && place->partition == partition && strcmp(place->topic, topic) == 0 &&
        offset >= place->offset && offset < place->offset + NEAR)
        return true;
    rd_kafka_topic_partition_list_t *next = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(next, topic, partition)->offset = offset;
    bool assigned = rd_kafka_assign(lookup->client, next) == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (lookup->place)
        rd_kafka_topic_partition_list_destroy(lookup->place);
    lookup->place = assigned ? next : NULL;
    if (!assigned)
        rd_kafka_topic_partition_list_destroy(next);
    return assigned;
}

static bool is_beyond(const rd_kafka_message_t *event)
{
    return event->err == RD_KAFKA_RESP_ERR__PARTITION_EOF ||
           event->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE ||
           event->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           event->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           (int)event->err == KAFKA_ERR_AUTO_OFFSET_RESET;
}

/* ERROR_FULL: not yet. */
static enum error_code poll(struct kafka_lookup *lookup, int64_t offset, int timeout_ms)
{
    rd_kafka_message_t *message = rd_kafka_consumer_poll(lookup->client, timeout_ms);
    enum error_code code = ERROR_FULL;
    if (!message)
        return code;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        lookup->place->elems[0].offset = message->offset + 1;
        code = message->offset == offset  ? ERROR_NONE
               : message->offset > offset ? ERROR_MISSING
                                          : ERROR_FULL;
    } else if (is_beyond(message)) {
        code = ERROR_MISSING;
    }
    if (code == ERROR_MISSING) { /* begin anew with the next */
        rd_kafka_topic_partition_list_destroy(lookup->place);
        lookup->place = NULL;
    }
    if (code == ERROR_NONE)
        lookup->message = message;
    else
        rd_kafka_message_destroy(message);
    return code;
}

enum error_code kafka_lookup_read(struct kafka_lookup *lookup, const char *topic, int32_t partition,
                                  int64_t offset, int timeout_ms, struct kafka_record *record,
                                  struct error *error)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    release_message(lookup);
    kafka_events_probe(&lookup->events, lookup->client);
    if (!go_to(lookup, topic, partition, offset))
        return error_set(error, ERROR_IO, topic, 0, "cannot be read");
    for (int64_t now = kafka_now_ms(); now < deadline; now = kafka_now_ms()) {
        enum error_code code = poll(lookup, offset, (int)(deadline - now));
        if (code == ERROR_NONE)
            kafka_message_read(lookup->message, record);
        if (code == ERROR_MISSING)
            return error_set(error, code, topic, 0, "the record at offset %" PRId64 " is gone",
                             offset);
        if (code == ERROR_NONE)
            return code;
    }
    return error_set(error, ERROR_IO, topic, 0, "Kafka does not answer");
}
