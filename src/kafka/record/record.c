#include "kafka/record/record.h"

#include <stdlib.h>
#include <string.h>

const struct kafka_header *kafka_record_header(const struct kafka_record *record, const char *name)
{
    for (size_t i = record->header_count; i > 0; i--) {
        if (strcmp(record->headers[i - 1].name, name) == 0)
            return &record->headers[i - 1];
    }
    return NULL;
}

size_t kafka_record_copy_size(const struct kafka_record *record)
{
    size_t size =
        sizeof *record + strlen(record->topic) + 1 + record->key_size + record->value_size;
    for (size_t i = 0; i < record->header_count; i++)
        size += strlen(record->headers[i].name) + 1 + record->headers[i].size;
    return size;
}

/* Copies `size` bytes to `*at`, which moves on; NULL stays NULL. */
static const void *move_bytes(char **at, const void *bytes, size_t size)
{
    char *copied = *at;
    if (!bytes)
        return NULL;
    if (size > 0)
        memcpy(copied, bytes, size);
    *at += size;
    return copied;
}

struct kafka_record *kafka_record_copy(const struct kafka_record *record)
{
    struct kafka_record *copy = malloc(kafka_record_copy_size(record));
    if (!copy)
        return NULL;
    char *at = (char *)(copy + 1);
    *copy = *record;
    copy->topic = move_bytes(&at, record->topic, strlen(record->topic) + 1);
    copy->key = move_bytes(&at, record->key, record->key_size);
    copy->value = move_bytes(&at, record->value, record->value_size);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct kafka_header *header = &record->headers[i];
        copy->headers[i].name = move_bytes(&at, header->name, strlen(header->name) + 1);
        copy->headers[i].value = move_bytes(&at, header->value, header->size);
    }
    return copy;
}
