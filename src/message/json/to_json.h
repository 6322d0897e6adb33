/* Serialized bytes → JSON, in one pass. The contract is docs/json.md (design, section 5). */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_TO_JSON_H
#define KAFKA_BRIDGE_MESSAGE_JSON_TO_JSON_H

#include "base/buffer.h"
#include "message/plan/plan.h"

struct to_json_options {
    bool non_finite_as_string; /* "NaN", "Infinity", "-Infinity" instead of null */
    bool bytes_as_array;       /* uint8[] and char[] as arrays of numbers instead of base64 */
};

/* What was changed on the way because JSON cannot say it. Added to, never reset. */
struct to_json_counts {
    uint64_t invalid_utf8; /* bytes replaced by U+FFFD */
    uint64_t non_finite;   /* NaN and infinities written as null */
};

/* Appends the message as compact JSON (RFC 8259): fields in the definition's order, no newline.
 * Numbers: doubles as the shortest text that reads back to the same bits, always with '.' or an
 * exponent. `options` and `counts` may be NULL. On failure `out` has its old length.
 * Errors: ERROR_TRUNCATED, ERROR_TRAILING (path and byte position), ERROR_LIMIT (`out` is full),
 * ERROR_MEMORY. */
enum error_code to_json(const struct plan *plan, const uint8_t *bytes, size_t length,
                        const struct to_json_options *options, struct buffer *out,
                        struct to_json_counts *counts, struct error *error) MUST_CHECK;

#endif
