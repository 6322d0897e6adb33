#include "message/definitions/field_size.h"

static const size_t kind_sizes[] = {
    [KIND_BOOL] = 1,   [KIND_INT8] = 1,     [KIND_UINT8] = 1,   [KIND_INT16] = 2,
    [KIND_UINT16] = 2, [KIND_INT32] = 4,    [KIND_UINT32] = 4,  [KIND_INT64] = 8,
    [KIND_UINT64] = 8, [KIND_FLOAT32] = 4,  [KIND_FLOAT64] = 8, [KIND_STRING] = 0,
    [KIND_TIME] = 8,   [KIND_DURATION] = 8, [KIND_MESSAGE] = 0,
};

size_t field_kind_size(enum field_kind kind)
{
    return kind_sizes[kind];
}

size_t field_value_size(const struct field *field)
{
    if (field->kind == KIND_MESSAGE)
        return field->message->fixed_size;
    return field->kind == KIND_STRING ? SIZE_MAX : field_kind_size(field->kind);
}

size_t field_value_minimum(const struct field *field)
{
    if (field->kind == KIND_MESSAGE)
        return field->message->minimum_size;
    return field->kind == KIND_STRING ? sizeof(uint32_t) : field_kind_size(field->kind);
}

size_t field_minimum(const struct field *field)
{
    size_t size = field_value_minimum(field);
    if (field->array == ARRAY_VARIABLE)
        return sizeof(uint32_t);
    if (field->array >= 0 && __builtin_mul_overflow(size, (size_t)field->array, &size))
        return SIZE_MAX;
    return size;
}
