/* MD5 sums as ROS has them: of a message type's md5 text, in hexadecimal.
 * Source: genmsg's gentools.compute_md5_text. Any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_MD5SUM_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_MD5SUM_H

#include "base/buffer.h"
#include "message/definitions/definition.h"

#define MD5SUM_SIZE 33 /* 32 hexadecimal digits and NUL */

/* Says the md5sum of a nested type. */
typedef const char *md5sum_of_nested(const struct message_type *type);

/* Writes the md5sum of `type` into `sum` (MD5SUM_SIZE bytes). The nested types' sums are asked of
 * `nested`; `scratch` holds the text on the way. Errors: ERROR_LIMIT, ERROR_MEMORY, ERROR_IO where
 * OpenSSL refuses MD5. */
enum error_code md5sum_compute(const struct message_type *type, md5sum_of_nested *nested,
                               struct buffer *scratch, char *sum) MUST_CHECK;

#endif
