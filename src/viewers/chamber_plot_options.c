#include "viewers/chamber_plot_options.h"

#include "simulators/options.h"
#include "viewers/chamber_picture.h"

bool chamber_plot_options_read(const cJSON *tree, struct chamber_plot_options *options,
                               struct buffer *problems)
{
    struct option_reader reader = {.tree = tree, .problems = problems};
    options->width =
        (int)read_whole(&reader, "width", 1280, PICTURE_WIDTH_LOW, PICTURE_LENGTH_HIGH);
    options->height =
        (int)read_whole(&reader, "height", 720, PICTURE_HEIGHT_LOW, PICTURE_LENGTH_HIGH);
    options->file = read_text(&reader, "file", "");
    return options_end(&reader);
}
