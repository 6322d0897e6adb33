#include "kafka/reading/reader.h"

#include "kafka/connection/events.h"
#include "kafka/reading/reading_client.h"
#include "kafka/record/message.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define DISCOVER_INTERVAL_MS 1000 /* between two looks for a topic that is not there */
#define GROUP                "kafka_bridge_reader" /* librdkafka wants a name; nothing is committed */

struct kafka_reader {
    rd_kafka_t *client;
    struct kafka_events events;
    char *topic;
    rd_kafka_message_t *message;
    rd_kafka_topic_partition_list_t *positions; /* offset: the next one; NULL: not assigned yet */
    bool *at_end;                               /* of each of them */
    int64_t discovered;                         /* kafka_now_ms of the last look */
    bool absent;                                /* that look found no such topic */
};

static const char *const ours[][2] = {{"auto.offset.reset", "earliest"}};

static void release_message(struct kafka_reader *reader)
{
    if (reader->message)
        rd_kafka_message_destroy(reader->message);
    reader->message = NULL;
}

void kafka_reader_destroy(struct kafka_reader *reader)
{
    if (!reader)
        return;
    release_message(reader);
    kafka_events_end(&reader->events);
    if (reader->client) {
        (void)rd_kafka_consumer_close(reader->client);
        rd_kafka_destroy(reader->client);
    }
    if (reader->positions)
        rd_kafka_topic_partition_list_destroy(reader->positions);
    free(reader->at_end);
    free(reader->topic);
    kafka_events_fini(&reader->events);
    free(reader);
}

enum error_code kafka_reader_create(const struct kafka_properties *properties, const char *topic,
                                    struct kafka_reader **reader, struct error *error)
{
    struct kafka_reader *self = calloc(1, sizeof *self);
    if (!self || kafka_events_init(&self->events, "reader", properties, self) != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a reader");
    }
    self->discovered = -DISCOVER_INTERVAL_MS;
    self->topic = strdup(topic);
    enum error_code code = self->topic
                               ? kafka_reading_client_create(properties, GROUP, ours, 1,
                                                             &self->events, &self->client, error)
                               : error_set(error, ERROR_MEMORY, topic, 0, "no memory for a reader");
    if (code != ERROR_NONE) {
        kafka_reader_destroy(self);
        return code;
    }
    *reader = self;
    return ERROR_NONE;
}

/* Where the partitions begin: as numbers, since librdkafka before 1.8 looks up what is none by a
 * request that Kafka 4 does not have. Without an answer that is left to librdkafka. */
static void find_beginnings(const struct kafka_reader *reader,
                            rd_kafka_topic_partition_list_t *positions, int timeout_ms)
{
    for (int i = 0; i < positions->cnt; i++)
        positions->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
    (void)rd_kafka_offsets_for_times(reader->client, positions, timeout_ms);
    for (int i = 0; i < positions->cnt; i++) {
        rd_kafka_topic_partition_t *item = &positions->elems[i];
        if (item->err != RD_KAFKA_RESP_ERR_NO_ERROR || item->offset < 0)
            item->offset = RD_KAFKA_OFFSET_BEGINNING;
        item->err = RD_KAFKA_RESP_ERR_NO_ERROR;
    }
}

static void assign(struct kafka_reader *reader, const struct rd_kafka_metadata_topic *topic,
                   int timeout_ms)
{
    bool *at_end = calloc((size_t)topic->partition_cnt, sizeof *at_end);
    if (!at_end)
        return; /* the next look tries again */
    rd_kafka_topic_partition_list_t *positions =
        rd_kafka_topic_partition_list_new(topic->partition_cnt);
    for (int i = 0; i < topic->partition_cnt; i++)
        (void)rd_kafka_topic_partition_list_add(positions, topic->topic, topic->partitions[i].id);
    find_beginnings(reader, positions, timeout_ms);
    rd_kafka_resp_err_t failure = rd_kafka_assign(reader->client, positions);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_events_say(&reader->events, LOG_ERR, "%s cannot be read: %s", reader->topic,
                         rd_kafka_err2str(failure));
        rd_kafka_topic_partition_list_destroy(positions);
        free(at_end);
        return;
    }
    reader->positions = positions;
    reader->at_end = at_end;
}

/* Looks for the topic among all, since asking for it by name could make it. */
static void discover(struct kafka_reader *reader, int timeout_ms)
{
    int64_t now = kafka_now_ms();
    if (now - reader->discovered < DISCOVER_INTERVAL_MS)
        return;
    const struct rd_kafka_metadata *metadata;
    reader->absent = false;
    if (rd_kafka_metadata(reader->client, 1, NULL, &metadata, timeout_ms) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    reader->discovered = now;
    reader->absent = true;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (strcmp(topic->topic, reader->topic) != 0 || topic->partition_cnt == 0)
            continue;
        reader->absent = false;
        assign(reader, topic, timeout_ms);
    }
    rd_kafka_metadata_destroy(metadata);
}

static int index_of(const struct kafka_reader *reader, int32_t partition)
{
    for (int i = 0; i < reader->positions->cnt; i++) {
        if (reader->positions->elems[i].partition == partition)
            return i;
    }
    return -1;
}

static void move(struct kafka_reader *reader, int32_t partition, int64_t next, bool at_end)
{
    int i = reader->positions ? index_of(reader, partition) : -1;
    if (i < 0)
        return;
    reader->positions->elems[i].offset = next;
    reader->at_end[i] = at_end;
}

static bool ends_were_seen(const struct kafka_reader *reader)
{
    for (int i = 0; i < reader->positions->cnt; i++) {
        if (!reader->at_end[i])
            return false;
    }
    return true;
}

/* Whether every partition was read to its end as it is now, not as it was when it was read. */
static bool is_at_end(struct kafka_reader *reader, int timeout_ms)
{
    if (!ends_were_seen(reader))
        return false;
    int count = reader->positions->cnt;
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_copy(reader->positions);
    for (int i = 0; i < count; i++)
        ends->elems[i].offset = RD_KAFKA_OFFSET_END;
    bool all =
        rd_kafka_offsets_for_times(reader->client, ends, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < count && all; i++) {
        int64_t next = reader->positions->elems[i].offset;
        bool there =
            ends->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR && ends->elems[i].offset <= next;
        if (!there) {
            reader->at_end[i] = false;
            all = false;
        }
    }
    rd_kafka_topic_partition_list_destroy(ends);
    return all;
}

/* Takes what librdkafka has next. ERROR_MISSING: nothing that is a record. */
static enum error_code poll(struct kafka_reader *reader, int timeout_ms,
                            struct kafka_record *record, struct error *error)
{
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, timeout_ms);
    if (!message)
        return ERROR_MISSING;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_events_delivered(&reader->events);
        move(reader, message->partition, message->offset + 1, false);
        reader->message = message;
        kafka_message_read(message, record);
        return ERROR_NONE;
    }
    enum error_code code = ERROR_MISSING;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        move(reader, message->partition, message->offset, true);
    else if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        code = error_set(error, ERROR_IO, reader->topic, 0, "%s", rd_kafka_message_errstr(message));
    else
        kafka_events_say(&reader->events, LOG_WARNING, "%s: %s", reader->topic,
                         rd_kafka_message_errstr(message));
    rd_kafka_message_destroy(message);
    return code;
}

static int left_of(int64_t deadline)
{
    int64_t left = deadline - kafka_now_ms();
    return left > 0 ? (int)left : 0;
}

enum error_code kafka_reader_next(struct kafka_reader *reader, int timeout_ms,
                                  struct kafka_record *record, bool *at_end, struct error *error)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    release_message(reader);
    *at_end = false;
    kafka_events_probe(&reader->events, reader->client);
    if (!reader->positions)
        discover(reader, timeout_ms);
    if (!reader->positions) {
        *at_end = reader->absent;
        enum error_code code = poll(reader, reader->absent ? 0 : left_of(deadline), record, error);
        return code == ERROR_MISSING
                   ? error_set(error, code, reader->topic, 0, "the topic is not there")
                   : code;
    }
    for (;;) {
        /* librdkafka tells of an end once: where all were told there is nothing to wait for. */
        int wait = ends_were_seen(reader) ? 0 : left_of(deadline);
        enum error_code code = poll(reader, wait, record, error);
        if (code != ERROR_MISSING)
            return code;
        *at_end = is_at_end(reader, left_of(deadline) + 1);
        if (*at_end || left_of(deadline) == 0)
            return error_set(error, ERROR_MISSING, reader->topic, 0, "no record came");
    }
}
