#include "bridge/config/config_secret.h"

#include "base/home.h"
#include "bridge/config/config_reader.h"
#include "bridge/config/core_dump.h"
#include "kafka/settings/properties.h"

#include <errno.h>
#include <fcntl.h>
#include <rosc/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read beyond the limit: a line end, and one byte that tells of more. */
#define EXTRA 3

/* Where a value is looked for, and where its problems go. */
struct place {
    struct config_reader *section; /* `kafka` */
    const char *name;              /* the property */
    const char *file;              /* as written */
};

void config_secret_free(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

static char *fail(const struct place *place, const char *what)
{
    char directory[HOME_PATH_SIZE];
    bool relative = *place->file != '/' && strncmp(place->file, "~/", 2) != 0 &&
                    getcwd(directory, sizeof directory);
    config_reader_problem(place->section, place->name, "file %s: %s%s%s", place->file, what,
                          relative ? "; this is looked for in " : "", relative ? directory : "");
    return NULL;
}

static const char *why_unreadable(int reason)
{
    if (reason == ENOENT || reason == ENOTDIR)
        return "not there";
    return reason == EACCES ? "not readable by the user that this node runs as" : strerror(reason);
}

static void warn_of_mode(const struct place *place, mode_t mode)
{
    if (kafka_property_is_secret(place->name) && (mode & (S_IRWXG | S_IRWXO)) != 0)
        ROSC_LOG_WARN("kafka.%s: file %s is open to others than its owner (mode %04o); right is: "
                      "chmod 600 %s",
                      place->name, place->file, (unsigned)(mode & 07777), place->file);
}

/* Opens the file; -1 with a problem. A pipe without a writer would have us wait for ever. */
static int open_file(const struct place *place)
{
    char path[HOME_PATH_SIZE];
    struct stat found;
    if (!home_expand(place->file, path, sizeof path)) {
        (void)fail(place, "the path is too long");
        return -1;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        (void)fail(place, why_unreadable(errno));
        return -1;
    }
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) {
        (void)fail(place, "not a file of which a value can be read");
        (void)close(file);
        return -1;
    }
    warn_of_mode(place, found.st_mode);
    return file;
}

/* At most `size` bytes; -1: errno. */
static ssize_t read_bytes(int file, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(file, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static size_t without_line_end(const char *bytes, size_t length)
{
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    else
        return length;
    return length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
}

/* Whether the file's content is a value; `bytes` is then terminated. */
static bool check_content(const struct place *place, char *bytes, size_t length)
{
    size_t used = without_line_end(bytes, length);
    char text[96];
    if (used > CONFIG_SECRET_FILE_LIMIT) {
        (void)snprintf(text, sizeof text, "more than %d bytes, which is no value of a property",
                       CONFIG_SECRET_FILE_LIMIT);
        (void)fail(place, text);
        return false;
    }
    if (used == 0) {
        (void)fail(place, "empty");
        return false;
    }
    if (memchr(bytes, '\0', used)) {
        (void)fail(place, "holds a NUL byte, so it is no text");
        return false;
    }
    explicit_bzero(bytes + used, length - used);
    bytes[used] = '\0';
    if (strstr(place->name, "password") && memchr(bytes, '\n', used))
        ROSC_LOG_WARN("kafka.%s: file %s has more than one line: all of them are the value",
                      place->name, place->file);
    return true;
}

static char *read_from_file(const struct place *place)
{
    size_t size = CONFIG_SECRET_FILE_LIMIT + EXTRA;
    int file = open_file(place);
    if (file < 0)
        return NULL;
    char *bytes = calloc(1, size + 1);
    ssize_t length = bytes ? read_bytes(file, bytes, size) : -1;
    bool right = false;
    if (length < 0)
        (void)fail(place, bytes ? strerror(errno) : "out of memory");
    else
        right = check_content(place, bytes, (size_t)length);
    (void)close(file);
    if (right)
        return bytes;
    if (bytes)
        explicit_bzero(bytes, size);
    free(bytes);
    return NULL;
}

static char *read_from_environment(struct config_reader *section, const char *name,
                                   const char *variable)
{
    const char *value = getenv(variable);
    if (!value || !*value) {
        config_reader_problem(section, name, "the environment variable %s is %s", variable,
                              value ? "empty" : "not set");
        return NULL;
    }
    char *text = strdup(value);
    if (!text)
        config_reader_problem(section, name, "out of memory");
    return text;
}

char *config_secret_read(const cJSON *item, struct problems *problems)
{
    struct config_reader section;
    struct config_reader reader;
    char path[ERROR_PATH_SIZE];
    size_t before = problems_count(problems);
    config_reader_init(&section, NULL, "kafka", problems);
    (void)snprintf(path, sizeof path, "kafka.%s", item->string);
    config_reader_init(&reader, item, path, problems);
    const char *file = config_read_text(&reader, "file", NULL);
    const char *variable = config_read_text(&reader, "env", NULL);
    config_reader_finish(&reader);
    if (problems_count(problems) > before)
        return NULL;
    if (!file == !variable) {
        config_reader_problem(&section, item->string,
                              "found %s; one of file: PATH and env: NAME is expected",
                              file ? "both file and env" : "an empty mapping");
        return NULL;
    }
    const struct place place = {.section = &section, .name = item->string, .file = file};
    return file ? read_from_file(&place) : read_from_environment(&section, item->string, variable);
}

/* Whether the process holds something of `name` that nobody may see: the value, or the private key
 * that it names. */
static bool brings_secret(const char *name)
{
    static const char *const names[] = {"ssl.key.location", "ssl.keystore.location",
                                        "sasl.kerberos.keytab"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return kafka_property_is_secret(name);
}

void config_secret_guard(const cJSON *kafka)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, kafka)
    {
        if (item->string && brings_secret(item->string)) {
            core_dump_forbid(item->string);
            return;
        }
    }
}

void config_secret_wipe(cJSON *kafka)
{
    cJSON *item;
    cJSON_ArrayForEach(item, kafka)
    {
        if (!item->string || !kafka_property_is_secret(item->string))
            continue;
        const cJSON *variable = cJSON_GetObjectItemCaseSensitive(item, "env");
        char *value = item->valuestring;
        if (cJSON_IsString(variable))
            value = getenv(variable->valuestring);
        if (value)
            explicit_bzero(value, strlen(value));
    }
}

void config_secret_warn_public(const cJSON *kafka, const char *node)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, kafka)
    {
        if (item->string && kafka_property_is_secret(item->string) && !cJSON_IsObject(item))
            ROSC_LOG_WARN("the parameter %s/kafka/%s holds a secret that everybody in this ROS "
                          "network can read; right is: kafka: {%s: {file: PATH}}",
                          node, item->string, item->string);
    }
}
