#include "simulators/robot.h"

#include <stdio.h>
#include <stdlib.h>

/* "warty" and "imu/data" make "warty/imu/data", and the second of them "warty/imu_2/data". */
static char *topic_name(const char *robot, const struct kind *kind, unsigned instance)
{
    char *name = NULL;
    int group = (int)strcspn(kind->name, "/");
    int length;
    if (kind->name[0] == '/')
        length = asprintf(&name, "%s", kind->name);
    else if (instance == 1)
        length = asprintf(&name, "%s/%s", robot, kind->name);
    else
        length =
            asprintf(&name, "%s/%.*s_%u%s", robot, group, kind->name, instance, kind->name + group);
    return length < 0 ? NULL : name;
}

enum error_code robot_init(struct robot *robot, const char *name, size_t count, struct error *error)
{
    *robot = (struct robot){0};
    if (count < 1 || count > ROBOT_TOPICS_LIMIT)
        return error_set(error, ERROR_RANGE, NULL, 0, "%zu topics: a robot has 1 to %d", count,
                         ROBOT_TOPICS_LIMIT);
    robot->topics = calloc(count, sizeof *robot->topics);
    if (!robot->topics)
        return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
    for (unsigned instance = 1; robot->count < count; instance++) {
        for (size_t i = 0; i < kind_count && robot->count < count; i++) {
            if (kinds[i].single && instance > 1)
                continue;
            struct robot_topic *topic = &robot->topics[robot->count];
            *topic = (struct robot_topic){.kind = &kinds[i], .instance = instance};
            topic->name = topic_name(name, &kinds[i], instance);
            if (!topic->name) {
                robot_fini(robot);
                return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
            }
            robot->count++;
        }
    }
    return ERROR_NONE;
}

void robot_fini(struct robot *robot)
{
    for (size_t i = 0; i < robot->count; i++)
        free(robot->topics[i].name);
    free(robot->topics);
    *robot = (struct robot){0};
}
