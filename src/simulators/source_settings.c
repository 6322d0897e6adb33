#include "simulators/source.h"

void source_read_settings(struct option_reader *reader, const char *topic,
                          struct source_settings *settings)
{
    settings->topic = read_ros_name(reader, "topic", topic);
    settings->queue_size = (uint32_t)read_whole(reader, "queue_size", 100000, 0, OPTION_WHOLE_MAX);
    settings->wait_for_subscriber = read_bool(reader, "wait_for_subscriber", false);
}
