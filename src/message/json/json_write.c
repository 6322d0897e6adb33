#include "message/json/json_write.h"

#include "message/definitions/field_size.h"
#include "message/json/json_text.h"
#include "message/json/json_value.h"
#include "message/plan/layout.h"
#include "message/values/base64.h"

/* What the interpreter keeps at hand: `at` is where the next byte of JSON goes. */
struct run {
    struct json_writer *writer;
    const struct json_style *style;
    const uint8_t *bytes;
    const uint8_t *end;
    char *at;
    char *room; /* end of the buffer's memory */
    enum error_code code;
};

void json_writer_begin(struct json_writer *writer, struct buffer *out,
                       struct to_json_counts *counts)
{
    *writer = (struct json_writer){
        .out = out, .counts = counts, .start = out->length, .limit = out->limit};
    out->limit = out->limit > SIZE_MAX - JSON_SLACK ? SIZE_MAX : out->limit + JSON_SLACK;
}

enum error_code json_writer_end(struct json_writer *writer, enum error_code code)
{
    struct buffer *out = writer->out;
    out->limit = writer->limit;
    if (out->capacity > out->limit)
        out->capacity = out->limit; /* what is more stays unused */
    if (code == ERROR_NONE && out->length > out->limit)
        code = ERROR_LIMIT;
    if (code != ERROR_NONE)
        out->length = writer->start;
    return code;
}

char *json_write_value(char *at, enum field_kind kind, const uint8_t *bytes,
                       const struct json_style *style, struct to_json_counts *counts)
{
    return json_value(at, kind, bytes, style, counts);
}

/* Copies a step's text in whole blocks; what is too much is overwritten. */
static inline char *put_text(char *at, const struct json_program *program,
                             const struct json_step *step)
{
    const char *text = program->texts + step->text;
    size_t length = step->text_length;
    memcpy(at, text, JSON_TEXT_BLOCK);
    for (size_t i = JSON_TEXT_BLOCK; i < length; i += JSON_TEXT_BLOCK)
        memcpy(at + i, text + i, JSON_TEXT_BLOCK);
    return at + length;
}

static void leave_buffer(struct run *run)
{
    run->writer->out->length = (size_t)(run->at - run->writer->out->data);
}

static void enter_buffer(struct run *run)
{
    const struct buffer *out = run->writer->out;
    run->at = out->data + out->length;
    run->room = out->data + out->capacity;
}

static __attribute__((noinline)) bool grow(struct run *run, size_t extra)
{
    leave_buffer(run);
    run->code = json_writer_reserve(run->writer, extra);
    enter_buffer(run);
    return run->code == ERROR_NONE;
}

/* Makes room for `extra` bytes. */
static inline bool reserve(struct run *run, size_t extra)
{
    return (size_t)(run->room - run->at) >= extra || grow(run, extra);
}

/* Whether `size` more bytes are there. */
static inline bool check(struct run *run, uint64_t size)
{
    if ((size_t)(run->end - run->bytes) >= size)
        return true;
    run->code = ERROR_TRUNCATED;
    return false;
}

/* Reads the number of elements of a step whose array may have a fixed one. */
static inline bool read_count(struct run *run, const struct json_step *step, uint64_t *count)
{
    *count = step->size;
    if (step->size != JSON_COUNT_ON_WIRE)
        return true;
    if (!check(run, sizeof(uint32_t)))
        return false;
    *count = bytes_u32(run->bytes);
    run->bytes += sizeof(uint32_t);
    return true;
}

/* Writes `count` values of `kind` with commas between; bytes and room were checked. */
static inline __attribute__((always_inline)) void
write_values_of(struct run *run, enum field_kind kind, size_t count)
{
    size_t size = field_kind_size(kind);
    const uint8_t *bytes = run->bytes;
    char *at = run->at;
    for (size_t i = 0; i < count; i++) {
        at = json_value(at, kind, bytes, run->style, run->writer->counts);
        *at++ = ',';
        bytes += size;
    }
    run->at = count > 0 ? at - 1 : at;
    run->bytes = bytes;
}

static void write_values(struct run *run, enum field_kind kind, size_t count)
{
    switch (kind) {
    case KIND_FLOAT64:
        write_values_of(run, KIND_FLOAT64, count);
        return;
    case KIND_FLOAT32:
        write_values_of(run, KIND_FLOAT32, count);
        return;
    case KIND_INT8:
        write_values_of(run, KIND_INT8, count);
        return;
    case KIND_UINT8:
        write_values_of(run, KIND_UINT8, count);
        return;
    case KIND_INT32:
        write_values_of(run, KIND_INT32, count);
        return;
    default:
        write_values_of(run, kind, count);
        return;
    }
}

/* Writes an array of any length, a piece at a time so that little is reserved in vain. */
static bool write_array(struct run *run, enum field_kind kind, uint64_t count)
{
    size_t width = json_value_width(kind) + 1;
    size_t piece = JSON_SLACK / 2 / width;
    if (!check(run, count * field_kind_size(kind)))
        return false;
    while (count > 0) {
        size_t now = count < piece ? (size_t)count : piece;
        if (!reserve(run, now * width + 1))
            return false;
        write_values(run, kind, now);
        count -= now;
        if (count > 0)
            *run->at++ = ',';
    }
    return true;
}

static bool write_bytes(struct run *run, uint64_t count)
{
    if (!check(run, count))
        return false;
    size_t length = (size_t)count;
    if (run->style->options.bytes_as_array) {
        *run->at++ = '[';
        if (!write_array(run, KIND_UINT8, count) || !reserve(run, 1))
            return false;
        *run->at++ = ']';
        return true;
    }
    if (!reserve(run, base64_encoded_length(length) + 2))
        return false;
    *run->at++ = '"';
    run->at = base64_encode(run->bytes, length, run->at);
    *run->at++ = '"';
    run->bytes += length;
    return true;
}

static bool write_string(struct run *run)
{
    if (!check(run, sizeof(uint32_t)))
        return false;
    uint32_t length = bytes_u32(run->bytes);
    run->bytes += sizeof(uint32_t);
    if (!check(run, length))
        return false;
    leave_buffer(run);
    if (run->writer->out->length > run->writer->limit)
        run->code = ERROR_LIMIT;
    else
        run->code = json_text_append(run->writer->out, run->bytes, length,
                                     &run->writer->counts->invalid_utf8);
    enter_buffer(run);
    run->bytes += length;
    return run->code == ERROR_NONE;
}

/* Whether the elements of a loop can be there at all. */
static bool check_loop(struct run *run, const struct json_step *step, uint64_t count)
{
    if (step->reserve > 0)
        return check(run, count * step->reserve);
    if (step->size != JSON_COUNT_ON_WIRE || count <= LAYOUT_EMPTY_LIMIT)
        return true;
    run->code = ERROR_LIMIT;
    return false;
}

/* Runs the steps; false where one failed. */
static bool interpret(struct run *run, const struct json_program *program)
{
    uint32_t left[DEFINITION_DEPTH_LIMIT + 1] = {0};
    size_t depth = 0;
    const struct json_step *step = program->steps;
    for (;; step++) {
        uint64_t count = 0;
        switch ((int)step->op) {
        case JSON_STEP_RUN:
            if (!check(run, step->size) || !reserve(run, step->reserve))
                return false;
            continue;
        case KIND_FLOAT64:
            run->at = put_text(run->at, program, step);
            run->at = json_value_double(run->at, run->bytes, run->style, run->writer->counts);
            run->bytes += sizeof(double);
            continue;
        case JSON_STEP_RUN_ARRAY:
            run->at = put_text(run->at, program, step);
            write_values(run, (enum field_kind)step->kind, step->size);
            continue;
        default: /* the other kinds of single values */
            run->at = put_text(run->at, program, step);
            run->at = json_value(run->at, (enum field_kind)step->kind, run->bytes, run->style,
                                 run->writer->counts);
            run->bytes += field_kind_size((enum field_kind)step->kind);
            continue;
        case JSON_STEP_STRING:
        case JSON_STEP_ARRAY:
        case JSON_STEP_BYTES:
        case JSON_STEP_LOOP:
        case JSON_STEP_NEXT:
        case JSON_STEP_TEXT:
        case JSON_STEP_END:
            break;
        }
        if (!reserve(run, (size_t)step->text_length + 2 * JSON_TEXT_BLOCK))
            return false;
        run->at = put_text(run->at, program, step);
        switch ((int)step->op) {
        case JSON_STEP_STRING:
            if (!write_string(run))
                return false;
            break;
        case JSON_STEP_ARRAY:
            if (!read_count(run, step, &count) ||
                !write_array(run, (enum field_kind)step->kind, count))
                return false;
            break;
        case JSON_STEP_BYTES:
            if (!read_count(run, step, &count) || !write_bytes(run, count))
                return false;
            break;
        case JSON_STEP_LOOP:
            if (!read_count(run, step, &count) || !check_loop(run, step, count))
                return false;
            if (count > 0)
                left[depth++] = (uint32_t)count;
            else
                step = program->steps + step->target - 1;
            break;
        case JSON_STEP_NEXT:
            if (--left[depth - 1] > 0) {
                *run->at++ = ',';
                step = program->steps + step->target - 1;
            } else {
                depth--;
            }
            break;
        case JSON_STEP_END:
            return true;
        default:
            break;
        }
    }
}

enum error_code json_write(struct json_writer *writer, const struct json_program *program,
                           const struct json_style *style, const uint8_t **bytes,
                           const uint8_t *end)
{
    struct run run = {.writer = writer, .style = style, .bytes = *bytes, .end = end};
    /* Something, so that there is memory to point to. */
    run.code = json_writer_reserve(writer, JSON_TEXT_BLOCK);
    if (run.code != ERROR_NONE)
        return run.code;
    enter_buffer(&run);
    if (!interpret(&run, program))
        return run.code;
    leave_buffer(&run);
    *bytes = run.bytes;
    return ERROR_NONE;
}
