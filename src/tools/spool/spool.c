/* spool: what waits for Kafka on this machine, and what Kafka holds in dead-letter topics. */
#include "kafka/connection/log.h"
#include "tools/command/interrupt.h"
#include "tools/command/print_error.h"
#include "tools/command/usage.h"
#include "tools/resend/resend.h"
#include "tools/spool/export.h"
#include "tools/spool/listing.h"
#include "tools/spool/send.h"
#include "tools/spool/show.h"

#include <stdlib.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* Standard output is for what was asked for: whatever else libraries print there goes to standard
 * error. */
static FILE *take_output(void)
{
    int file = dup(STDOUT_FILENO);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return stdout;
    return out;
}

static void write_kafka_line(enum kafka_log_level level, const char *text, void *user)
{
    (void)user;
    if (level >= KAFKA_LOG_WARN)
        print_error("%s%s", isatty(STDERR_FILENO) == 1 ? "\r\x1b[K" : "", text);
}

static int run(const struct options *options, FILE *out)
{
    switch (options->command) {
    case COMMAND_LIST:
        return listing_run(options, out);
    case COMMAND_SHOW:
        return show_run(options, out);
    case COMMAND_EXPORT:
        return export_run(options, out);
    case COMMAND_SEND:
        return send_run(options, out);
    case COMMAND_RESEND:
        return resend_run(options, out);
    case COMMAND_NONE:
        break;
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error;
    FILE *out = take_output();
    if (options_read(argc, argv, &options, &error) != ERROR_NONE) {
        print_error("%s", error.text);
        print_error("spool --help says more");
        return EXIT_USAGE;
    }
    if (options.help) {
        (void)fputs(usage_text(options.command), out);
        return fflush(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    kafka_log_set(write_kafka_line, NULL);
    interrupt_listen();
    int status = run(&options, out);
    if (fflush(out) != 0 && status == EXIT_SUCCESS) {
        print_error("the output takes no more");
        status = EXIT_FAILURE;
    }
    return status;
}
