#include "simulators/detector_simulator_options.h"

bool detector_simulator_options_read(const cJSON *tree, struct detector_simulator_options *options,
                                     struct buffer *problems)
{
    struct option_reader reader = {.tree = tree, .problems = problems};
    *options = (struct detector_simulator_options){0};
    source_read_settings(&reader, "detector/hits", &options->source);
    options->rate = read_number(&reader, "rate", 1000, 0.01, 1000000);
    options->hits_per_message = read_whole(&reader, "hits_per_message", 100, 1, 100000);
    options->count = read_whole(&reader, "count", 0, 0, OPTION_WHOLE_MAX);
    options->seed = read_whole(&reader, "seed", 1, 0, OPTION_WHOLE_MAX);
    options->noise = read_number(&reader, "noise", 0.05, 0, 1);
    options->orbit_rate = read_number(&reader, "orbit_rate", 11245.5, 0.01, 1e9);
    return options_end(&reader);
}
