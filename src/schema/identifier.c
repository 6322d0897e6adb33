#include "schema/identifier.h"

#include "schema/reserved.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Whether the name needs no quotes in languages that fold the case. */
static bool is_plain(const char *name)
{
    return strspn(name, LOWER) > 0 && strspn(name, LOWER DIGITS "_") == strlen(name);
}

static enum error_code failed(enum error_code code, const char *what, struct error *error)
{
    return code == ERROR_NONE ? code
                              : error_set(error, code, what, 0, "the names take too much room: %s",
                                          error_code_name(code));
}

static enum error_code quote(const char *name, char mark, const char *what, struct buffer *out,
                             struct error *error)
{
    enum error_code code = buffer_append(out, &mark, 1);
    for (const char *at = name; *at && code == ERROR_NONE; at++) {
        code = buffer_append(out, at, 1);
        if (code == ERROR_NONE && *at == mark)
            code = buffer_append(out, at, 1);
    }
    if (code == ERROR_NONE)
        code = buffer_append(out, &mark, 1);
    return failed(code, what, error);
}

/* What no language has in a name. */
static enum error_code check(const char *name, const char *what, size_t limit, struct error *error)
{
    if (!*name)
        return error_set(error, ERROR_RANGE, what, 0, "the name of a %s is empty", what);
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            return error_set(error, ERROR_RANGE, what, (size_t)(at - name),
                             "the name of a %s has the control character 0x%02x; rename it", what,
                             (unsigned)(unsigned char)*at);
    }
    if (strlen(name) > limit)
        return error_set(error, ERROR_RANGE, what, 0,
                         "the %s's name %.80s has %zu characters; up to %zu are possible", what,
                         name, strlen(name), limit);
    return ERROR_NONE;
}

enum error_code identifier_cql(const char *name, const char *what, struct buffer *out,
                               struct error *error)
{
    enum error_code code = check(name, what, UINT16_MAX, error);
    if (code != ERROR_NONE)
        return code;
    if (is_plain(name) && !reserved_in_cql(name))
        return failed(buffer_append_text(out, name), what, error);
    return quote(name, '"', what, out, error);
}

enum error_code identifier_cql_table(const char *name, const char *what, struct buffer *out,
                                     struct error *error)
{
    size_t length = strspn(name, LOWER UPPER DIGITS "_");
    if (name[length] != '\0')
        return error_set(error, ERROR_RANGE, what, length,
                         "the %s's name %.80s has '%c'; Cassandra has only letters, digits and "
                         "'_' there",
                         what, name, name[length]);
    enum error_code code = check(name, what, IDENTIFIER_CQL_TABLE, error);
    return code == ERROR_NONE ? identifier_cql(name, what, out, error) : code;
}

enum error_code identifier_mysql(const char *name, const char *what, struct buffer *out,
                                 struct error *error)
{
    enum error_code code = check(name, what, IDENTIFIER_SQL, error);
    if (code != ERROR_NONE)
        return code;
    if (name[strlen(name) - 1] == ' ')
        return error_set(error, ERROR_RANGE, what, strlen(name) - 1,
                         "the %s's name \"%s\" ends with a space, which MySQL has not; rename it",
                         what, name);
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at >= 0xf0) /* four bytes of UTF-8 */
            return error_set(error, ERROR_RANGE, what, (size_t)(at - name),
                             "the %s's name %s has a character above U+FFFF, which MySQL has not; "
                             "rename it",
                             what, name);
    }
    return quote(name, '`', what, out, error);
}

enum error_code identifier_ksql(const char *name, const char *what, struct buffer *out,
                                struct error *error)
{
    enum error_code code = check(name, what, IDENTIFIER_STREAM, error);
    if (code != ERROR_NONE)
        return code;
    if (is_plain(name) && !reserved_in_ksql(name))
        return failed(buffer_append_text(out, name), what, error);
    return quote(name, '`', what, out, error);
}

void identifier_of_topic(const char *topic, char *name)
{
    for (; *topic; topic++)
        *name++ = *topic == '.' || *topic == '-' ? '_' : *topic;
    *name = '\0';
}
