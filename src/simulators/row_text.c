#include "simulators/row_text.h"

#include "message/json/json_scan.h"
#include "message/json/json_text.h"

static bool is_json_number(const struct csv_cell *cell)
{
    struct json_scan scan = json_scan_over(cell->text, cell->length);
    struct json_number number;
    char first = cell->length > 0 ? cell->text[0] : ' ';
    return json_kind_of(first) == JSON_NUMBER && json_scan_number(&scan, &number) == ERROR_NONE &&
           scan.position == cell->length;
}

static enum error_code append_string(const struct csv_cell *cell, struct buffer *out)
{
    uint64_t invalid = 0;
    return json_text_append(out, (const uint8_t *)cell->text, cell->length, &invalid);
}

static enum error_code append_cell(const struct csv_cell *cell, struct buffer *out)
{
    if (cell->missing)
        return buffer_append_text(out, "null");
    if (is_json_number(cell))
        return buffer_append(out, cell->text, cell->length);
    return append_string(cell, out);
}

static enum error_code append_object(const struct csv_row *names, const struct csv_row *row,
                                     struct buffer *out)
{
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < row->count && code == ERROR_NONE; i++) {
        code = buffer_append_text(out, i ? "," : "{");
        if (code == ERROR_NONE)
            code = append_string(&names->cells[i], out);
        if (code == ERROR_NONE)
            code = buffer_append_text(out, ":");
        if (code == ERROR_NONE)
            code = append_cell(&row->cells[i], out);
    }
    return code == ERROR_NONE ? buffer_append_text(out, "}") : code;
}

static enum error_code append_words(const struct csv_row *row, const char *separator,
                                    struct buffer *out)
{
    enum error_code code = ERROR_NONE;
    size_t begin = out->length;
    for (size_t i = 0; i < row->count && code == ERROR_NONE; i++) {
        if (row->cells[i].length == 0)
            continue;
        if (out->length > begin)
            code = buffer_append_text(out, separator);
        if (code == ERROR_NONE)
            code = buffer_append(out, row->cells[i].text, row->cells[i].length);
    }
    return code;
}

enum error_code row_text_append(enum row_form form, const struct csv_row *names,
                                const struct csv_row *row, const char *separator,
                                struct buffer *out)
{
    switch (form) {
    case ROW_OBJECT:
        return append_object(names, row, out);
    case ROW_ARRAY: {
        enum error_code code = buffer_append_text(out, "[");
        if (code == ERROR_NONE)
            code = append_object(names, row, out);
        return code == ERROR_NONE ? buffer_append_text(out, "]") : code;
    }
    case ROW_TEXT:
    case ROW_LINE:
        return append_words(row, separator, out);
    }
    return ERROR_ARGUMENT;
}
