#include "metrics/text.h"

#include "message/values/number.h"
#include "message/values/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void metrics_text_init(struct metrics_text *text, size_t limit)
{
    *text = (struct metrics_text){.family = ""};
    buffer_init(&text->bytes, limit);
}

void metrics_text_fini(struct metrics_text *text)
{
    buffer_fini(&text->bytes);
}

void metrics_text_begin(struct metrics_text *text)
{
    buffer_clear(&text->bytes);
    text->family = "";
    text->code = ERROR_NONE;
}

static void append(struct metrics_text *text, const char *bytes, size_t length)
{
    if (text->code == ERROR_NONE)
        text->code = buffer_append(&text->bytes, bytes, length);
}

static void append_text(struct metrics_text *text, const char *more)
{
    append(text, more, strlen(more));
}

/* Helps escape backslash and line feed, label values the double quote as well. */
static void append_escaped(struct metrics_text *text, const char *raw, bool quoted)
{
    const uint8_t *bytes = (const uint8_t *)raw;
    for (size_t left = strlen(raw); left > 0;) {
        size_t length = utf8_length(bytes, left);
        if (*bytes == '\\')
            append_text(text, "\\\\");
        else if (*bytes == '\n')
            append_text(text, "\\n");
        else if (*bytes == '"' && quoted)
            append_text(text, "\\\"");
        else if (length == 0)
            append_text(text, "?");
        else
            append(text, (const char *)bytes, length);
        bytes += length > 0 ? length : 1;
        left -= length > 0 ? length : 1;
    }
}

void metrics_text_family(struct metrics_text *text, const char *name, enum metrics_type type,
                         const char *help)
{
    text->family = name;
    append_text(text, "# HELP ");
    append_text(text, name);
    append_text(text, " ");
    append_escaped(text, help, false);
    append_text(text, "\n# TYPE ");
    append_text(text, name);
    append_text(text, type == METRICS_COUNTER ? " counter\n" : " gauge\n");
}

static void append_sample(struct metrics_text *text, const struct metrics_label *labels,
                          size_t count, const char *value, size_t length)
{
    append_text(text, text->family);
    for (size_t i = 0; i < count; i++) {
        append_text(text, i == 0 ? "{" : ",");
        append_text(text, labels[i].name);
        append_text(text, "=\"");
        append_escaped(text, labels[i].value, true);
        append_text(text, "\"");
    }
    append_text(text, count > 0 ? "} " : " ");
    append(text, value, length);
    append_text(text, "\n");
}

void metrics_text_count(struct metrics_text *text, const struct metrics_label *labels, size_t count,
                        uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
    append_sample(text, labels, count, digits, (size_t)length);
}

void metrics_text_value(struct metrics_text *text, const struct metrics_label *labels, size_t count,
                        double value)
{
    char digits[NUMBER_TEXT_SIZE];
    if (isnan(value))
        append_sample(text, labels, count, "NaN", 3);
    else if (isinf(value))
        append_sample(text, labels, count, value > 0 ? "+Inf" : "-Inf", 4);
    else
        append_sample(text, labels, count, digits, number_write_double(value, digits));
}

enum error_code metrics_text_finish(const struct metrics_text *text, struct error *error)
{
    if (text->code == ERROR_LIMIT)
        return error_set(error, ERROR_LIMIT, text->family, 0,
                         "the figures take more than %zu bytes", text->bytes.limit);
    if (text->code != ERROR_NONE)
        return error_set(error, text->code, text->family, 0, "out of memory");
    return ERROR_NONE;
}
