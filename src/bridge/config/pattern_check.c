#include "bridge/config/pattern_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define WHOLE_LENGTH(alternative)                                                                  \
    (int)((alternative)->end - (alternative)->begin), (alternative)->begin

/* What stands between two '|' that are in no parentheses. */
struct alternative {
    const char *begin;
    const char *end;
};

/* Behind the expression that begins at `at`: a character, an escaped one, or a bracket's list. */
static const char *step(const char *at)
{
    if (*at == '\\' && at[1])
        return at + 2;
    if (*at != '[')
        return at + 1;
    at++;
    at += *at == '^';
    at += *at == ']'; /* first in the list it is one of it */
    while (*at && *at != ']') {
        bool class = *at == '[' && at[1] && strchr(".:=", at[1]);
        const char *close = class ? strchr(at + 2, ']') : NULL;
        at = close ? close + 1 : at + 1;
    }
    return *at ? at + 1 : at;
}

/* The next alternative from `*at` on, which moves behind it; false: there is none. */
static bool next(const char **at, struct alternative *alternative)
{
    int depth = 0;
    if (!*at)
        return false;
    alternative->begin = *at;
    const char *end = *at;
    while (*end && !(*end == '|' && depth == 0)) {
        depth += (*end == '(') - (*end == ')');
        end = step(end);
    }
    alternative->end = end;
    *at = *end ? end + 1 : NULL;
    return true;
}

static bool repeats(const char *at)
{
    return *at && strchr("*+?{", *at);
}

/* The first '/' that is repeated; NULL: none is. */
static const char *repeated_slash(const struct alternative *alternative)
{
    for (const char *at = alternative->begin; at < alternative->end; at = step(at)) {
        if (*at == '/' && at[1] == '*')
            return at;
    }
    return NULL;
}

static bool begins_with_a_word(const struct alternative *alternative)
{
    const char *at = alternative->begin;
    at += *at == '^';
    unsigned char first = (unsigned char)*at;
    return at < alternative->end && (isalnum(first) || first == '_' || first == '~') &&
           (at[1] == '+' || !repeats(at + 1));
}

static bool ends_with_a_slash(const struct alternative *alternative)
{
    const char *last = alternative->begin;
    for (const char *at = alternative->begin; at < alternative->end; at = step(at))
        last = *at == '$' ? last : at;
    return last < alternative->end && *last == '/' && last > alternative->begin;
}

enum error_code pattern_check_ros(const char *pattern, struct error *error)
{
    struct alternative one;
    for (const char *at = pattern; next(&at, &one);) {
        const char *slash = repeated_slash(&one);
        if (slash)
            return error_set(error, ERROR_RANGE, "", 0,
                             "found \"%s\": \"/*\" means any number of '/', and a topic's name has "
                             "only single ones; in a regular expression \".*\" is any text, as in "
                             "\"%.*s/.*\"",
                             pattern, (int)(slash - one.begin), one.begin);
        if (begins_with_a_word(&one))
            return error_set(error, ERROR_RANGE, "", 0,
                             "found \"%s\": \"%.*s\" matches no topic, as full names begin with "
                             "'/'; write \"/%.*s\"",
                             pattern, WHOLE_LENGTH(&one), WHOLE_LENGTH(&one));
        if (ends_with_a_slash(&one))
            return error_set(error, ERROR_RANGE, "", 0,
                             "found \"%s\": \"%.*s\" matches no topic, as no name ends with '/'; "
                             "for all topics below it write \"%.*s.*\"",
                             pattern, WHOLE_LENGTH(&one), WHOLE_LENGTH(&one));
    }
    return ERROR_NONE;
}

enum error_code pattern_check_kafka(const char *pattern, struct error *error)
{
    struct alternative one;
    for (const char *at = pattern; next(&at, &one);)
        for (const char *of = one.begin; of < one.end; of = step(of))
            if (*of == '/' && !repeats(of + 1))
                return error_set(error, ERROR_RANGE, "", 0,
                                 "found \"%s\": \"%.*s\" matches no Kafka topic, as their names "
                                 "have no '/'; ROS's \"/\" is \".\" there (\"[.]\" in a regular "
                                 "expression)",
                                 pattern, WHOLE_LENGTH(&one));
    return ERROR_NONE;
}
