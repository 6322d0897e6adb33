#include "bridge/flow/names.h"

#include <stdio.h>
#include <string.h>

#define DEAD_LETTER_SUFFIX ".dead_letter"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char kafka_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
static const char ros_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

static enum error_code check_kafka_name(const char *name, const char *what, struct error *error)
{
    size_t length = strlen(name);
    size_t valid = strspn(name, kafka_characters);
    if (valid < length)
        return error_set(error, ERROR_RANGE, "", valid,
                         "found \"%s\" with '%c'; a %s has only letters, digits, '.', '_' and '-'",
                         name, name[valid], what);
    if (length == 0 || length >= NAMES_KAFKA_TOPIC_SIZE)
        return error_set(error, ERROR_RANGE, "", 0,
                         "found %zu characters; a %s has 1 to %d characters", length, what,
                         NAMES_KAFKA_TOPIC_SIZE - 1);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(error, ERROR_RANGE, "", 0, "found \"%s\", which is no %s", name, what);
    return ERROR_NONE;
}

enum error_code names_check_kafka_topic(const char *name, struct error *error)
{
    return check_kafka_name(name, "Kafka topic", error);
}

enum error_code names_check_robot(const char *name, struct error *error)
{
    return check_kafka_name(name, "robot's name", error);
}

enum error_code names_check_ros(const char *name, struct error *error)
{
    size_t at = name[0] == '/' || name[0] == '~' ? 1 : 0;
    if (name[0] == '~' && name[1] == '/')
        at = 2;
    if (strlen(name) >= NAMES_ROS_SIZE)
        return error_set(error, ERROR_RANGE, "", 0, "found %zu characters; a ROS name has up to %d",
                         strlen(name), NAMES_ROS_SIZE - 1);
    for (;;) {
        if (name[at] == '\0' || !strchr(letters, name[at]))
            return error_set(error, ERROR_RANGE, "", at,
                             "found \"%s\"; each word of a ROS name begins with a letter, words "
                             "are separated by single '/'",
                             name);
        at += strspn(name + at, ros_characters);
        if (name[at] == '\0')
            return ERROR_NONE;
        if (name[at] != '/')
            return error_set(error, ERROR_RANGE, "", at,
                             "found \"%s\" with '%c'; a ROS name has only letters, digits, '_' "
                             "and '/'",
                             name, name[at]);
        at++;
    }
}

bool names_ros_to_kafka(const char *ros, char *kafka)
{
    size_t length = 0;
    for (const char *at = ros + (*ros == '/'); *at; at++) {
        if (length == NAMES_KAFKA_TOPIC_SIZE - 1)
            return false;
        kafka[length++] = *at == '/' ? '.' : *at;
    }
    kafka[length] = '\0';
    return length > 0;
}

void names_kafka_to_ros(const char *kafka, char *ros)
{
    size_t length = 0;
    for (const char *at = kafka; *at && length < NAMES_ROS_SIZE - 1; at++) {
        char character = *at;
        if (character == '.')
            character = '/';
        else if (!strchr(ros_characters, character))
            character = '_';
        ros[length++] = character;
    }
    ros[length] = '\0';
}

bool names_is_internal_ros(const char *topic)
{
    return strcmp(topic, "/rosout") == 0 || strcmp(topic, "/rosout_agg") == 0;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

bool names_is_internal_kafka(const char *topic, const char *definitions_topic)
{
    return strncmp(topic, "__", 2) == 0 || strcmp(topic, definitions_topic) == 0 ||
           ends_with(topic, DEAD_LETTER_SUFFIX);
}

void names_internal_kafka_pattern(const char *definitions_topic, char *pattern)
{
    size_t length = (size_t)snprintf(pattern, NAMES_INTERNAL_PATTERN_SIZE, "^__,[.]dead_letter$%s",
                                     *definitions_topic ? ",^" : "");
    for (const char *at = definitions_topic;
         *at && length + sizeof "[.]$" <= NAMES_INTERNAL_PATTERN_SIZE; at++)
        length += (size_t)snprintf(pattern + length, NAMES_INTERNAL_PATTERN_SIZE - length,
                                   *at == '.' ? "[%c]" : "%c", *at);
    if (*definitions_topic)
        (void)snprintf(pattern + length, NAMES_INTERNAL_PATTERN_SIZE - length, "$");
}

bool names_dead_letter(const char *topic, char *name)
{
    int length = snprintf(name, NAMES_KAFKA_TOPIC_SIZE, "%s" DEAD_LETTER_SUFFIX, topic);
    return length > 0 && length < NAMES_KAFKA_TOPIC_SIZE;
}

static char as_metric(char character)
{
    return character == '.' ? '_' : character;
}

/* Whether the `length` bytes of the names are one to Kafka. */
static bool is_one(const char *one, const char *other, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (as_metric(one[i]) != as_metric(other[i]))
            return false;
    return true;
}

/* Whether `one` is the topic of the dead letters of `other` but for '.' and '_'. */
static bool collides_with_letters(const char *one, const char *other, size_t length)
{
    return is_one(one, other, length) &&
           is_one(one + length, DEAD_LETTER_SUFFIX, sizeof DEAD_LETTER_SUFFIX) &&
           (memcmp(one, other, length) != 0 || strcmp(one + length, DEAD_LETTER_SUFFIX) != 0);
}

bool names_collide(const char *one, const char *other)
{
    size_t first = strlen(one), second = strlen(other), suffix = strlen(DEAD_LETTER_SUFFIX);
    if (first == second)
        return is_one(one, other, first) && strcmp(one, other) != 0;
    if (first == second + suffix)
        return collides_with_letters(one, other, second);
    return second == first + suffix && collides_with_letters(other, one, first);
}

void names_metric(const char *topic, char *metric)
{
    size_t length = strnlen(topic, NAMES_KAFKA_TOPIC_SIZE - 1);
    for (size_t i = 0; i < length; i++)
        metric[i] = as_metric(topic[i]);
    metric[length] = '\0';
}

size_t names_rivals(const char *topic, char rivals[NAMES_RIVALS][NAMES_KAFKA_TOPIC_SIZE])
{
    char suffix[NAMES_KAFKA_TOPIC_SIZE], dead[NAMES_KAFKA_TOPIC_SIZE];
    size_t count = 0;
    names_metric(DEAD_LETTER_SUFFIX, suffix);
    names_metric(topic, rivals[count++]);
    if (ends_with(rivals[0], suffix)) {
        memcpy(rivals[count], rivals[0], NAMES_KAFKA_TOPIC_SIZE);
        rivals[count++][strlen(rivals[0]) - strlen(suffix)] = '\0';
    }
    if (names_dead_letter(topic, dead))
        names_metric(dead, rivals[count++]);
    return count;
}
