#include "tools/spool/export_line.h"

#include "message/json/json_text.h"
#include "message/values/base64.h"
#include "message/values/utf8.h"

#include <inttypes.h>

/* The line as far as it is written: the first failure stays. */
struct line {
    struct buffer *out;
    enum error_code code;
};

static void put(struct line *line, const char *text)
{
    if (line->code == ERROR_NONE)
        line->code = buffer_append_text(line->out, text);
}

static void put_string(struct line *line, const void *bytes, size_t size)
{
    uint64_t invalid = 0;
    if (line->code == ERROR_NONE)
        line->code = json_text_append(line->out, bytes, size, &invalid);
}

static void put_base64(struct line *line, const void *bytes, size_t size)
{
    size_t length = base64_encoded_length(size);
    put(line, "\"");
    if (line->code == ERROR_NONE)
        line->code = buffer_reserve(line->out, length);
    if (line->code != ERROR_NONE)
        return;
    (void)base64_encode(bytes, size, line->out->data + line->out->length);
    line->out->length += length;
    put(line, "\"");
}

/* `name` is plain text. */
static void put_name(struct line *line, const char *name, const char *ending)
{
    if (line->code != ERROR_NONE)
        return;
    put(line, line->out->data[line->out->length - 1] == '{' ? "\"" : ",\"");
    put(line, name);
    put(line, ending);
    put(line, "\":");
}

static bool is_utf8(const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t length = utf8_length(bytes + at, size - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* `bytes` NULL: null. */
static void put_bytes(struct line *line, const char *name, const void *bytes, size_t size)
{
    bool text = !bytes || is_utf8(bytes, size);
    put_name(line, name, text ? "" : "_base64");
    if (!bytes)
        put(line, "null");
    else if (text)
        put_string(line, bytes, size);
    else
        put_base64(line, bytes, size);
}

static void put_text(struct line *line, const char *name, const char *text)
{
    put_bytes(line, name, text, strlen(text));
}

static void put_number(struct line *line, const char *name, int64_t number)
{
    put_name(line, name, "");
    if (line->code == ERROR_NONE)
        line->code = buffer_append_format(line->out, "%" PRId64, number);
}

static void put_bool(struct line *line, const char *name, bool value)
{
    put_name(line, name, "");
    put(line, value ? "true" : "false");
}

/* In their order, also where names repeat. */
static void put_headers(struct line *line, const struct kafka_record *record)
{
    put_name(line, "headers", "");
    put(line, "[");
    for (size_t i = 0; i < record->header_count; i++) {
        put(line, i == 0 ? "{" : ",{");
        put_text(line, "name", record->headers[i].name);
        put_bytes(line, "value", record->headers[i].value, record->headers[i].size);
        put(line, "}");
    }
    put(line, "]");
}

static void put_record(struct line *line, const struct kafka_record *record)
{
    put_text(line, "kafka_topic", record->topic);
    if (record->partition >= 0)
        put_number(line, "partition", record->partition);
    if (record->offset >= 0)
        put_number(line, "offset", record->offset);
    put_number(line, "timestamp", record->timestamp);
    put_bytes(line, "key", record->key, record->key_size);
    put_headers(line, record);
}

static void put_value(struct line *line, const struct kafka_record *record)
{
    put_bytes(line, "value", record->value, record->value_size);
}

static enum error_code end_line(struct line *line)
{
    put(line, "}\n");
    return line->code;
}

enum error_code export_line_spooled(const struct spooled *spooled, struct buffer *out)
{
    struct line line = {.out = out};
    const struct spool_origin *origin = spooled->origin;
    put(&line, "{");
    put_text(&line, "id", spooled->id);
    put_record(&line, &spooled->kafka);
    put_text(&line, "ros_topic", origin->ros_topic);
    put_text(&line, "ros_type", origin->ros_type);
    put_text(&line, "ros_md5sum", origin->ros_md5sum);
    put_bool(&line, "latched", origin->latched);
    if (origin->publisher && *origin->publisher)
        put_text(&line, "ros_publisher", origin->publisher);
    put_value(&line, &spooled->kafka);
    return end_line(&line);
}

enum error_code export_line_letter(const struct letter *letter, const struct kafka_record *record,
                                   struct buffer *out)
{
    struct line line = {.out = out};
    put(&line, "{");
    put_record(&line, &letter->original);
    put_text(&line, "ros_topic", letter->ros_topic);
    put_text(&line, "ros_type", letter->ros_type);
    put_text(&line, "ros_md5sum", letter->ros_md5sum);
    put_name(&line, "letter", "");
    put(&line, "{");
    put_text(&line, "topic", record->topic);
    put_number(&line, "partition", record->partition);
    put_number(&line, "offset", record->offset);
    put_number(&line, "timestamp", record->timestamp);
    put_text(&line, "reason", letter->reason);
    put_text(&line, "text", letter->text);
    put_text(&line, "path", letter->path);
    put_text(&line, "direction", letter->direction);
    put_text(&line, "content", letter->is_message ? "message" : "record");
    if (*letter->left_out)
        put_text(&line, "left_out", letter->left_out);
    put(&line, "}");
    if (letter->has_bytes)
        put_value(&line, &letter->original);
    return end_line(&line);
}

enum error_code export_line_stray(const struct kafka_record *record, struct buffer *out)
{
    struct line line = {.out = out};
    put(&line, "{");
    put_record(&line, record);
    put_value(&line, record);
    return end_line(&line);
}
