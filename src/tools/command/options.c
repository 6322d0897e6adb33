#include "tools/command/options.h"

#include "base/nearest.h"
#include "tools/command/start_point.h"
#include "tools/command/unknown_option.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define BIT(command)   (1U << (unsigned)(command))
#define LIST           BIT(COMMAND_LIST)
#define SHOW           BIT(COMMAND_SHOW)
#define EXPORT         BIT(COMMAND_EXPORT)
#define SEND           BIT(COMMAND_SEND)
#define RESEND         BIT(COMMAND_RESEND)
#define ALL            (LIST | SHOW | EXPORT | SEND | RESEND)
#define KNOWN_COUNT    (sizeof known / sizeof known[0])
#define MEANT_EDITS(x) (strlen(x) / 3 + 1)

static const char *const command_names[] = {"list", "show", "export", "send", "resend"};

struct known_option {
    const char *name;
    int argument; /* as getopt_long's has_arg */
    int letter;   /* what getopt_long returns for it */
    unsigned commands;
};

static const struct known_option known[] = {
    {"help", no_argument, 'h', ALL},
    {"directory", required_argument, 'd', LIST | SHOW | EXPORT | SEND},
    {"topic", required_argument, 't', SHOW | EXPORT},
    {"limit", required_argument, 'n', SHOW | EXPORT | RESEND},
    {"output", required_argument, 'o', EXPORT},
    {"dead-letters", required_argument, 'L', EXPORT},
    {"reason", required_argument, 'r', EXPORT | RESEND},
    {"from", required_argument, 'f', EXPORT | RESEND},
    {"to", required_argument, 'u', EXPORT | RESEND},
    {"group", required_argument, 'g', RESEND},
    {"cluster", required_argument, 'C', SEND},
    {"dry-run", no_argument, 'N', RESEND},
    {"skip-failed", no_argument, 's', RESEND},
    {"now", no_argument, 'w', RESEND},
    {"config", required_argument, 'c', ALL},
    {"bootstrap-servers", required_argument, 'b', EXPORT | SEND | RESEND},
    {"property", required_argument, 'X', EXPORT | SEND | RESEND},
};

const char *command_name(enum tool_command command)
{
    return command_names[command];
}

static enum error_code read_command(const char *name, enum tool_command *command,
                                    struct error *error)
{
    struct nearest nearest;
    nearest_begin(&nearest, name, MEANT_EDITS(name));
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(command_names[i], name) == 0) {
            *command = (enum tool_command)i;
            return ERROR_NONE;
        }
        nearest_offer(&nearest, command_names[i]);
    }
    if (nearest.found)
        return error_set(error, ERROR_UNKNOWN, name, 0,
                         "there is no command \"%s\"; did you mean %s?", name, nearest.found);
    return error_set(error, ERROR_UNKNOWN, name, 0,
                     "there is no command \"%s\"; there are list, show, export, send and resend",
                     name);
}

/* What getopt_long did not know, or knew with no value or with one too many. */
static enum error_code explain(const struct options *options, const char *given,
                               struct error *error)
{
    const char *command = command_name(options->command);
    if (given[0] != '-')
        return error_set(error, ERROR_UNKNOWN, given, 0,
                         "an unknown option of one letter; see spool %s --help", command);
    struct unknown_option unknown;
    unknown_option_begin(&unknown, given);
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if (!(known[i].commands & BIT(options->command)))
            continue;
        enum error_code code =
            unknown_option_offer(&unknown, known[i].name, known[i].argument, error);
        if (code != ERROR_NONE)
            return code;
    }
    if (unknown.nearest.found)
        return error_set(error, ERROR_UNKNOWN, given, 0,
                         "spool %s has no option %s; did you mean --%s?", command, given,
                         unknown.nearest.found);
    return error_set(error, ERROR_UNKNOWN, given, 0,
                     "spool %s has no option %s; see spool %s --help", command, given, command);
}

static enum error_code read_limit(const char *text, uint64_t *limit, struct error *error)
{
    errno = 0;
    if (strspn(text, "0123456789") == strlen(text) && *text)
        *limit = strtoull(text, NULL, 10);
    else
        errno = EINVAL;
    return errno == 0 && *limit > 0 ? ERROR_NONE
                                    : error_set(error, ERROR_RANGE, text, 0,
                                                "--limit is \"%s\"; a whole number from 1 on is "
                                                "expected",
                                                text);
}

static enum error_code add_reason(struct options *options, const char *text, struct error *error)
{
    size_t length = strlen(text);
    if (length == 0 || length >= OPTIONS_REASON_SIZE ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz_") != length)
        return error_set(error, ERROR_RANGE, text, 0,
                         "--reason is \"%s\"; a reason as letters have them is expected, such as "
                         "syntax, range or too_large",
                         text);
    if (options->reason_count == OPTIONS_REASONS_LIMIT)
        return error_set(error, ERROR_LIMIT, text, 0, "more than %d reasons",
                         OPTIONS_REASONS_LIMIT);
    options->reasons[options->reason_count++] = text;
    return ERROR_NONE;
}

static enum error_code add_property(struct options *options, const char *text, struct error *error)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return error_set(error, ERROR_SYNTAX, text, 0,
                         "--property is \"%s\"; NAME=VALUE is expected, such as "
                         "security.protocol=SSL",
                         text);
    if (options->property_count == OPTIONS_PROPERTIES_LIMIT)
        return error_set(error, ERROR_LIMIT, text, 0, "more than %d properties",
                         OPTIONS_PROPERTIES_LIMIT);
    options->properties[options->property_count++] = text;
    return ERROR_NONE;
}

static enum error_code take(struct options *options, int letter, struct error *error)
{
    switch (letter) {
    case 'h':
        options->help = true;
        return ERROR_NONE;
    case 'd':
        options->directory = optarg;
        return ERROR_NONE;
    case 't':
        options->topic = optarg;
        return ERROR_NONE;
    case 'n':
        return read_limit(optarg, &options->limit, error);
    case 'o':
        options->output = optarg;
        return ERROR_NONE;
    case 'L':
        options->dead_letters = optarg;
        return ERROR_NONE;
    case 'r':
        return add_reason(options, optarg, error);
    case 'f':
        return start_point_read(optarg, &options->from, error);
    case 'u':
        return start_point_read(optarg, &options->to, error);
    case 'g':
        options->group = optarg;
        return ERROR_NONE;
    case 'C':
        options->cluster = optarg;
        return ERROR_NONE;
    case 'N':
        options->dry_run = true;
        return ERROR_NONE;
    case 's':
        options->skip_failed = true;
        return ERROR_NONE;
    case 'w':
        options->now = true;
        return ERROR_NONE;
    case 'c':
        options->config = optarg;
        return ERROR_NONE;
    case 'b':
        options->bootstrap_servers = optarg;
        return ERROR_NONE;
    case 'X':
        return add_property(options, optarg, error);
    default:
        return error_set(error, ERROR_ARGUMENT, "", 0, "an option without a meaning");
    }
}

/* Takes ROS's remappings (`a:=b`) out of argv, which roslaunch and rosrun's users add. */
static enum error_code take_remappings(int *argc, char **argv, struct options *options,
                                       struct error *error)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        const char *assign = strstr(argv[i], ":=");
        if (argv[i][0] == '-' || !assign || memchr(argv[i], '=', (size_t)(assign - argv[i]))) {
            argv[kept++] = argv[i];
            continue;
        }
        if (options->remapping_count == OPTIONS_REMAPPINGS_LIMIT)
            return error_set(error, ERROR_LIMIT, argv[i], 0, "more than %d remappings",
                             OPTIONS_REMAPPINGS_LIMIT);
        options->remappings[options->remapping_count++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return ERROR_NONE;
}

static enum error_code missing(const char *what, struct error *error)
{
    return error_set(error, ERROR_MISSING, "", 0, "%s", what);
}

static bool connects(const struct options *options)
{
    return options->bootstrap_servers || options->config;
}

/* What belongs together, once everything is read. */
static enum error_code check(const struct options *options, struct error *error)
{
    const char *connection = "say where Kafka is: --bootstrap-servers HOST:PORT or --config FILE";
    bool letters = options->command == COMMAND_RESEND || options->dead_letters;
    if (!letters && (options->reason_count > 0 || options->from.kind || options->to.kind))
        return missing("--reason, --from and --to are about dead letters: give --dead-letters "
                       "TOPIC as well",
                       error);
    if (options->dead_letters && options->place)
        return missing("export takes a spool or --dead-letters TOPIC, not both", error);
    if ((options->command == COMMAND_SEND || letters) && !connects(options))
        return missing(connection, error);
    if (options->place || options->dead_letters || options->command == COMMAND_LIST)
        return ERROR_NONE;
    if (options->command == COMMAND_RESEND)
        return missing("which letters? Give a topic, such as results.dead_letter", error);
    return missing("which spool? Give a file or a robot's name; spool list shows those there are",
                   error);
}

static enum error_code read_all(int argc, char **argv, struct options *options, struct error *error)
{
    struct option table[KNOWN_COUNT + 1] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if (known[i].commands & BIT(options->command))
            table[count++] = (struct option){
                .name = known[i].name, .has_arg = known[i].argument, .val = known[i].letter};
    }
    enum error_code code = ERROR_NONE;
    int letter;
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while (code == ERROR_NONE && (letter = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (letter == '?' || letter == ':')
            return explain(options, argv[optind - 1], error);
        code = take(options, letter, error);
    }
    if (code != ERROR_NONE)
        return code;
    if (optind < argc)
        options->place = argv[optind++];
    if (optind < argc)
        return error_set(error, ERROR_ARGUMENT, argv[optind], 0, "one at a time: found %s and %s",
                         options->place, argv[optind]);
    return options->help ? ERROR_NONE : check(options, error);
}

enum error_code options_read(int argc, char **argv, struct options *options, struct error *error)
{
    *options = (struct options){.limit = OPTIONS_NO_LIMIT};
    enum error_code code = take_remappings(&argc, argv, options, error);
    if (code != ERROR_NONE)
        return code;
    if (argc < 2)
        return missing("which command? There are list, show, export, send and resend", error);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        options->help = true;
        options->command = COMMAND_NONE;
        return ERROR_NONE;
    }
    code = read_command(argv[1], &options->command, error);
    return code == ERROR_NONE ? read_all(argc - 1, argv + 1, options, error) : code;
}
