#include "kafka/record/message.h"

#include <stdbool.h>
#include <string.h>

static bool is_ours(const char *name)
{
    static const char *const names[] = {KAFKA_HEADER_TOPIC,   KAFKA_HEADER_TYPE,
                                        KAFKA_HEADER_MD5SUM,  KAFKA_HEADER_ID,
                                        KAFKA_HEADER_LATCHED, KAFKA_HEADER_PUBLISHER};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

enum pick { PICK_ALL, PICK_OURS, PICK_OTHERS };

static void pick_headers(const rd_kafka_headers_t *headers, enum pick pick,
                         struct kafka_record *record)
{
    const char *name;
    const void *value;
    size_t size;
    for (size_t i = 0;
         record->header_count < KAFKA_RECORD_HEADERS_LIMIT &&
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         i++) {
        if (pick == PICK_ALL || is_ours(name) == (pick == PICK_OURS))
            record->headers[record->header_count++] =
                (struct kafka_header){.name = name, .value = value, .size = size};
    }
}

static void read_headers(const rd_kafka_message_t *message, struct kafka_record *record)
{
    rd_kafka_headers_t *headers;
    record->header_count = 0;
    record->headers_cut = false;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    if (rd_kafka_header_cnt(headers) <= KAFKA_RECORD_HEADERS_LIMIT) {
        pick_headers(headers, PICK_ALL, record);
        return;
    }
    record->headers_cut = true;
    pick_headers(headers, PICK_OURS, record);
    pick_headers(headers, PICK_OTHERS, record);
}

void kafka_message_read(const rd_kafka_message_t *message, struct kafka_record *record)
{
    rd_kafka_timestamp_type_t type;
    record->topic = rd_kafka_topic_name(message->rkt);
    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp = rd_kafka_message_timestamp(message, &type);
    record->key = message->key;
    record->key_size = message->key_len;
    record->value = message->payload;
    record->value_size = message->len;
    read_headers(message, record);
}
