#include "message/definitions/md5sum.h"

#include <openssl/evp.h>

#include <inttypes.h>

static enum error_code append_constants(const struct message_type *type, struct buffer *text)
{
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < type->constant_count && code == ERROR_NONE; i++) {
        const struct constant *constant = &type->constants[i];
        code = buffer_append_format(text, "%s %s=%s\n", constant->type_text, constant->name,
                                    constant->value_text);
    }
    return code;
}

/* A nested type stands as its sum, whether array or not; a built-in array keeps its brackets. */
static enum error_code append_field(const struct field *field, md5sum_of_nested *nested,
                                    struct buffer *text)
{
    if (field->kind == KIND_MESSAGE)
        return buffer_append_format(text, "%s %s\n", nested(field->message), field->name);
    if (field->array == ARRAY_NONE)
        return buffer_append_format(text, "%s %s\n", field->type_text, field->name);
    if (field->array == ARRAY_VARIABLE)
        return buffer_append_format(text, "%s[] %s\n", field->type_text, field->name);
    return buffer_append_format(text, "%s[%" PRId64 "] %s\n", field->type_text, field->array,
                                field->name);
}

static enum error_code hash(const struct buffer *text, char *sum)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(text->data ? text->data : "", text->length, digest, &size, EVP_md5(), NULL) !=
            1 ||
        size != (MD5SUM_SIZE - 1) / 2)
        return ERROR_IO;
    for (size_t i = 0; i < size; i++) {
        sum[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        sum[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    sum[MD5SUM_SIZE - 1] = '\0';
    return ERROR_NONE;
}

enum error_code md5sum_compute(const struct message_type *type, md5sum_of_nested *nested,
                               struct buffer *scratch, char *sum)
{
    buffer_clear(scratch);
    enum error_code code = append_constants(type, scratch);
    for (size_t i = 0; i < type->field_count && code == ERROR_NONE; i++)
        code = append_field(&type->fields[i], nested, scratch);
    if (code != ERROR_NONE)
        return code;
    if (scratch->length > 0)
        scratch->length--; /* genmsg strips the last newline */
    return hash(scratch, sum);
}
