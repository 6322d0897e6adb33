/* Patterns of names that can never match, as far as their text shows: mostly a shell's patterns, or
 * ones that forget the '/' at the front. Any thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_PATTERN_CHECK_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_PATTERN_CHECK_H

#include "base/error.h"

/* `pattern` compiles as a POSIX extended regular expression and has to match the whole full name of
 * a ROS topic: '/' first, single '/' between words, none at the end. ERROR_RANGE says which part
 * of it matches none, and what would be right. */
enum error_code pattern_check_ros(const char *pattern, struct error *error) MUST_CHECK;

/* The same of a pattern of Kafka topics, whose names have no '/'. */
enum error_code pattern_check_kafka(const char *pattern, struct error *error) MUST_CHECK;

#endif
