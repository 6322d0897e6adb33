#include "bridge/loop_guard.h"

#include <rosc/rosc.h>
#include <stdio.h>

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

bool loop_guard_is_from_kafka(const char *caller_id)
{
    char name[512];
    if (snprintf(name, sizeof name, "%s/" MARK, caller_id) >= (int)sizeof name)
        return false;
    cJSON *value = NULL;
    if (rosc_param_get_tree(name, &value, NULL) != ROSC_OK)
        return false;
    bool marked = cJSON_IsTrue(value);
    cJSON_Delete(value);
    return marked;
}
