/* Rows in turn over files, and rows as text. */
#include "csv_files.h"
#include "simulators/csv_player_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct playlist *open_all(const struct csv_files *files, bool loop)
{
    struct playlist *playlist;
    struct buffer problems;
    char pattern[CSV_FILES_PATH_SIZE + 8];
    (void)snprintf(pattern, sizeof pattern, "%s/*.csv", files->directory);
    cJSON *text = cJSON_CreateString(pattern);
    buffer_init(&problems, 4096);
    enum error_code code =
        playlist_open(&(struct playlist_options){.files = text, .delimiter = ',', .loop = loop},
                      &playlist, &problems);
    if (code != ERROR_NONE)
        fail_msg("%.*s", (int)problems.length, problems.data);
    cJSON_Delete(text);
    buffer_fini(&problems);
    return playlist;
}

/* The first cells of the next rows, at most `count`, each with its round: "a1@0 b1@0 ". */
static const char *play(struct playlist *playlist, int count)
{
    static char text[512];
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        struct playlist_row row;
        struct error error;
        assert_int_equal(playlist_next(playlist, &row, &error), ERROR_NONE);
        if (row.row.count == 0)
            break;
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%.*s@%d ",
                             (int)row.row.cells[0].length, row.row.cells[0].text, (int)row.round);
    }
    return text;
}

static void write_files(struct csv_files *files)
{
    (void)CSV_FILE(files, "b.csv", "x\nb1\n");
    (void)CSV_FILE(files, "a.csv", "x\na1\na2\na3\n");
    (void)CSV_FILE(files, "c.csv", "x\n");
    (void)CSV_FILE(files, "d.csv", "x\nd1\nd2\n");
}

static void each_file_has_its_turn(void **state)
{
    write_files(*state);
    struct playlist *playlist = open_all(*state, false);
    assert_int_equal(playlist_file_count(playlist), 4);
    assert_string_equal(play(playlist, 100), "a1@0 b1@0 d1@0 a2@1 d2@1 a3@2 ");
    assert_string_equal(play(playlist, 100), "");
    playlist_close(playlist);
}

static void a_file_loops_by_itself(void **state)
{
    write_files(*state);
    struct playlist *playlist = open_all(*state, true);
    assert_string_equal(play(playlist, 11),
                        "a1@0 b1@0 d1@0 a2@1 b1@1 d2@1 a3@2 b1@2 d1@2 a1@3 b1@3 ");
    playlist_close(playlist);
}

static void files_without_rows_end_a_loop(void **state)
{
    (void)CSV_FILE(*state, "a.csv", "x\n");
    (void)CSV_FILE(*state, "b.csv", "x\n");
    struct playlist *playlist = open_all(*state, true);
    assert_string_equal(play(playlist, 10), "");
    playlist_close(playlist);
}

static void all_files_that_are_wrong_are_told(void **state)
{
    struct csv_files *files = *state;
    struct playlist *playlist;
    struct buffer problems;
    cJSON *list = cJSON_CreateArray();
    (void)CSV_FILE(files, "bad.csv", "x,x\n");
    cJSON_AddItemToArray(list, cJSON_CreateString("/nowhere/*.csv"));
    cJSON_AddItemToArray(list, cJSON_CreateString(files->path));
    buffer_init(&problems, 4096);
    assert_int_equal(playlist_open(&(struct playlist_options){.files = list, .delimiter = ','},
                                   &playlist, &problems),
                     ERROR_MISSING);
    assert_int_equal(buffer_append(&problems, "", 1), ERROR_NONE);
    assert_non_null(strstr(problems.data, "/nowhere/*.csv: there is no such file\n"));
    assert_non_null(strstr(problems.data, "/bad.csv:1: two columns have the same name\n"));
    buffer_fini(&problems);
    cJSON_Delete(list);
}

/* The first row of `text` as `form`. */
static const char *row_as(void **state, enum row_form form, const char *text)
{
    static char made[512];
    struct csv_reader *reader;
    struct csv_row row;
    struct error error;
    struct buffer out;
    const char *path = csv_files_write(*state, "a.csv", text, strlen(text));
    assert_int_equal(csv_reader_open(path, ',', &reader, &error), ERROR_NONE);
    assert_int_equal(csv_reader_next(reader, &row, &error), ERROR_NONE);
    buffer_init(&out, sizeof made);
    assert_int_equal(row_text_append(form, csv_reader_names(reader), &row, " ", &out), ERROR_NONE);
    (void)snprintf(made, sizeof made, "%.*s", (int)out.length, out.data);
    buffer_fini(&out);
    csv_reader_close(reader);
    return made;
}

static void numbers_keep_every_digit(void **state)
{
    assert_string_equal(
        row_as(state, ROW_OBJECT,
               "a,b,c,d,e\n0.10,-0,1e-07,12345678901234567890123,79.54000000000000000001\n"),
        "{\"a\":0.10,\"b\":-0,\"c\":1e-07,\"d\":12345678901234567890123,"
        "\"e\":79.54000000000000000001}");
}

static void what_json_has_no_number_for_is_a_string(void **state)
{
    assert_string_equal(row_as(state, ROW_OBJECT, "a,b,c,d,e,f,g,h\n007,+1,.5,1.,0x1F,NaN, 1,1 \n"),
                        "{\"a\":\"007\",\"b\":\"+1\",\"c\":\".5\",\"d\":\"1.\",\"e\":\"0x1F\","
                        "\"f\":\"NaN\",\"g\":\" 1\",\"h\":\"1 \"}");
}

static void strings_are_escaped_and_empty_cells_null(void **state)
{
    assert_string_equal(
        row_as(state, ROW_ARRAY, "\"say \"\"x\"\"\",b,c,d,e\n\"two\nlines\",,\"\",\\,\xC3\xBC\n"),
        "[{\"say \\\"x\\\"\":\"two\\nlines\",\"b\":null,\"c\":\"\","
        "\"d\":\"\\\\\",\"e\":\"\xC3\xBC\"}]");
}

static void words_are_joined(void **state)
{
    assert_string_equal(row_as(state, ROW_TEXT, "a,b,c,d\nfirst,,\"se, cond\",3\n"),
                        "first se, cond 3");
    assert_string_equal(row_as(state, ROW_TEXT, "a,b\n,second\n"), "second");
}

static void assert_player_problems(const char *tree_text, const char *expected)
{
    struct csv_player_options options;
    struct buffer problems;
    cJSON *tree = cJSON_Parse(tree_text);
    assert_non_null(tree);
    buffer_init(&problems, 8192);
    bool good = csv_player_options_read(tree, &options, &problems);
    assert_int_equal(good, expected[0] == '\0');
    assert_int_equal(buffer_append(&problems, "", 1), ERROR_NONE);
    assert_string_equal(problems.data, expected);
    buffer_fini(&problems);
    cJSON_Delete(tree);
}

static void parameters_are_checked_all_at_once(void **state)
{
    (void)state;
    assert_player_problems("{\"files\":\"x.csv\",\"as\":\"array\",\"rate\":10.5}", "");
    assert_player_problems("{\"files\":[\"x.csv\",\"y\"],\"delimiter\":\"\\\\t\"}", "");
    assert_player_problems(
        "{\"as\":\"jsn\",\"rate\":-1,\"loop\":1,\"delimiter\":\"\\\"\",\"topic\":\"a b\"}",
        "~topic is \"a b\": it must be a ROS name: a letter or '/', then letters, digits, '_' and "
        "'/'\n"
        "~as is \"jsn\": it must be one of object, array, text, line\n"
        "~rate is -1: it must be a number from 0 to 1000000\n"
        "~delimiter is \"\\\"\": it must be one character other than a quote, \"\\t\" is a tab\n"
        "~loop is 1: it must be true or false\n"
        "~files is not set: it must be a CSV file, a pattern ('/data/*.csv'), or a list of them\n");
    assert_player_problems(
        "{\"files\":[\"\"],\"rate\":1,\"interval\":1,\"fiels\":2}",
        "~files is [\"\"]: it must be a text or a list of texts, none of them empty\n"
        "~interval is 1: it must not be set where ~rate is\n"
        "~fiels is 2: there is no such parameter; there are as, count, delimiter, files, interval, "
        "loop, queue_size, rate, separator, topic, wait_for_subscriber\n");
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, csv_files_begin, csv_files_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(each_file_has_its_turn),
        WITH_FILES(a_file_loops_by_itself),
        WITH_FILES(files_without_rows_end_a_loop),
        WITH_FILES(all_files_that_are_wrong_are_told),
        WITH_FILES(numbers_keep_every_digit),
        WITH_FILES(what_json_has_no_number_for_is_a_string),
        WITH_FILES(strings_are_escaped_and_empty_cells_null),
        WITH_FILES(words_are_joined),
        cmocka_unit_test(parameters_are_checked_all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
