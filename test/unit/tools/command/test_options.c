/* The command line: what is understood, and what is said of what is not. */
#include "test_support.h"

#include "tools/command/options.h"
#include "tools/command/usage.h"

#include <stdio.h>
#include <string.h>

#define ARGUMENTS_LIMIT 24

/* Reads `line`, whose words are parted by single spaces. They live to the end of the program. */
static enum error_code read(const char *line, struct options *options, struct error *error)
{
    static char words[4096];
    char *arguments[ARGUMENTS_LIMIT] = {NULL};
    char *rest = NULL;
    int count = 0;
    (void)snprintf(words, sizeof words, "spool %s", line);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        arguments[count++] = word;
    return options_read(count, arguments, options, error);
}

static void assert_read(const char *line, struct options *options)
{
    struct error error = {.code = ERROR_NONE};
    if (read(line, options, &error) != ERROR_NONE)
        fail_msg("%s: %s", line, error.text);
}

static void assert_refused(const char *line, enum error_code code, const char *text)
{
    struct options options;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(read(line, &options, &error), code);
    assert_string_equal(error.text, text);
}

static void every_option_is_read(void **state)
{
    (void)state;
    struct options options;
    assert_read("list", &options);
    assert_int_equal(options.command, COMMAND_LIST);
    assert_null(options.place);
    assert_read("show --limit 5 warty --topic odometry --directory /d", &options);
    assert_int_equal(options.command, COMMAND_SHOW);
    assert_string_equal(options.place, "warty");
    assert_string_equal(options.topic, "odometry");
    assert_string_equal(options.directory, "/d");
    assert_int_equal(options.limit, 5);
    assert_read("export warty.db --output=out.jsonl", &options);
    assert_string_equal(options.output, "out.jsonl");
    assert_true(options.limit == OPTIONS_NO_LIMIT);
    assert_read("send warty --config warty.yaml", &options);
    assert_int_equal(options.command, COMMAND_SEND);
    assert_string_equal(options.config, "warty.yaml");
    assert_read("resend r.dead_letter --bootstrap-servers h:1 --property a=b=c --property d= "
                "--reason range --reason too_large --from 17 --to 2024-01-01T00:00:00.5Z "
                "--skip-failed --dry-run --group g --now",
                &options);
    assert_string_equal(options.bootstrap_servers, "h:1");
    assert_int_equal(options.property_count, 2);
    assert_string_equal(options.properties[0], "a=b=c");
    assert_int_equal(options.reason_count, 2);
    assert_string_equal(options.reasons[1], "too_large");
    assert_int_equal(options.from.kind, BOUND_OFFSET);
    assert_int_equal(options.from.value, 17);
    assert_int_equal(options.to.kind, BOUND_TIME);
    assert_int_equal(options.to.value, INT64_C(1704067200500));
    assert_true(options.skip_failed && options.dry_run && options.now);
    assert_string_equal(options.group, "g");
}

static void remappings_of_ros_are_kept_apart(void **state)
{
    (void)state;
    struct options options;
    assert_read("list __name:=x /a:=/b --directory d", &options);
    assert_int_equal(options.remapping_count, 2);
    assert_string_equal(options.remappings[1], "/a:=/b");
    assert_null(options.place);
    assert_string_equal(options.directory, "d");
    assert_read("export --dead-letters t.dead_letter --bootstrap-servers h --property a=b:=c",
                &options);
    assert_int_equal(options.remapping_count, 0);
    assert_string_equal(options.properties[0], "a=b:=c");
}

static void commands_are_suggested(void **state)
{
    (void)state;
    assert_refused("lst", ERROR_UNKNOWN, "there is no command \"lst\"; did you mean list?");
    assert_refused("recent x", ERROR_UNKNOWN,
                   "there is no command \"recent\"; did you mean resend?");
    assert_refused("frobnicate_it", ERROR_UNKNOWN,
                   "there is no command \"frobnicate_it\"; there are list, show, export, send and "
                   "resend");
    assert_refused("", ERROR_MISSING,
                   "which command? There are list, show, export, send and resend");
}

static void options_are_suggested(void **state)
{
    (void)state;
    assert_refused("export x --outptu=y", ERROR_UNKNOWN,
                   "spool export has no option --outptu=y; did you mean --output?");
    assert_refused("show x --limt 3", ERROR_UNKNOWN,
                   "spool show has no option --limt; did you mean --limit?");
    assert_refused("show x --dry-run", ERROR_UNKNOWN,
                   "spool show has no option --dry-run; see spool show --help");
    assert_refused("send x --topic y", ERROR_UNKNOWN,
                   "spool send has no option --topic; see spool send --help");
    assert_refused("list --qqqqqqqqqqqqqq", ERROR_UNKNOWN,
                   "spool list has no option --qqqqqqqqqqqqqq; see spool list --help");
    assert_refused("show x --limit", ERROR_ARGUMENT, "--limit needs a value behind it");
    assert_refused("resend x --now=1", ERROR_ARGUMENT, "--now takes no value");
    assert_refused("show x -z", ERROR_UNKNOWN,
                   "spool show has no option -z; see spool show --help");
}

static void values_are_checked(void **state)
{
    (void)state;
    assert_refused("show x --limit 0", ERROR_RANGE,
                   "--limit is \"0\"; a whole number from 1 on is expected");
    assert_refused("show x --limit -3", ERROR_RANGE,
                   "--limit is \"-3\"; a whole number from 1 on is expected");
    assert_refused("send x --bootstrap-servers h --property linger", ERROR_SYNTAX,
                   "--property is \"linger\"; NAME=VALUE is expected, such as "
                   "security.protocol=SSL");
    assert_refused("resend x --reason Range", ERROR_RANGE,
                   "--reason is \"Range\"; a reason as letters have them is expected, such as "
                   "syntax, range or too_large");
    assert_refused("resend x --from yesterday", ERROR_RANGE,
                   "\"yesterday\" is neither an offset (a number) nor a time: expected a date and "
                   "time as 2024-02-29T23:59:59.999Z");
    assert_refused("resend x --to 99999999999999999999", ERROR_RANGE,
                   "no offset is as large as 99999999999999999999");
}

static void what_belongs_together_is_asked_for(void **state)
{
    (void)state;
    assert_refused("show", ERROR_MISSING,
                   "which spool? Give a file or a robot's name; spool list shows those there are");
    assert_refused("show a b", ERROR_ARGUMENT, "one at a time: found a and b");
    assert_refused("send x", ERROR_MISSING,
                   "say where Kafka is: --bootstrap-servers HOST:PORT or --config FILE");
    assert_refused("export --dead-letters x", ERROR_MISSING,
                   "say where Kafka is: --bootstrap-servers HOST:PORT or --config FILE");
    assert_refused("resend --config x", ERROR_MISSING,
                   "which letters? Give a topic, such as results.dead_letter");
    assert_refused("export warty --from 3", ERROR_MISSING,
                   "--reason, --from and --to are about dead letters: give --dead-letters TOPIC as "
                   "well");
    assert_refused("export warty --dead-letters x --config y", ERROR_MISSING,
                   "export takes a spool or --dead-letters TOPIC, not both");
}

static void help_needs_nothing_else(void **state)
{
    (void)state;
    struct options options;
    assert_read("--help", &options);
    assert_true(options.help);
    assert_int_equal(options.command, COMMAND_NONE);
    assert_read("resend --help", &options);
    assert_true(options.help);
    assert_int_equal(options.command, COMMAND_RESEND);
}

/* Every option that a command takes is in its help, and what is in its help it takes. */
static void help_says_every_option(void **state)
{
    (void)state;
    static const char *const names[] = {
        "--help",        "--directory", "--topic",        "--limit",
        "--output",      "--from",      "--to",           "--group",
        "--skip-failed", "--now",       "--dead-letters", "--reason",
        "--dry-run",     "--config",    "--property",     "--bootstrap-servers",
        "--cluster",
    };
    for (int command = 0; command < COMMAND_COUNT; command++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            char line[64];
            struct options options;
            struct error error = {.code = ERROR_NONE};
            (void)snprintf(line, sizeof line, "%s %s", command_name(command), names[i]);
            bool known = read(line, &options, &error) != ERROR_UNKNOWN;
            (void)snprintf(line, sizeof line, "  %s ", names[i]);
            bool said = strstr(usage_text(command), line) != NULL;
            if (known != said)
                fail_msg("%s: %s is %s, and %s in the help", command_name(command), names[i],
                         known ? "known" : "not known", said ? "is" : "is not");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_read),
        cmocka_unit_test(remappings_of_ros_are_kept_apart),
        cmocka_unit_test(commands_are_suggested),
        cmocka_unit_test(options_are_suggested),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(what_belongs_together_is_asked_for),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(help_says_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
