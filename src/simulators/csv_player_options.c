#include "simulators/csv_player_options.h"

static char read_delimiter(struct option_reader *reader, const char *name)
{
    const char *text = read_text(reader, name, ",");
    if (strcmp(text, "\\t") == 0)
        return '\t';
    if (strlen(text) == 1 && !strchr("\"\r\n", text[0]))
        return text[0];
    option_complain(reader, name, "it must be one character other than a quote, \"\\t\" is a tab");
    return ',';
}

bool csv_player_options_read(const cJSON *tree, struct csv_player_options *options,
                             struct buffer *problems)
{
    static const char *const forms[] = {
        [ROW_OBJECT] = "object",
        [ROW_ARRAY] = "array",
        [ROW_TEXT] = "text",
        [ROW_LINE] = "line",
    };
    struct option_reader reader = {.tree = tree, .problems = problems};
    *options = (struct csv_player_options){0};
    source_read_settings(&reader, "text", &options->source);
    options->form =
        (enum row_form)read_choice(&reader, "as", forms, sizeof forms / sizeof *forms, ROW_OBJECT);
    options->separator = read_text(&reader, "separator", " ");
    options->rate = read_number(&reader, "rate", 0, 0, 1000000);
    options->interval = read_number(&reader, "interval", 5, 0.001, 86400);
    options->count = read_whole(&reader, "count", 0, 0, OPTION_WHOLE_MAX);
    options->playlist = (struct playlist_options){
        .files = read_texts(&reader, "files"),
        .delimiter = read_delimiter(&reader, "delimiter"),
        .plain = options->form == ROW_LINE,
        .loop = read_bool(&reader, "loop", false),
    };
    if (!option_is_set(&reader, "files"))
        option_complain(&reader, "files",
                        "it must be a CSV file, a pattern ('/data/*.csv'), or a list of them");
    if (options->rate > 0 && option_is_set(&reader, "interval"))
        option_complain(&reader, "interval", "it must not be set where ~rate is");
    return options_end(&reader);
}
