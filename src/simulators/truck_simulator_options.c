#include "simulators/truck_simulator_options.h"

bool truck_simulator_options_read(const cJSON *tree, struct truck_simulator_options *options,
                                  struct buffer *problems)
{
    struct option_reader reader = {.tree = tree, .problems = problems};
    *options = (struct truck_simulator_options){0};
    source_read_settings(&reader, "truck/state", &options->source);
    options->fuel = read_number(&reader, "fuel", 5, 0.000001, 10000);
    options->interval = read_number(&reader, "interval", 0.004, 0.0001, 1);
    options->time_factor = read_number(&reader, "time_factor", 1, 0.001, 100000);
    options->seed = read_whole(&reader, "seed", 1, 0, OPTION_WHOLE_MAX);
    options->count = read_whole(&reader, "count", 0, 0, OPTION_WHOLE_MAX);
    return options_end(&reader);
}
