/* CSV files as RFC 4180 has them, and as they are found; what is wrong with one, and in which line.
 */
#include "csv_files.h"
#include "simulators/csv_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The rows that are left, as "cell|cell" a line; a cell that is missing is "-". */
static const char *rest(struct csv_reader *reader)
{
    static char text[1024];
    struct csv_row row;
    struct error error;
    size_t length = 0;
    text[0] = '\0';
    for (;;) {
        assert_int_equal(csv_reader_next(reader, &row, &error), ERROR_NONE);
        if (row.count == 0)
            return text;
        for (size_t i = 0; i < row.count; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%.*s", i ? "|" : "",
                                       row.cells[i].missing ? 1 : (int)row.cells[i].length,
                                       row.cells[i].missing ? "-" : row.cells[i].text);
        length += (size_t)snprintf(text + length, sizeof text - length, "\n");
    }
}

static struct csv_reader *open_good(const char *path)
{
    struct csv_reader *reader;
    struct error error;
    if (csv_reader_open(path, ',', &reader, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return reader;
}

static void assert_name(const struct csv_reader *reader, size_t index, const char *name)
{
    const struct csv_row *names = csv_reader_names(reader);
    assert_true(index < names->count);
    assert_int_equal(names->cells[index].length, strlen(name));
    assert_memory_equal(names->cells[index].text, name, strlen(name));
}

static void cells_are_split_and_unquoted(void **state)
{
    struct csv_reader *reader = open_good(CSV_FILE(
        *state, "a", "a,b,c\n1,two,3.5\n\"x, y\",\"say \"\"hi\"\"\",\"two\nlines\"\n, s ,\"\"\n"));
    assert_name(reader, 0, "a");
    assert_name(reader, 2, "c");
    assert_string_equal(rest(reader), "1|two|3.5\nx, y|say \"hi\"|two\nlines\n-| s |\n");
    csv_reader_close(reader);
}

static void every_line_end_and_a_byte_order_mark_are_read(void **state)
{
    static const char *const texts[] = {
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4\r",
        "\xEF\xBB\xBF"
        "a,b\n1,2\n\n\n3,4\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct csv_reader *reader =
            open_good(csv_files_write(*state, "a", texts[i], strlen(texts[i])));
        assert_int_equal(csv_reader_names(reader)->count, 2);
        assert_name(reader, 0, "a");
        assert_string_equal(rest(reader), "1|2\n3|4\n");
        csv_reader_close(reader);
    }
}

static void a_name_that_is_missing_is_made_up_as_pandas_does(void **state)
{
    struct csv_reader *reader = open_good(CSV_FILE(*state, "a", ",b,\n0,1,2\n"));
    assert_name(reader, 0, "Unnamed: 0");
    assert_name(reader, 1, "b");
    assert_name(reader, 2, "Unnamed: 2");
    csv_reader_close(reader);
}

static void rewinding_begins_at_the_first_row(void **state)
{
    struct csv_reader *reader = open_good(CSV_FILE(*state, "a", "a\n1\n2"));
    struct error error;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(rest(reader), "1\n2\n");
        assert_string_equal(rest(reader), "");
        assert_int_equal(csv_reader_rewind(reader, &error), ERROR_NONE);
    }
    csv_reader_close(reader);
}

static void rows_know_their_lines(void **state)
{
    struct csv_reader *reader =
        open_good(CSV_FILE(*state, "a", "a\r\n\"two\r\nlines\"\r\n\r\n5\r\n"));
    struct csv_row row;
    struct error error;
    assert_int_equal(csv_reader_next(reader, &row, &error), ERROR_NONE);
    assert_int_equal(row.line, 2);
    assert_int_equal(csv_reader_next(reader, &row, &error), ERROR_NONE);
    assert_int_equal(row.line, 5);
    csv_reader_close(reader);
}

/* The error that the file's first mistake makes, at open or in a row. */
static struct error first_error(const char *path)
{
    struct csv_reader *reader = NULL;
    struct error error = {0};
    struct csv_row row = {.count = 1};
    if (csv_reader_open(path, ',', &reader, &error) != ERROR_NONE)
        return error;
    while (row.count > 0 && csv_reader_next(reader, &row, &error) == ERROR_NONE)
        ;
    csv_reader_close(reader);
    return error;
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    static const struct {
        const char *text;
        enum error_code code;
        const char *place;
        const char *says;
    } mistakes[] = {
        {"a,b\n1,2\n3\n", ERROR_LENGTH, ":3", "the row has 1 cells; there are 2 columns"},
        {"a,b\n1,2,3\n", ERROR_LENGTH, ":2", "the row has 3 cells; there are 2 columns"},
        {"a\n1\nx\"y\n", ERROR_SYNTAX, ":3", "a quote is out of place"},
        {"a\n\"x\"y\n", ERROR_SYNTAX, ":2", "a quote is out of place"},
        {"a\n1\n\"never\nends\n", ERROR_SYNTAX, ":3", "a quote is out of place"},
        {"a\nok\nM\xFCnchen\n", ERROR_SYNTAX, ":3", "is not UTF-8"},
        {"a,b,a\n", ERROR_DUPLICATE, ":1", "the same name"},
        {"", ERROR_MISSING, "/bad", "is empty"},
        {"\xFF\xFE"
         "a",
         ERROR_SYNTAX, "/bad", "is UTF-16"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const char *path =
            csv_files_write(*state, "bad", mistakes[i].text, strlen(mistakes[i].text));
        struct error error = first_error(path);
        assert_int_equal(error.code, mistakes[i].code);
        size_t length = strlen(mistakes[i].place);
        assert_true(strlen(error.path) >= length);
        assert_string_equal(error.path + strlen(error.path) - length, mistakes[i].place);
        if (!strstr(error.text, mistakes[i].says))
            fail_msg("found: %s", error.text);
    }
}

static void what_cannot_be_read_is_told(void **state)
{
    const struct csv_files *files = *state;
    struct error error = first_error("/nowhere/at/all.csv");
    assert_int_equal(error.code, ERROR_IO);
    assert_string_equal(error.path, "/nowhere/at/all.csv");
    assert_int_equal(first_error(files->directory).code, ERROR_IO);
}

static void a_row_without_end_is_bounded(void **state)
{
    size_t size = 2 * CSV_ROW_LIMIT;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, "a\n\"", 3);
    assert_int_equal(first_error(csv_files_write(*state, "bad", text, size)).code, ERROR_LIMIT);
    memset(text, ',', size);
    assert_int_equal(first_error(csv_files_write(*state, "bad", text, size)).code, ERROR_LIMIT);
    free(text);
}

static void plain_lines_are_left_as_they_are(void **state)
{
    struct csv_reader *reader;
    struct error error;
    const char *path = CSV_FILE(*state, "a", "first, \"line\r\n\r\nlast");
    assert_int_equal(csv_reader_open_plain(path, &reader, &error), ERROR_NONE);
    assert_string_equal(rest(reader), "first, \"line\n\nlast\n");
    assert_int_equal(csv_reader_rewind(reader, &error), ERROR_NONE);
    assert_string_equal(rest(reader), "first, \"line\n\nlast\n");
    csv_reader_close(reader);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, csv_files_begin, csv_files_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(cells_are_split_and_unquoted),
        WITH_FILES(every_line_end_and_a_byte_order_mark_are_read),
        WITH_FILES(a_name_that_is_missing_is_made_up_as_pandas_does),
        WITH_FILES(rewinding_begins_at_the_first_row),
        WITH_FILES(rows_know_their_lines),
        WITH_FILES(mistakes_are_told_with_file_and_line),
        WITH_FILES(what_cannot_be_read_is_told),
        WITH_FILES(a_row_without_end_is_bounded),
        WITH_FILES(plain_lines_are_left_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
