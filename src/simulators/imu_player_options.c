#include "simulators/imu_player_options.h"

bool imu_player_options_read(const cJSON *tree, struct imu_player_options *options,
                             struct buffer *problems)
{
    struct option_reader reader = {.tree = tree, .problems = problems};
    *options = (struct imu_player_options){0};
    source_read_settings(&reader, "phone/imu", &options->source);
    options->file = read_text(&reader, "file", "");
    options->frame_id = read_text(&reader, "frame_id", "phone");
    options->loop = read_bool(&reader, "loop", false);
    options->rate = read_number(&reader, "rate", 100, 0.01, 100000);
    options->time_factor = read_number(&reader, "time_factor", 1, 0.001, 100000);
    options->seed = read_whole(&reader, "seed", 1, 0, OPTION_WHOLE_MAX);
    options->count = read_whole(&reader, "count", 0, 0, OPTION_WHOLE_MAX);
    if (options->file[0] && option_is_set(&reader, "rate"))
        option_complain(&reader, "rate", "it must not be set where ~file is, which has its times");
    return options_end(&reader);
}
