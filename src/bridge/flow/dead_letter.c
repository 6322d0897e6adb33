#include "bridge/flow/dead_letter.h"

#include "message/json/json_text.h"
#include "message/values/base64.h"

#include <inttypes.h>
#include <stdbool.h>

/* What fits, of what takes room. */
struct contents {
    bool bytes;
    bool headers;
    bool key;
};

/* The letter as far as it is written: the first failure stays. */
struct writer {
    struct buffer *out;
    enum error_code code;
};

static void put(struct writer *writer, const char *text)
{
    if (writer->code == ERROR_NONE)
        writer->code = buffer_append_text(writer->out, text);
}

static void put_text(struct writer *writer, const char *text)
{
    uint64_t invalid = 0;
    if (writer->code == ERROR_NONE)
        writer->code = json_text_append(writer->out, (const uint8_t *)text, strlen(text), &invalid);
}

static void put_base64(struct writer *writer, const void *bytes, size_t size)
{
    if (!bytes) {
        put(writer, "null");
        return;
    }
    size_t length = base64_encoded_length(size);
    put(writer, "\"");
    if (writer->code == ERROR_NONE)
        writer->code = buffer_reserve(writer->out, length);
    if (writer->code != ERROR_NONE)
        return;
    (void)base64_encode(bytes, size, writer->out->data + writer->out->length);
    writer->out->length += length;
    put(writer, "\"");
}

/* `name` is plain text. */
static void put_name(struct writer *writer, const char *name)
{
    put(writer, writer->out->data[writer->out->length - 1] == '{' ? "\"" : ",\"");
    put(writer, name);
    put(writer, "\":");
}

static void put_member(struct writer *writer, const char *name, const char *text)
{
    if (!text || writer->code != ERROR_NONE)
        return;
    put_name(writer, name);
    put_text(writer, text);
}

static void put_number(struct writer *writer, const char *name, int64_t number)
{
    if (writer->code != ERROR_NONE)
        return;
    put_name(writer, name);
    if (writer->code == ERROR_NONE)
        writer->code = buffer_append_format(writer->out, "%" PRId64, number);
}

static void put_headers(struct writer *writer, const struct kafka_record *record)
{
    put(writer, ",\"headers\":[");
    for (size_t i = 0; i < record->header_count; i++) {
        const struct kafka_header *header = &record->headers[i];
        put(writer, i == 0 ? "{\"name\":" : ",{\"name\":");
        put_text(writer, header->name);
        put(writer, ",\"value\":");
        put_base64(writer, header->value, header->size);
        put(writer, "}");
    }
    put(writer, "]");
}

static void put_record(struct writer *writer, const struct kafka_record *record,
                       const struct contents *contents)
{
    put_member(writer, "kafka_topic", record->topic);
    if (record->partition >= 0)
        put_number(writer, "partition", record->partition);
    if (record->offset >= 0)
        put_number(writer, "offset", record->offset);
    if (record->timestamp > 0)
        put_number(writer, "timestamp", record->timestamp);
    if (contents->key) {
        put(writer, ",\"key\":");
        put_base64(writer, record->key, record->key_size);
    }
    if (contents->headers)
        put_headers(writer, record);
}

/* A message has no "none": no bytes are an empty one. */
static const void *bytes_of(const struct dead_letter *letter)
{
    bool is_message = letter->content && strcmp(letter->content, "message") == 0;
    return !letter->bytes && is_message ? "" : letter->bytes;
}

/* Who leaves out the key leaves out the headers, and who leaves out those the bytes. */
static void put_left_out(struct writer *writer, const struct dead_letter *letter,
                         const struct contents *contents)
{
    bool cut = !contents->headers || (letter->record && letter->record->headers_cut);
    if (contents->bytes && !cut)
        return;
    put(writer, ",\"left_out\":[");
    put(writer, contents->bytes ? "" : "\"bytes\"");
    put(writer, contents->bytes || !cut ? "" : ",");
    put(writer, cut ? "\"headers\"" : "");
    put(writer, contents->key ? "]" : ",\"key\"]");
}

static size_t headers_size(const struct kafka_record *record)
{
    size_t size = 0;
    for (size_t i = 0; i < record->header_count; i++)
        size += strlen(record->headers[i].name) + record->headers[i].size;
    return size;
}

/* A letter whose key alone is too large may still say why. */
static struct contents choose(const struct dead_letter *letter)
{
    size_t limit = letter->limit > 0 ? letter->limit : DEAD_LETTER_BYTES_LIMIT;
    size_t key = letter->record && letter->record->key ? letter->record->key_size : 0;
    size_t headers = letter->record ? headers_size(letter->record) : 0;
    struct contents contents = {.key = key <= limit};
    contents.headers = contents.key && headers <= limit - key;
    bool there = letter->bytes || letter->size == 0;
    contents.bytes = there && contents.headers && letter->size <= limit - key - headers;
    return contents;
}

enum error_code dead_letter_write(const struct dead_letter *letter, struct buffer *out)
{
    struct contents contents = choose(letter);
    struct writer writer = {.out = out};
    put(&writer, "{");
    put_member(&writer, "reason", letter->reason);
    put_member(&writer, "text", letter->error->text);
    put_member(&writer, "path", letter->error->path);
    put_number(&writer, "position", (int64_t)letter->error->position);
    put_member(&writer, "direction", letter->direction);
    put_member(&writer, "ros_topic", letter->ros_topic);
    put_member(&writer, "ros_type", letter->ros_type);
    put_member(&writer, "ros_md5sum", letter->ros_md5sum);
    if (letter->record)
        put_record(&writer, letter->record, &contents);
    put_member(&writer, "content", letter->content);
    put_number(&writer, "size", (int64_t)letter->size);
    if (contents.bytes) {
        put(&writer, ",\"bytes\":");
        put_base64(&writer, bytes_of(letter), letter->size);
    }
    put_left_out(&writer, letter, &contents);
    put(&writer, "}");
    return writer.code;
}
