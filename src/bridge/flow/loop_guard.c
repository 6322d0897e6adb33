#include "bridge/flow/loop_guard.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <string.h>

#define NOTE "published from Kafka by "

void loop_guard_note(char note[LOOP_GUARD_NOTE_SIZE])
{
    (void)snprintf(note, LOOP_GUARD_NOTE_SIZE, NOTE "%s", rosc_node_name());
}

bool loop_guard_is_from_kafka(const struct rosc_connection *connection)
{
    char line[LOOP_GUARD_NOTE_SIZE + sizeof "# \n"];
    size_t length = (size_t)snprintf(line, sizeof line, "# " NOTE "%s\n", connection->caller_id);
    size_t whole = strlen(connection->definition);
    return length < sizeof line && length <= whole &&
           strcmp(connection->definition + whole - length, line) == 0;
}

/* As a node with one direction has it, and one with both. */
static bool is_status(const char *name)
{
    return strcmp(name, "/status") == 0 || strcmp(name, "/ros_to_kafka/status") == 0 ||
           strcmp(name, "/kafka_to_ros/status") == 0;
}

bool loop_guard_is_own_status(const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    const char *node = rosc_node_name();
    size_t length = strlen(node);
    return rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK &&
           strncmp(name, node, length) == 0 && is_status(name + length);
}
