/* The interpreter of JSON programs, and the JSON of single values.
 *
 * A writer lives for one message, on the caller's stack: begin, write, end. Threads: one at a time.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_WRITE_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_WRITE_H

#include "base/buffer.h"
#include "message/json/to_json.h"
#include "message/plan/json_program.h"

#define JSON_EVERY_DIGIT (-1)

/* How values are written. */
struct json_style {
    struct to_json_options options;
    int precision; /* decimals of floats, or JSON_EVERY_DIGIT */
};

struct json_writer {
    struct buffer *out;
    struct to_json_counts *counts;
    size_t start; /* length of `out` when the writer began */
    size_t limit; /* of `out`, which is raised by JSON_SLACK until the end */
};

/* `counts` must not be NULL. */
void json_writer_begin(struct json_writer *writer, struct buffer *out,
                       struct to_json_counts *counts);

/* Ends the writing: `code` is what the writing came to. Returns it, or ERROR_LIMIT where more than
 * the buffer's limit was written. On failure the buffer has its old length. */
enum error_code json_writer_end(struct json_writer *writer, enum error_code code) MUST_CHECK;

/* Runs `program` over the bytes from `*bytes`, which is left behind the last one read.
 * ERROR_TRUNCATED, ERROR_LIMIT, ERROR_MEMORY. */
enum error_code json_write(struct json_writer *writer, const struct json_program *program,
                           const struct json_style *style, const uint8_t **bytes,
                           const uint8_t *end) MUST_CHECK;

/* Writes one number, bool, time or duration at `at`, where json_value_width(kind) bytes are free,
 * and returns the end. */
char *json_write_value(char *at, enum field_kind kind, const uint8_t *bytes,
                       const struct json_style *style, struct to_json_counts *counts);

/* Makes room for `extra` bytes, of which JSON_SLACK may be more than will be written. ERROR_LIMIT
 * once more was written than the limit allows. */
static inline MUST_CHECK enum error_code json_writer_reserve(struct json_writer *writer,
                                                             size_t extra)
{
    if (writer->out->length > writer->limit)
        return ERROR_LIMIT;
    return buffer_reserve(writer->out, extra);
}

#endif
