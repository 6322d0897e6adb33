#include "message/json/from_json.h"

#include "message/json/json_reader.h"

enum error_code from_json(const struct plan *plan, const char *text, size_t length,
                          const struct from_json_options *options, struct buffer *out,
                          struct error *error)
{
    size_t begin = out->length;
    struct json_reader reader = {
        .scan = json_scan_over(text, length),
        .out = out,
        .error = error,
        .root = "$",
        .strict = options && options->strict,
    };
    if (length > JSON_READER_TEXT_LIMIT)
        return json_reader_fail(&reader, ERROR_LIMIT, 0, "found %zu bytes of JSON, at most %u go",
                                length, JSON_READER_TEXT_LIMIT);
    enum error_code code = json_read_message(&reader, plan_message(plan));
    if (code == ERROR_NONE) {
        code = json_scan_finish(&reader.scan);
        if (code != ERROR_NONE)
            (void)json_reader_fail_scan(&reader, code);
    }
    if (code != ERROR_NONE)
        out->length = begin;
    return code;
}
