#include "bridge/config/config_check.h"

#include "base/home.h"
#include "bridge/config/pattern_check.h"
#include "bridge/flow/names.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *config_own(struct config *config, char *text)
{
    char **owned =
        text ? realloc(config->owned, (config->owned_count + 1) * sizeof *owned) : config->owned;
    if (!text || !owned) {
        free(text);
        return NULL;
    }
    config->owned = owned;
    config->owned[config->owned_count++] = text;
    return text;
}

void config_check_kafka_topic(struct config_reader *reader, const char *key, const char *text)
{
    struct error error;
    if (names_check_kafka_topic(text, &error) != ERROR_NONE)
        config_reader_problem(reader, key, "%s", error.text);
}

static bool check_regex(struct config_reader *reader, const char *key, const char *pattern)
{
    regex_t compiled;
    int code = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        char text[128];
        (void)regerror(code, &compiled, text, sizeof text);
        config_reader_problem(reader, key,
                              "found \"%s\": %s; a POSIX extended regular expression is expected",
                              pattern, text);
        return false;
    }
    regfree(&compiled);
    return true;
}

void config_check_ros_pattern(struct config_reader *reader, const char *key, const char *pattern)
{
    struct error error;
    if (check_regex(reader, key, pattern) && pattern_check_ros(pattern, &error) != ERROR_NONE)
        config_reader_problem(reader, key, "%s", error.text);
}

void config_check_kafka_pattern(struct config_reader *reader, const char *key, const char *pattern)
{
    struct error error;
    if (check_regex(reader, key, pattern) && pattern_check_kafka(pattern, &error) != ERROR_NONE)
        config_reader_problem(reader, key, "%s", error.text);
}

static bool names_tls_file(const char *key)
{
    static const char *const names[] = {"ssl.ca.location", "ssl.certificate.location",
                                        "ssl.key.location", "ssl.keystore.location",
                                        "ssl.crl.location"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(key, names[i]) == 0)
            return true;
    }
    return false;
}

const char *config_check_tls_file(struct config_reader *reader, const char *key, const char *value,
                                  char *path, size_t size)
{
    /* "probe" has librdkafka look in the usual places. */
    if (!names_tls_file(key) || !*value || strcmp(value, "probe") == 0)
        return value;
    if (!home_expand(value, path, size))
        config_reader_problem(reader, key, "the path is too long");
    else if (access(path, R_OK) != 0)
        config_reader_problem(reader, key, "%s cannot be read: %s", value, strerror(errno));
    return path;
}

struct plan *config_plan(struct config_reader *reader, const char *key, const char *type,
                         struct packages *packages)
{
    struct buffer text;
    struct plan *plan = NULL;
    struct error error;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    if (packages_definition(packages, type, &text, &error) != ERROR_NONE ||
        plan_create(type, text.data, text.length, NULL, &plan, &error) != ERROR_NONE)
        config_reader_problem(reader, key, "found \"%s\": %s", type, error.text);
    buffer_fini(&text);
    return plan;
}
