/* JSON strings written from bytes. Any thread, one per buffer. */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_TEXT_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_TEXT_H

#include "base/buffer.h"

#include <stdint.h>

/* Appends `bytes` as a JSON string with its quotes. Control characters, '"' and '\' are escaped;
 * each byte that is not UTF-8 (RFC 3629) becomes U+FFFD and adds one to `*invalid`. ERROR_LIMIT
 * (where fewer than JSON_TEXT_SLACK bytes would be left behind the string) or ERROR_MEMORY; on
 * failure `out` has its old length. */
#define JSON_TEXT_SLACK 16

enum error_code json_text_append(struct buffer *out, const uint8_t *bytes, size_t length,
                                 uint64_t *invalid) MUST_CHECK;

#endif
