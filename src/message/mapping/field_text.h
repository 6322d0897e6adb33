/* One value of a message as plain text, for record keys and text records: `header.frame_id`,
 * `id`, `data`. Immutable once made; any number of threads may use it; borrows its plan.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_FIELD_TEXT_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_FIELD_TEXT_H

#include "base/buffer.h"
#include "message/plan/plan.h"

struct field_text;

/* `path` must lead to a single value that is no message: errors as to_record_create's. */
enum error_code field_text_create(const struct plan *plan, const char *path,
                                  struct field_text **field, struct error *error) MUST_CHECK;
void field_text_destroy(struct field_text *field);

/* Appends a string's bytes as they are (no escapes), numbers and bools as in JSON, times as
 * seconds. An index past the end of a variable array appends nothing. Errors: ERROR_TRUNCATED,
 * ERROR_LIMIT, ERROR_MEMORY. */
enum error_code field_text_append(const struct field_text *field, const uint8_t *bytes,
                                  size_t length, struct buffer *out,
                                  struct error *error) MUST_CHECK;

#endif
