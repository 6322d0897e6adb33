/* Names on both sides: what is valid, and how one becomes the other. Any thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_NAMES_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_NAMES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define NAMES_KAFKA_TOPIC_SIZE 250 /* Kafka's limit of 249 and NUL */
#define NAMES_ROS_SIZE         512

/* Kafka topics: 1…249 of a-z A-Z 0-9 . _ - and neither "." nor ".." (Kafka's Topic.java).
 * ERROR_RANGE says which character or length was found. */
enum error_code names_check_kafka_topic(const char *name, struct error *error) MUST_CHECK;

/* A robot's name goes into ids and Kafka topics: the same characters. */
enum error_code names_check_robot(const char *name, struct error *error) MUST_CHECK;

/* ROS graph names: an optional '/' or '~' first, then words of letters, digits and '_' that begin
 * with a letter, parted by single '/' (ROS wiki, Names). */
enum error_code names_check_ros(const char *name, struct error *error) MUST_CHECK;

/* "/warty/odom" → "warty.odom". `kafka` holds NAMES_KAFKA_TOPIC_SIZE bytes; false where it is too
 * long. */
bool names_ros_to_kafka(const char *ros, char *kafka);

/* "warty.odom" → "warty/odom", characters that ROS does not have as '_'. `ros` holds NAMES_ROS_SIZE
 * bytes. */
void names_kafka_to_ros(const char *kafka, char *ros);

/* Topics that patterns never match: the log topics, and Kafka's and this package's own. */
bool names_is_internal_ros(const char *topic);
bool names_is_internal_kafka(const char *topic, const char *definitions_topic);

/* Regular expressions, separated by commas, that match these Kafka topics. */
#define NAMES_INTERNAL_PATTERN_SIZE (3 * NAMES_KAFKA_TOPIC_SIZE + 64)
void names_internal_kafka_pattern(const char *definitions_topic, char *pattern);

/* "<topic>.dead_letter", or false where that is too long. `name` holds NAMES_KAFKA_TOPIC_SIZE. */
bool names_dead_letter(const char *topic, char *name);

/* Whether Kafka takes at most one of two topics, or of one and the other's dead letters: their
 * names differ by '.' and '_' alone, which are one in the names of its metrics. Not of equal names.
 */
bool names_collide(const char *one, const char *other);

/* As Kafka's metrics have the name: '.' is '_'. `metric` holds NAMES_KAFKA_TOPIC_SIZE. */
void names_metric(const char *topic, char *metric);

/* The names, as names_metric's, of what may collide with `topic`: its own, its dead letters', and
 * that of which it has the dead letters. Returns how many. */
#define NAMES_RIVALS 3
size_t names_rivals(const char *topic, char rivals[NAMES_RIVALS][NAMES_KAFKA_TOPIC_SIZE]);

#endif
