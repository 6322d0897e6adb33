#include "simulators/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define RIGHT_SIZE 512

static const cJSON *find(const struct option_reader *reader, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(reader->tree, name);
}

static const cJSON *ask(struct option_reader *reader, const char *name)
{
    if (reader->known_count < OPTIONS_LIMIT)
        reader->known[reader->known_count++] = name;
    return find(reader, name);
}

void option_complain(struct option_reader *reader, const char *name, const char *right)
{
    const cJSON *found = find(reader, name);
    char *text = found ? cJSON_PrintUnformatted(found) : NULL;
    reader->failed = true;
    if (buffer_append_format(reader->problems, "~%s is %s: %s\n", name,
                             text ? text : (found ? "?" : "not set"), right) != ERROR_NONE)
        reader->problems->length = 0; /* out of memory: what can be said is that it failed */
    cJSON_free(text);
}

bool option_is_set(const struct option_reader *reader, const char *name)
{
    return find(reader, name) != NULL;
}

double read_number(struct option_reader *reader, const char *name, double fallback, double low,
                   double high)
{
    const cJSON *item = ask(reader, name);
    if (!item)
        return fallback;
    if (cJSON_IsNumber(item) && item->valuedouble >= low && item->valuedouble <= high)
        return item->valuedouble;
    char right[RIGHT_SIZE];
    (void)snprintf(right, sizeof right, "it must be a number from %.10g to %.10g", low, high);
    option_complain(reader, name, right);
    return fallback;
}

uint64_t read_whole(struct option_reader *reader, const char *name, uint64_t fallback, uint64_t low,
                    uint64_t high)
{
    const cJSON *item = ask(reader, name);
    if (!item)
        return fallback;
    double value = item->valuedouble;
    if (cJSON_IsNumber(item) && value >= (double)low && value <= (double)high &&
        value == floor(value))
        return (uint64_t)value;
    char right[RIGHT_SIZE];
    (void)snprintf(right, sizeof right, "it must be a whole number from %" PRIu64 " to %" PRIu64,
                   low, high);
    option_complain(reader, name, right);
    return fallback;
}

bool read_bool(struct option_reader *reader, const char *name, bool fallback)
{
    const cJSON *item = ask(reader, name);
    if (item && !cJSON_IsBool(item))
        option_complain(reader, name, "it must be true or false");
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

const char *read_text(struct option_reader *reader, const char *name, const char *fallback)
{
    const cJSON *item = ask(reader, name);
    if (!item || cJSON_IsString(item))
        return item ? item->valuestring : fallback;
    option_complain(reader, name, "it must be a text (\"…\" where it looks like a number)");
    return fallback;
}

size_t read_choice(struct option_reader *reader, const char *name, const char *const *choices,
                   size_t count, size_t fallback)
{
    const cJSON *item = ask(reader, name);
    if (!item)
        return fallback;
    char right[RIGHT_SIZE] = "it must be one of";
    for (size_t i = 0; i < count; i++) {
        if (cJSON_IsString(item) && strcmp(item->valuestring, choices[i]) == 0)
            return i;
        size_t length = strlen(right);
        (void)snprintf(right + length, sizeof right - length, "%s%s", i ? ", " : " ", choices[i]);
    }
    option_complain(reader, name, right);
    return fallback;
}

static bool is_ros_name(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '/')
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' &&
            (*at != '/' || !isalpha((unsigned char)at[1])))
            return false;
    return true;
}

const char *read_ros_name(struct option_reader *reader, const char *name, const char *fallback)
{
    const cJSON *item = ask(reader, name);
    if (!item)
        return fallback;
    if (cJSON_IsString(item) && is_ros_name(item->valuestring))
        return item->valuestring;
    option_complain(reader, name,
                    "it must be a ROS name: a letter or '/', then letters, digits, '_' and '/'");
    return fallback;
}

static bool is_full_text(const cJSON *item)
{
    return cJSON_IsString(item) && item->valuestring[0];
}

const cJSON *read_texts(struct option_reader *reader, const char *name)
{
    const cJSON *item = ask(reader, name);
    if (!item || is_full_text(item))
        return item;
    bool good = cJSON_IsArray(item) && item->child;
    const cJSON *element;
    cJSON_ArrayForEach(element, item)
    {
        good = good && is_full_text(element);
    }
    if (good)
        return item;
    option_complain(reader, name, "it must be a text or a list of texts, none of them empty");
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool options_end(struct option_reader *reader)
{
    qsort(reader->known, reader->known_count, sizeof *reader->known, compare);
    char right[RIGHT_SIZE] = "there is no such parameter; there are";
    for (size_t i = 0; i < reader->known_count; i++) {
        size_t length = strlen(right);
        (void)snprintf(right + length, sizeof right - length, "%s%s", i ? ", " : " ",
                       reader->known[i]);
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, reader->tree)
    {
        bool found = false;
        for (size_t i = 0; i < reader->known_count; i++)
            found = found || strcmp(item->string, reader->known[i]) == 0;
        if (!found)
            option_complain(reader, item->string, right);
    }
    return !reader->failed;
}
