/* A byte buffer that grows up to a limit given when it is made.
 *
 * The caller owns the struct; `buffer_fini` frees what it points to. A buffer keeps its memory when
 * cleared, so that a hot path stops allocating once it is warm. Threads: one at a time.
 */
#ifndef KAFKA_BRIDGE_BASE_BUFFER_H
#define KAFKA_BRIDGE_BASE_BUFFER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buffer {
    char *data; /* not terminated; NULL until the first reserve */
    size_t length;
    size_t capacity;
    size_t limit; /* bytes; a reserve past it fails with ERROR_LIMIT */
};

void buffer_init(struct buffer *buffer, size_t limit);
void buffer_fini(struct buffer *buffer);

/* Grows so that `extra` more bytes fit. Returns ERROR_NONE, ERROR_LIMIT or ERROR_MEMORY; on failure
 * the buffer is unchanged. Called only where the room is not there: use buffer_reserve. */
enum error_code buffer_grow(struct buffer *buffer, size_t extra) MUST_CHECK;

static inline MUST_CHECK enum error_code buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (extra <= buffer->capacity - buffer->length)
        return ERROR_NONE;
    return buffer_grow(buffer, extra);
}

static inline MUST_CHECK enum error_code buffer_append(struct buffer *buffer, const void *bytes,
                                                       size_t length)
{
    enum error_code code = buffer_reserve(buffer, length);
    if (code != ERROR_NONE)
        return code;
    if (length > 0)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    return ERROR_NONE;
}

/* Appends a NUL-terminated text, without its NUL. */
static inline MUST_CHECK enum error_code buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

enum error_code buffer_append_format(struct buffer *buffer, const char *format, ...) MUST_CHECK
    PRINTF_LIKE(2, 3);

/* Forgets the contents and keeps the memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

#endif
