#include "tools/spool/export.h"

#include "tools/command/interrupt.h"
#include "tools/command/named_spool.h"
#include "tools/command/print_error.h"
#include "tools/command/progress_bar.h"
#include "tools/command/settings.h"
#include "tools/resend/letters.h"
#include "tools/spool/export_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LIMIT ((size_t)3 << 30) /* bytes */
#define NEXT_MS    200

struct export
{
    const struct options *options;
    FILE *out;
    struct buffer line;
    struct progress_bar progress;
    uint64_t written; /* lines */
    enum error_code code;
    struct error error;
};

static void fail(struct export *export, enum error_code code, const char *what, const char *why)
{
    export->code =
        error_set(&export->error, code, export->options->output ? export->options->output : "", 0,
                  "%s after %llu lines: %s", what, (unsigned long long)export->written, why);
}

/* Writes the line; whether there is to be another one. */
static bool write_line(struct export *export, enum error_code code)
{
    if (code != ERROR_NONE)
        fail(export, code, "a record cannot be written", "out of memory");
    else if (fwrite(export->line.data, 1, export->line.length, export->out) != export->line.length)
        fail(export, ERROR_IO, "the output takes no more", strerror(errno));
    else
        export->written++;
    buffer_clear(&export->line);
    return export->code == ERROR_NONE && export->written < export->options->limit;
}

static bool export_record(const struct spooled *spooled, void *user)
{
    struct export *export = user;
    bool more = write_line(export, export_line_spooled(spooled, &export->line));
    progress_bar_update(&export->progress, export->written);
    return more;
}

/* Where the terminal shows the lines themselves there is no room for a bar. */
static void begin_progress(struct export *export, const char *unit, uint64_t total)
{
    progress_bar_begin(&export->progress, stderr, unit, total);
    if (isatty(fileno(export->out)) == 1)
        export->progress.terminal = false;
}

static bool export_spool(struct export *export, const struct config *config)
{
    struct records_result result = {0};
    struct spool_statistics statistics;
    struct spool *spool = NULL;
    export->code = named_spool_open(export->options, config, &spool, &export->error);
    if (export->code != ERROR_NONE)
        return false;
    spool_statistics(spool, &statistics);
    begin_progress(export, "records", statistics.records);
    struct error error;
    enum error_code code =
        records_visit(spool, export->options->topic, export_record, export, &result, &error);
    if (export->code == ERROR_NONE && code != ERROR_NONE) {
        export->code = code;
        export->error = error;
    }
    spool_close(spool);
    return result.lost == 0;
}

static bool export_letter(struct export *export, struct letter *letter,
                          const struct kafka_record *record)
{
    struct error ignored;
    if (letter_read(letter, record, &ignored) != ERROR_NONE) {
        bool all = export->options->reason_count == 0;
        return !all || write_line(export, export_line_stray(record, &export->line));
    }
    const char *topic = export->options->topic;
    if (!letters_wanted(export->options, letter->reason) ||
        (topic && strcmp(topic, letter->original.topic) != 0))
        return true;
    return write_line(export, export_line_letter(letter, record, &export->line));
}

static void export_letters(struct export *export, struct kafka_scan *scan)
{
    struct letter letter;
    bool more = true;
    letter_init(&letter);
    begin_progress(export, "letters", kafka_scan_total(scan));
    while (more && !interrupt_asked()) {
        struct kafka_record record;
        enum error_code code = kafka_scan_next(scan, NEXT_MS, &record, &export->error);
        if (code == ERROR_NONE)
            more = export_letter(export, &letter, &record);
        else if (code != ERROR_FULL)
            more = false;
        if (code != ERROR_NONE && code != ERROR_FULL && code != ERROR_MISSING)
            export->code = code;
        progress_bar_update(&export->progress, kafka_scan_passed(scan));
    }
    letter_fini(&letter);
}

static bool export_topic(struct export *export, const struct config *config)
{
    const struct options *options = export->options;
    struct kafka_scan *scan = NULL;
    export->code = letters_open(config, options->dead_letters, NULL, &scan, &export->error);
    if (export->code == ERROR_NONE)
        export->code = letters_narrow(scan, &options->from, &options->to, &export->error);
    if (export->code == ERROR_NONE)
        export_letters(export, scan);
    kafka_scan_destroy(scan);
    return true;
}

/* A file that is not there yet, so that no earlier export is lost. */
static FILE *open_output(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out)
        print_error("%s cannot be written: %s", path, strerror(errno));
    return out;
}

static void end_output(struct export *export)
{
    bool good = fflush(export->out) == 0;
    int number = errno;
    if (export->options->output && fclose(export->out) != 0 && good) {
        number = errno;
        good = false;
    }
    if (!good && export->code == ERROR_NONE)
        fail(export, ERROR_IO, "the output takes no more", strerror(number));
}

/* Opens the output and writes it; whether all that there was is in it. */
static bool export_all(struct export *export, const struct config *config)
{
    const char *output = export->options->output;
    bool letters = export->options->dead_letters != NULL;
    if (letters && settings_check_kafka(config, NULL, &export->error) != ERROR_NONE) {
        print_error_of(&export->error);
        return false;
    }
    if (output && !(export->out = open_output(output)))
        return false;
    buffer_init(&export->line, LINE_LIMIT);
    bool whole = letters ? export_topic(export, config) : export_spool(export, config);
    progress_bar_clear(&export->progress);
    end_output(export);
    buffer_fini(&export->line);
    if (export->code != ERROR_NONE)
        print_error_of(&export->error);
    else if (output)
        print_error("%s: %llu lines", output, (unsigned long long)export->written);
    return whole && export->code == ERROR_NONE && !interrupt_asked();
}

int export_run(const struct options *options, FILE *out)
{
    struct export export = {.options = options, .out = out};
    struct config *config = settings_read(options, options->dead_letters != NULL);
    if (!config)
        return EXIT_FAILURE;
    bool all = export_all(&export, config);
    config_destroy(config);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
