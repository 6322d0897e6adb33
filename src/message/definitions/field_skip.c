#include "message/definitions/field_skip.h"

#include "message/definitions/field_size.h"
#include "message/values/bytes.h"

static const uint8_t *skip_value(const struct field *field, const uint8_t *bytes)
{
    size_t size = field_value_size(field);
    if (size != SIZE_MAX)
        return bytes + size;
    if (field->kind == KIND_STRING)
        return bytes + sizeof(uint32_t) + bytes_u32(bytes);
    for (size_t i = 0; i < field->message->field_count; i++)
        bytes = field_skip(&field->message->fields[i], bytes);
    return bytes;
}

const uint8_t *field_skip_elements(const struct field *field, uint64_t count, const uint8_t *bytes)
{
    size_t size = field_value_size(field);
    if (size != SIZE_MAX)
        return bytes + count * size;
    for (uint64_t i = 0; i < count; i++)
        bytes = skip_value(field, bytes);
    return bytes;
}

const uint8_t *field_skip(const struct field *field, const uint8_t *bytes)
{
    if (field->array == ARRAY_NONE)
        return skip_value(field, bytes);
    if (field->array == ARRAY_VARIABLE)
        return field_skip_elements(field, bytes_u32(bytes), bytes + sizeof(uint32_t));
    return field_skip_elements(field, (uint64_t)field->array, bytes);
}
