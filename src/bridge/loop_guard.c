#include "bridge/loop_guard.h"

#include "bridge/names.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <string.h>

#define MARK "publishes_from_kafka"

void loop_guard_mark(bool marked)
{
    struct rosc_error error;
    cJSON *truth = cJSON_CreateTrue();
    enum rosc_status status =
        marked ? rosc_param_set_tree("~" MARK, truth, &error) : rosc_param_delete("~" MARK, &error);
    cJSON_Delete(truth);
    if (status != ROSC_OK && marked)
        ROSC_LOG_WARN("~" MARK " could not be set: %s; a ros_to_kafka here may send results back "
                      "to Kafka",
                      error.text);
}

static bool is_status(const char *node, const char *ros_topic)
{
    size_t length = strlen(node);
    return strncmp(ros_topic, node, length) == 0 && strcmp(ros_topic + length, "/status") == 0;
}

bool loop_guard_is_own_status(const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    return rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK &&
           is_status(rosc_node_name(), name);
}

bool loop_guard_is_from_kafka(const char *caller_id, const char *ros_topic)
{
    char name[512];
    if (is_status(caller_id, ros_topic))
        return false;
    if (snprintf(name, sizeof name, "%s/" MARK, caller_id) >= (int)sizeof name)
        return false;
    cJSON *value = NULL;
    if (rosc_param_get_tree(name, &value, NULL) != ROSC_OK)
        return false;
    bool marked = cJSON_IsTrue(value);
    cJSON_Delete(value);
    return marked;
}
