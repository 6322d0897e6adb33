#include "bridge/config/config_reader.h"

#include "base/nearest.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_EDITS 3 /* a key further away than these is another key */

void config_reader_init(struct config_reader *reader, const cJSON *object, const char *path,
                        struct problems *problems)
{
    *reader = (struct config_reader){.object = object, .problems = problems};
    (void)snprintf(reader->path, sizeof reader->path, "%s", path);
    if (object && !cJSON_IsObject(object)) {
        char found[64];
        config_describe(object, found, sizeof found);
        problems_add(problems, path, "found %s; a mapping of keys to values is expected", found);
        reader->object = NULL;
    }
}

const char *config_describe(const cJSON *value, char *text, size_t size)
{
    if (cJSON_IsString(value))
        (void)snprintf(text, size, "\"%.48s\"", value->valuestring);
    else if (cJSON_IsBool(value))
        (void)snprintf(text, size, "%s", cJSON_IsTrue(value) ? "true" : "false");
    else if (cJSON_IsNumber(value))
        (void)snprintf(text, size, "%.15g", value->valuedouble);
    else if (cJSON_IsArray(value))
        (void)snprintf(text, size, "a list");
    else if (cJSON_IsObject(value))
        (void)snprintf(text, size, "a mapping");
    else
        (void)snprintf(text, size, "nothing");
    return text;
}

void config_reader_problem(struct config_reader *reader, const char *key, const char *format, ...)
{
    char path[2 * ERROR_PATH_SIZE];
    char text[ERROR_TEXT_SIZE];
    (void)snprintf(path, sizeof path, "%s%s%s", reader->path, *reader->path ? "." : "", key);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    problems_add(reader->problems, path, "%s", text);
}

const cJSON *config_read_any(struct config_reader *reader, const char *key)
{
    if (reader->known_count < READER_KEYS_LIMIT)
        reader->known[reader->known_count++] = key;
    return reader->object ? cJSON_GetObjectItemCaseSensitive(reader->object, key) : NULL;
}

static void wrong_type(struct config_reader *reader, const char *key, const cJSON *value,
                       const char *expected)
{
    char found[64];
    config_describe(value, found, sizeof found);
    config_reader_problem(reader, key, "found %s; %s is expected", found, expected);
}

const char *config_read_text(struct config_reader *reader, const char *key, const char *fallback)
{
    const cJSON *value = config_read_any(reader, key);
    if (!value)
        return fallback;
    if (!cJSON_IsString(value)) {
        wrong_type(reader, key, value, "a text");
        return fallback;
    }
    return value->valuestring;
}

bool config_read_bool(struct config_reader *reader, const char *key, bool fallback)
{
    const cJSON *value = config_read_any(reader, key);
    if (!value)
        return fallback;
    if (!cJSON_IsBool(value)) {
        wrong_type(reader, key, value, "true or false");
        return fallback;
    }
    return cJSON_IsTrue(value);
}

double config_read_number(struct config_reader *reader, const char *key, double fallback,
                          double minimum, double maximum)
{
    const cJSON *value = config_read_any(reader, key);
    if (!value)
        return fallback;
    if (!cJSON_IsNumber(value)) {
        wrong_type(reader, key, value, "a number");
        return fallback;
    }
    if (!(value->valuedouble >= minimum && value->valuedouble <= maximum)) {
        config_reader_problem(reader, key, "found %.15g; a number from %.15g to %.15g is expected",
                              value->valuedouble, minimum, maximum);
        return fallback;
    }
    return value->valuedouble;
}

/* The bytes that `text` says, or -1. */
static double parse_size(const char *text)
{
    static const char *const units[] = {"",    "B",  "kB",  "KiB", "MB",
                                        "MiB", "GB", "GiB", "TB",  "TiB"};
    static const double bytes[] = {1, 1, 1e3, 0x1p10, 1e6, 0x1p20, 1e9, 0x1p30, 1e12, 0x1p40};
    char *unit = NULL;
    if (!isdigit((unsigned char)*text))
        return -1;
    double number = strtod(text, &unit);
    unit += strspn(unit, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcasecmp(unit, units[i]) == 0)
            return number * bytes[i];
    return -1;
}

uint64_t config_read_bytes(struct config_reader *reader, const char *key, uint64_t fallback,
                           uint64_t minimum, uint64_t maximum)
{
    const cJSON *value = config_read_any(reader, key);
    double size = -1;
    if (!value)
        return fallback;
    if (cJSON_IsNumber(value))
        size = value->valuedouble;
    else if (cJSON_IsString(value))
        size = parse_size(value->valuestring);
    if (size >= (double)minimum && size <= (double)maximum)
        return (uint64_t)size;
    char found[64];
    config_describe(value, found, sizeof found);
    config_reader_problem(reader, key,
                          "found %s; a size from %" PRIu64 " to %" PRIu64
                          " bytes is expected, such as 64MiB or 2GiB",
                          found, minimum, maximum);
    return fallback;
}

size_t config_read_choice(struct config_reader *reader, const char *key, size_t fallback,
                          const char *const *choices, size_t count)
{
    const cJSON *value = config_read_any(reader, key);
    if (!value)
        return fallback;
    for (size_t i = 0; cJSON_IsString(value) && i < count; i++)
        if (strcmp(value->valuestring, choices[i]) == 0)
            return i;

    char expected[ERROR_TEXT_SIZE / 2] = "one of ";
    size_t length = strlen(expected);
    for (size_t i = 0; i < count && length < sizeof expected; i++)
        length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%s",
                                   i ? ", " : "", choices[i]);
    wrong_type(reader, key, value, expected);
    return fallback;
}

const cJSON *config_read_array(struct config_reader *reader, const char *key)
{
    const cJSON *value = config_read_any(reader, key);
    if (value && !cJSON_IsArray(value)) {
        wrong_type(reader, key, value, "a list");
        return NULL;
    }
    return value;
}

const cJSON *config_read_object(struct config_reader *reader, const char *key)
{
    const cJSON *value = config_read_any(reader, key);
    if (value && !cJSON_IsObject(value)) {
        wrong_type(reader, key, value, "a mapping");
        return NULL;
    }
    return value;
}

/* "did you mean …?" of what is known here; false where nothing is near. */
static bool write_nearest(const struct config_reader *reader, const char *key, char *text,
                          size_t size)
{
    struct nearest nearest;
    nearest_begin(&nearest, key, MOST_EDITS);
    for (size_t i = 0; i < reader->known_count; i++)
        nearest_offer(&nearest, reader->known[i]);
    const char *known = nearest.found;
    for (size_t i = 0; i < reader->parameter_count; i++)
        nearest_offer(&nearest, reader->parameters[i]);
    if (!nearest.found)
        return false;
    bool parameter = nearest.found != known;
    (void)snprintf(text, size, "did you mean %s%s%s?", parameter ? "the parameter _" : "",
                   nearest.found, parameter ? ":=" : "");
    return true;
}

static bool is_known(const struct config_reader *reader, const char *key)
{
    for (size_t i = 0; i < reader->known_count; i++)
        if (strcmp(reader->known[i], key) == 0)
            return true;
    return false;
}

void config_reader_finish(struct config_reader *reader)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, reader->object)
    {
        if (is_known(reader, item->string))
            continue;
        char keys[ERROR_TEXT_SIZE / 2] = "";
        if (write_nearest(reader, item->string, keys, sizeof keys)) {
            config_reader_problem(reader, item->string, "unknown key; %s", keys);
            continue;
        }
        size_t length = 0;
        for (size_t i = 0; i < reader->known_count && length < sizeof keys; i++)
            length += (size_t)snprintf(keys + length, sizeof keys - length, "%s%s", i ? ", " : "",
                                       reader->known[i]);
        config_reader_problem(reader, item->string, "unknown key; known here: %s", keys);
    }
}
