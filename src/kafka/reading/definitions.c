#include "kafka/reading/definitions.h"

#include "kafka/connection/flood.h"
#include "kafka/connection/log.h"
#include "kafka/reading/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LIMIT ((size_t)64 << 20) /* bytes of all definitions together */

/* Entries are only ever added, so that texts that were handed out stay; the last one counts. */
struct definition {
    char *type; /* one allocation with md5sum and text */
    char *md5sum;
    char *text; /* NULL: taken back (a tombstone) */
    int64_t timestamp;
};

struct kafka_definitions {
    struct kafka_reader *reader;
    struct definition *items;
    size_t count;
    size_t capacity;
    size_t bytes;
    bool was_read; /* to its end, once */
    bool was_told; /* that the limit is reached, or that there are foreign records */
};

enum error_code kafka_definition_record(const char *topic, const char *type, const char *md5sum,
                                        const char *text, char *key, size_t size,
                                        struct kafka_record *record)
{
    int length = snprintf(key, size, "%s %s", type, md5sum);
    if (length < 0 || (size_t)length >= size)
        return ERROR_LIMIT;
    *record = (struct kafka_record){.topic = topic,
                                    .partition = -1,
                                    .offset = -1,
                                    .key = key,
                                    .key_size = (size_t)length,
                                    .value = text,
                                    .value_size = strlen(text)};
    return ERROR_NONE;
}

enum error_code kafka_definitions_create(const struct kafka_properties *properties,
                                         const char *topic, struct kafka_definitions **definitions,
                                         struct error *error)
{
    struct kafka_definitions *self = calloc(1, sizeof *self);
    if (!self)
        return error_set(error, ERROR_MEMORY, topic, 0, "no memory for the definitions");
    enum error_code code = kafka_reader_create(properties, topic, &self->reader, error);
    if (code != ERROR_NONE) {
        free(self);
        return code;
    }
    *definitions = self;
    return ERROR_NONE;
}

void kafka_definitions_destroy(struct kafka_definitions *definitions)
{
    if (!definitions)
        return;
    kafka_reader_destroy(definitions->reader);
    for (size_t i = 0; i < definitions->count; i++)
        free(definitions->items[i].type);
    free(definitions->items);
    free(definitions);
}

static struct definition *newest(const struct kafka_definitions *definitions, const char *type,
                                 const char *md5sum)
{
    struct definition *found = NULL;
    for (size_t i = 0; i < definitions->count; i++) {
        struct definition *item = &definitions->items[i];
        if (strcmp(item->type, type) != 0 || (md5sum && strcmp(item->md5sum, md5sum) != 0))
            continue;
        /* Of one md5sum the last one read; of several (partitions have no common order) the one
         * written last. */
        if (!found || md5sum || item->timestamp >= found->timestamp)
            found = item;
    }
    return found;
}

static void tell_once(struct kafka_definitions *definitions, const char *text)
{
    if (!definitions->was_told)
        kafka_log_write(KAFKA_LOG_WARN, "definitions: %s", text);
    definitions->was_told = true;
}

static bool grow(struct kafka_definitions *definitions)
{
    if (definitions->count < definitions->capacity)
        return true;
    size_t capacity = definitions->capacity > 0 ? definitions->capacity * 2 : 64;
    struct definition *items = realloc(definitions->items, capacity * sizeof *items);
    if (!items)
        return false;
    definitions->items = items;
    definitions->capacity = capacity;
    return true;
}

static bool is_known(const struct kafka_definitions *definitions, const struct definition *item)
{
    const struct definition *known = newest(definitions, item->type, item->md5sum);
    if (!known || !known->text || !item->text)
        return known && !known->text && !item->text;
    return strcmp(known->text, item->text) == 0;
}

/* "package/Type md5sum" and the text, in one allocation; ERROR_SYNTAX for another's record. */
static enum error_code parse(const struct kafka_record *record, struct definition *item)
{
    const char *key = record->key;
    const char *space = key ? memchr(key, ' ', record->key_size) : NULL;
    if (!space || space == key || (size_t)(space - key) + 1 == record->key_size ||
        memchr(key, '\0', record->key_size) || !memchr(key, '/', (size_t)(space - key)) ||
        (record->value_size > 0 && memchr(record->value, '\0', record->value_size)))
        return ERROR_SYNTAX;
    char *block = calloc(1, record->key_size + 1 + record->value_size + 1);
    if (!block)
        return ERROR_MEMORY;
    memcpy(block, key, record->key_size);
    block[space - key] = '\0';
    char *text = block + record->key_size + 1;
    if (record->value)
        memcpy(text, record->value, record->value_size);
    *item = (struct definition){.type = block,
                                .md5sum = block + (space - key) + 1,
                                .text = record->value ? text : NULL,
                                .timestamp = record->timestamp};
    return ERROR_NONE;
}

static void add(struct kafka_definitions *definitions, const struct kafka_record *record)
{
    size_t size = record->key_size + record->value_size + 2;
    if (size > TEXT_LIMIT - definitions->bytes) {
        tell_once(definitions, "the topic holds more than 64 MiB of texts; the rest is not used");
        return;
    }
    struct definition item;
    enum error_code code = parse(record, &item);
    if (code == ERROR_SYNTAX)
        tell_once(definitions, "the topic holds records whose key is not \"package/Type md5sum\"; "
                               "they are passed over");
    if (code != ERROR_NONE)
        return;
    struct definition *known = newest(definitions, item.type, item.md5sum);
    if (is_known(definitions, &item)) {
        known->timestamp = item.timestamp;
        free(item.type);
        return;
    }
    if (!grow(definitions)) {
        free(item.type);
        return;
    }
    definitions->items[definitions->count++] = item;
    definitions->bytes += size;
}

/* Reads to the topic's present end. ERROR_MISSING: time ran out before. */
static enum error_code read_on(struct kafka_definitions *definitions, int timeout_ms,
                               struct error *error)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    for (;;) {
        int64_t left = deadline - kafka_now_ms();
        struct kafka_record record;
        bool at_end;
        enum error_code code = kafka_reader_next(definitions->reader, left > 0 ? (int)left : 0,
                                                 &record, &at_end, error);
        if (code == ERROR_NONE) {
            add(definitions, &record);
        } else if (code != ERROR_MISSING) {
            return code;
        } else if (at_end) {
            definitions->was_read = true;
            return ERROR_NONE;
        } else if (left <= 0) {
            return ERROR_MISSING;
        }
    }
}

enum error_code kafka_definitions_find(struct kafka_definitions *definitions, const char *type,
                                       const char *md5sum, int timeout_ms, const char **text,
                                       struct error *error)
{
    const struct definition *found = newest(definitions, type, md5sum);
    enum error_code code = ERROR_NONE;
    if (!found || !found->text || (!md5sum && !definitions->was_read)) {
        code = read_on(definitions, timeout_ms, error);
        if (code != ERROR_NONE && code != ERROR_MISSING)
            return code;
        found = newest(definitions, type, md5sum);
    }
    if (found && found->text) {
        *text = found->text;
        return ERROR_NONE;
    }
    if (code == ERROR_MISSING)
        return error_set(error, ERROR_IO, type, 0,
                         "the definitions could not be read to their end within %d ms", timeout_ms);
    return error_set(error, ERROR_MISSING, type, 0, "the topic holds no definition of %s%s%s", type,
                     md5sum ? " with md5sum " : "", md5sum ? md5sum : "");
}
