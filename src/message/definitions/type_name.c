#include "message/definitions/type_name.h"

#include <string.h>

static const struct {
    const char *name;
    enum field_kind kind;
} builtin_types[] = {
    {"bool", KIND_BOOL},       {"int8", KIND_INT8},         {"uint8", KIND_UINT8},
    {"int16", KIND_INT16},     {"uint16", KIND_UINT16},     {"int32", KIND_INT32},
    {"uint32", KIND_UINT32},   {"int64", KIND_INT64},       {"uint64", KIND_UINT64},
    {"float32", KIND_FLOAT32}, {"float64", KIND_FLOAT64},   {"string", KIND_STRING},
    {"time", KIND_TIME},       {"duration", KIND_DURATION}, {"byte", KIND_INT8},
    {"char", KIND_UINT8},
};

enum field_kind type_name_kind(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof builtin_types / sizeof *builtin_types; i++) {
        if (strlen(builtin_types[i].name) == length &&
            memcmp(builtin_types[i].name, name, length) == 0)
            return builtin_types[i].kind;
    }
    return KIND_MESSAGE;
}

const char *field_kind_name(enum field_kind kind)
{
    for (size_t i = 0; i < sizeof builtin_types / sizeof *builtin_types; i++) {
        if (builtin_types[i].kind == kind)
            return builtin_types[i].name;
    }
    return "message";
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool type_name_is_plain(const char *name, size_t length)
{
    if (length == 0 || !is_letter(name[0]))
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!is_letter(name[i]) && !(name[i] >= '0' && name[i] <= '9') && name[i] != '_')
            return false;
    }
    return true;
}

bool type_name_is_full(const char *name, size_t length)
{
    const char *slash = memchr(name, '/', length);
    if (!slash)
        return false;
    size_t package = (size_t)(slash - name);
    return type_name_is_plain(name, package) && type_name_is_plain(slash + 1, length - package - 1);
}
