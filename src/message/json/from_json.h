/* JSON → serialized bytes. The contract is docs/json.md (design, section 5). */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_FROM_JSON_H
#define KAFKA_BRIDGE_MESSAGE_JSON_FROM_JSON_H

#include "base/buffer.h"
#include "message/plan/plan.h"

#define FROM_JSON_DEPTH_LIMIT 128 /* nesting of JSON values, unknown ones included */

struct from_json_options {
    bool strict; /* a field that is not there is an error instead of zero */
};

/* Appends the message that `text` (`length` bytes of UTF-8, one JSON object with white space around
 * it) says. Fields may come in any order; those in the definition's order cost one pass.
 * `options` may be NULL. On failure `out` has its old length.
 * Errors, each with its path (`$.pose.covariance[36]`) and byte position: ERROR_SYNTAX, ERROR_TYPE,
 * ERROR_RANGE, ERROR_LENGTH, ERROR_UNKNOWN, ERROR_DUPLICATE, ERROR_MISSING (strict),
 * ERROR_TRAILING, ERROR_LIMIT, ERROR_MEMORY. */
enum error_code from_json(const struct plan *plan, const char *text, size_t length,
                          const struct from_json_options *options, struct buffer *out,
                          struct error *error) MUST_CHECK;

#endif
