/* csv_player: the rows of CSV files as texts, in turn over the files. Its parameters are those of
 * csv_player_options.h. */
#include "simulators/csv_player_options.h"

#include <inttypes.h>

struct player {
    struct csv_player_options options;
    struct playlist *playlist;
    struct playlist_row row;
    struct buffer text;
    uint64_t played;
    uint64_t bytes;
};

static bool player_open(void *state, const cJSON *tree, struct source_settings *settings,
                        struct buffer *problems)
{
    struct player *player = state;
    buffer_init(&player->text, SOURCE_MESSAGE_LIMIT);
    bool good = csv_player_options_read(tree, &player->options, problems);
    *settings = player->options.source;
    /* Also where something else is wrong, so that all of it is told at once. */
    return player->options.playlist.files &&
           playlist_open(&player->options.playlist, &player->playlist, problems) == ERROR_NONE &&
           good;
}

static enum error_code player_next(void *state, struct source_turn *turn, struct error *error)
{
    struct player *player = state;
    const struct csv_player_options *options = &player->options;
    turn->done = options->count > 0 && player->played >= options->count;
    if (turn->done)
        return ERROR_NONE;
    enum error_code code = playlist_next(player->playlist, &player->row, error);
    if (code != ERROR_NONE)
        return code;
    turn->done = player->row.row.count == 0;
    turn->due = options->rate > 0 ? (double)player->played / options->rate
                                  : (double)player->row.round * options->interval;
    return ERROR_NONE;
}

static void player_write(void *state, int64_t start, uint32_t seq, struct serial_writer *writer)
{
    struct player *player = state;
    (void)start;
    (void)seq;
    buffer_clear(&player->text);
    enum error_code code =
        row_text_append(player->options.form, player->row.names, &player->row.row,
                        player->options.separator, &player->text);
    if (code != ERROR_NONE && writer->code == ERROR_NONE)
        writer->code = code;
    put_count(writer, player->text.length);
    put_bytes(writer, player->text.data, player->text.length);
    player->played++;
    player->bytes += player->text.length;
}

static enum error_code player_describe(const void *state, struct buffer *text)
{
    const struct player *player = state;
    const struct csv_player_options *options = &player->options;
    size_t files = playlist_file_count(player->playlist);
    const char *end = options->playlist.loop ? ", again and again" : "";
    if (options->rate > 0)
        return buffer_append_format(text, "playing %zu files, %g rows a second%s", files,
                                    options->rate, end);
    return buffer_append_format(text, "playing %zu files, a row of each every %g s%s", files,
                                options->interval, end);
}

static enum error_code player_report(const void *state, struct buffer *text)
{
    const struct player *player = state;
    return buffer_append_format(text, "%" PRIu64 " rows, %" PRIu64 " bytes of text", player->played,
                                player->bytes);
}

static void player_close(void *state)
{
    struct player *player = state;
    playlist_close(player->playlist);
    buffer_fini(&player->text);
}

static const char help[] =
    "usage: csv_player [_NAME:=VALUE...]\n"
    "\n"
    "Publishes the rows of CSV files as texts (std_msgs/String), in turn over the files.\n"
    "It stays when it has published all, so that nobody misses the last: Ctrl-C ends it.\n"
    "\n"
    "parameters:\n"
    "  _files:=PATTERN              a file, a pattern or (by <rosparam>) a list of them; required\n"
    "  _as:=FORM                    object, array, text or line (object)\n"
    "  _separator:=TEXT             between the cells of text (a space)\n"
    "  _delimiter:=C                between the cells of the file (,)\n"
    "  _interval:=SECONDS           from one row of each file to its next (5)\n"
    "  _rate:=N                     or rows a second\n"
    "  _loop:=true                  begins again at the end (false)\n"
    "  _count:=N                    ends after so many (0: all)\n" SOURCE_PARAMETERS("text")
        HELP_OF_NODES;

int main(int argc, char **argv)
{
    static const struct source_kind kind = {
        .node = "csv_player",
        .help = help,
        .type = "std_msgs/String",
        .open = player_open,
        .next = player_next,
        .write = player_write,
        .describe = player_describe,
        .report = player_report,
        .close = player_close,
    };
    struct player player = {0};
    return source_main(argc, argv, &kind, &player);
}
