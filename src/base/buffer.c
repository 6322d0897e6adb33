#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer){.limit = limit};
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.limit = buffer->limit};
}

enum error_code buffer_grow(struct buffer *buffer, size_t extra)
{
    if (extra > buffer->limit || buffer->length > buffer->limit - extra)
        return ERROR_LIMIT;
    size_t needed = buffer->length + extra;
    size_t capacity = buffer->capacity > buffer->limit / 2 ? buffer->limit : buffer->capacity * 2;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity > buffer->limit)
        capacity = buffer->limit;
    if (capacity < needed)
        capacity = needed;
    char *data = buffer->length > 0 ? realloc(buffer->data, capacity) : malloc(capacity);
    if (!data)
        return ERROR_MEMORY;
    if (buffer->length == 0)
        free(buffer->data); /* nothing of it is copied */
    buffer->data = data;
    buffer->capacity = capacity;
    return ERROR_NONE;
}

enum error_code buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    enum error_code code = length < 0 ? ERROR_ARGUMENT : buffer_reserve(buffer, (size_t)length + 1);
    if (code == ERROR_NONE) {
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    return code;
}
