#include "schema/json_print.h"

#include <stdlib.h>

static enum error_code put_scalar(const cJSON *value, struct buffer *out)
{
    char *text = cJSON_PrintUnformatted(value);
    enum error_code code = text ? buffer_append_text(out, text) : ERROR_MEMORY;
    free(text);
    return code;
}

static enum error_code put_name(const char *name, struct buffer *out)
{
    if (!name)
        return ERROR_NONE;
    cJSON *text = cJSON_CreateStringReference(name);
    enum error_code code = text ? put_scalar(text, out) : ERROR_MEMORY;
    cJSON_Delete(text);
    return code == ERROR_NONE ? buffer_append_text(out, ": ") : code;
}

static enum error_code put_indent(int depth, struct buffer *out)
{
    return buffer_append_format(out, "\n%*s", 2 * depth, "");
}

static enum error_code put(const cJSON *value, int depth, bool on_one_line, struct buffer *out);

/* The members or elements with their brackets. */
static enum error_code put_list(const cJSON *value, int depth, bool on_one_line, struct buffer *out)
{
    bool is_object = cJSON_IsObject(value);
    enum error_code code = buffer_append_text(out, is_object ? "{" : "[");
    for (const cJSON *item = value->child; item && code == ERROR_NONE; item = item->next) {
        code = on_one_line ? ERROR_NONE : put_indent(depth + 1, out);
        if (code == ERROR_NONE)
            code = put_name(is_object ? item->string : NULL, out);
        if (code == ERROR_NONE)
            code = put(item, depth + 1, on_one_line, out);
        if (code == ERROR_NONE && item->next)
            code = buffer_append_text(out, on_one_line ? ", " : ",");
    }
    if (code == ERROR_NONE && !on_one_line)
        code = put_indent(depth, out);
    return code == ERROR_NONE ? buffer_append_text(out, is_object ? "}" : "]") : code;
}

/* Bytes behind the last newline. */
static size_t column_of(const struct buffer *out)
{
    size_t start = out->length;
    while (start > 0 && out->data[start - 1] != '\n')
        start--;
    return out->length - start;
}

static enum error_code put(const cJSON *value, int depth, bool on_one_line, struct buffer *out)
{
    bool is_list = cJSON_IsObject(value) || cJSON_IsArray(value);
    if (!is_list)
        return put_scalar(value, out);
    if (on_one_line || !value->child)
        return put_list(value, depth, true, out);
    struct buffer line; /* bounded, so that what does not fit is found out at once */
    buffer_init(&line, JSON_PRINT_WIDTH);
    enum error_code code = put_list(value, depth, true, &line);
    bool fits = code == ERROR_NONE && column_of(out) + line.length < JSON_PRINT_WIDTH;
    if (fits)
        code = buffer_append(out, line.data, line.length);
    else if (code == ERROR_NONE || code == ERROR_LIMIT)
        code = put_list(value, depth, false, out);
    buffer_fini(&line);
    return code;
}

enum error_code json_print(const cJSON *value, struct buffer *out)
{
    enum error_code code = put(value, 0, false, out);
    return code == ERROR_NONE ? buffer_append_text(out, "\n") : code;
}
