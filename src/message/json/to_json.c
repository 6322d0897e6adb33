#include "message/json/to_json.h"

#include "message/json/json_write.h"
#include "message/plan/fault.h"
#include "message/plan/plan_program.h"
#include "message/values/bytes.h"

static enum error_code describe(const struct plan *plan, enum error_code code, const uint8_t *bytes,
                                size_t length, const struct buffer *out, struct error *error)
{
    if (code == ERROR_MEMORY)
        return error_set(error, code, "$", 0, "out of memory");
    enum error_code fault = fault_describe(plan_message(plan), bytes, length, error);
    if (fault != ERROR_NONE)
        return fault;
    return error_set(error, code, "$", 0,
                     "the JSON of the %s does not fit into the %zu bytes that are allowed",
                     plan_type(plan), out->limit);
}

enum error_code to_json(const struct plan *plan, const uint8_t *bytes, size_t length,
                        const struct to_json_options *options, struct buffer *out,
                        struct to_json_counts *counts, struct error *error)
{
    struct json_style style = {.precision = JSON_EVERY_DIGIT};
    struct to_json_counts changes = {0};
    struct json_writer writer;
    bytes = bytes_begin(bytes);
    const uint8_t *at = bytes;
    if (options)
        style.options = *options;
    json_writer_begin(&writer, out, &changes);
    enum error_code code =
        json_write(&writer, plan_json_program(plan), &style, &at, bytes + length);
    if (code == ERROR_NONE && at != bytes + length)
        code = ERROR_TRAILING;
    code = json_writer_end(&writer, code);
    if (code != ERROR_NONE)
        return describe(plan, code, bytes, length, out, error);
    if (counts) {
        counts->invalid_utf8 += changes.invalid_utf8;
        counts->non_finite += changes.non_finite;
    }
    return ERROR_NONE;
}
