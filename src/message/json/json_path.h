/* Paths into JSON values: `$`, `$.a.b[0]`, `a.b`, `$["Total Count"].x`, `$['Total Count']`. The
 * leading `$` may be left out; a bare name is letters, digits, '_', '-' and everything above ASCII.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_PATH_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_PATH_H

#include "base/error.h"
#include "message/values/arena.h"

#include <stddef.h>

#define JSON_PATH_STEPS_MAX 64

struct json_path_step {
    const char *name; /* of a member; NULL for an element */
    size_t index;     /* of an element */
};

struct json_path {
    const char *text; /* from `$` on, in its usual form, for messages */
    const struct json_path_step *steps;
    size_t count;
};

/* Parses `text` into memory of `arena`. Errors: ERROR_SYNTAX, ERROR_LIMIT (too many steps),
 * ERROR_MEMORY; `owner` becomes the error's path, the position is that in `text`. */
enum error_code json_path_parse(const char *text, const char *owner, struct arena *arena,
                                struct json_path *path, struct error *error) MUST_CHECK;

#endif
