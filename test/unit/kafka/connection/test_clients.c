/* Whatever the properties, making a client ends with a client or with an error, never with a
 * signal, and the check without a network says the same as the start. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOGETHER   8   /* processes at once: they mostly wait */
#define LIMIT_S    250 /* of one property with all its values */
#define VALUES     64
#define VALUE_SIZE 256
#define NAMES      512
#define NOBODY     "127.0.0.1:1"

/* What a process is at, for its parent. */
struct place {
    char name[128];
    char value[VALUE_SIZE];
    char client[32];
    char fault[512];
};

/* Most properties of security count only where it is used. */
struct surroundings {
    const char *name;
    const char *properties[6][2];
    size_t count;
};
static const struct surroundings surroundings[] = {
    {"plain", {{NULL, NULL}}, 0},
    {"SSL", {{"security.protocol", "SSL"}}, 1},
    {"PLAIN",
     {{"security.protocol", "SASL_PLAINTEXT"},
      {"sasl.mechanism", "PLAIN"},
      {"sasl.username", "robot"},
      {"sasl.password", "secret"}},
     4},
    {"GSSAPI", {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.kerberos.kinit.cmd", "true"}}, 2},
    {"OAUTHBEARER",
     {{"security.protocol", "SASL_PLAINTEXT"},
      {"sasl.mechanism", "OAUTHBEARER"},
      {"enable.sasl.oauthbearer.unsecure.jwt", "true"}},
     3},
    {"OIDC",
     {{"security.protocol", "SASL_PLAINTEXT"},
      {"sasl.mechanism", "OAUTHBEARER"},
      {"sasl.oauthbearer.method", "oidc"},
      {"sasl.oauthbearer.client.id", "robot"},
      {"sasl.oauthbearer.client.secret", "secret"},
      {"sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:1/"}},
     6},
};
#define SURROUNDINGS (sizeof surroundings / sizeof surroundings[0])

static void ignore_report(const struct kafka_report *report, void *user)
{
    (void)report, (void)user;
}

static bool halts(const struct kafka_report *report, void *user)
{
    (void)report, (void)user;
    return true;
}

static void forget(enum kafka_log_level level, const char *text, void *user)
{
    (void)level, (void)text, (void)user;
}

/* One kind of client, made as the nodes make it. */
struct kind {
    const char *name;
    enum error_code (*check)(const struct kafka_properties *properties, struct error *error);
    enum error_code (*start)(const struct kafka_properties *properties, struct error *error);
};

static struct kafka_producer_options producer_options(const struct kafka_properties *properties)
{
    return (struct kafka_producer_options){
        .properties = properties, .report = ignore_report, .halts = halts, .borrow_values = true};
}

static struct kafka_producer_options writer_options(const struct kafka_properties *properties)
{
    return (struct kafka_producer_options){.properties = properties,
                                           .report = ignore_report,
                                           .transactional_id = "kafka_bridge.robot"};
}

static enum error_code start_producer(const struct kafka_producer_options *options,
                                      struct error *error)
{
    struct kafka_producer *producer = NULL;
    enum error_code code = kafka_producer_create(options, &producer, error);
    if (code == ERROR_NONE && !options->transactional_id) {
        struct kafka_record record = text_record("t", "key", "value");
        struct error unsent;
        (void)!kafka_producer_send(producer, &record, 0, NULL, &unsent);
    }
    kafka_producer_destroy(producer);
    return code;
}

static enum error_code check_halting(const struct kafka_properties *properties, struct error *error)
{
    struct kafka_producer_options options = producer_options(properties);
    return kafka_producer_options_check(&options, error);
}

static enum error_code start_halting(const struct kafka_properties *properties, struct error *error)
{
    struct kafka_producer_options options = producer_options(properties);
    return start_producer(&options, error);
}

static enum error_code check_writer(const struct kafka_properties *properties, struct error *error)
{
    struct kafka_producer_options options = writer_options(properties);
    return kafka_producer_options_check(&options, error);
}

static enum error_code start_writer(const struct kafka_properties *properties, struct error *error)
{
    struct kafka_producer_options options = writer_options(properties);
    return start_producer(&options, error);
}

static const struct kafka_subscription subscription = {.topic = "^t.*"};

static struct kafka_consumer_options consumer_options(const struct kafka_properties *properties)
{
    return (struct kafka_consumer_options){.properties = properties,
                                           .group = "kafka_bridge.robot",
                                           .subscriptions = &subscription,
                                           .subscription_count = 1,
                                           .ignored = "^__"};
}

static enum error_code check_consumer(const struct kafka_properties *properties,
                                      struct error *error)
{
    struct kafka_consumer_options options = consumer_options(properties);
    return kafka_consumer_options_check(&options, error);
}

static enum error_code start_consumer(const struct kafka_properties *properties,
                                      struct error *error)
{
    struct kafka_consumer_options options = consumer_options(properties);
    struct kafka_consumer *consumer = NULL;
    struct kafka_record record;
    struct error nothing;
    enum error_code code = kafka_consumer_create(&options, &consumer, error);
    if (code == ERROR_NONE)
        (void)!kafka_consumer_next(consumer, 1, &record, &nothing);
    kafka_consumer_destroy(consumer);
    return code;
}

static const struct kind kinds[] = {
    {"a producer", check_halting, start_halting},
    {"a producer of transactions", check_writer, start_writer},
    {"a consumer", check_consumer, start_consumer},
};

/* Makes every client of `properties`; false, and `place->fault`, where check and start differ. */
static bool try_clients(const struct kafka_properties *properties, struct place *place)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct error checked = {.code = ERROR_NONE};
        struct error started = {.code = ERROR_NONE};
        (void)snprintf(place->client, sizeof place->client, "%s", kinds[i].name);
        enum error_code before = kinds[i].check(properties, &checked);
        enum error_code then = kinds[i].start(properties, &started);
        if (before == then && strcmp(checked.text, started.text) == 0)
            continue;
        (void)snprintf(place->fault, sizeof place->fault,
                       "the check says %d \"%.200s\", the start %d \"%.200s\"", before,
                       checked.text, then, started.text);
        return false;
    }
    return true;
}

static bool try_value(const struct surroundings *around, const char *name, const char *value,
                      struct place *place)
{
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "bootstrap.servers", NOBODY);
    for (size_t i = 0; i < around->count; i++)
        set(&properties, around->properties[i][0], around->properties[i][1]);
    set(&properties, name, value);
    (void)snprintf(place->value, sizeof place->value, "%s", value);
    bool agreed = try_clients(&properties, place);
    kafka_properties_fini(&properties);
    return agreed;
}

/* A row of rd_kafka_conf_properties_show: "name | P | range | default | …". */
struct row {
    char name[128];
    char range[VALUE_SIZE];
};

static struct row rows[NAMES];
static size_t row_count;

static void read_rows(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    rd_kafka_conf_properties_show(stream);
    (void)fclose(stream);
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        char *name = strsep(&line, "|");
        char *scope = strsep(&line, "|");
        char *range = strsep(&line, "|");
        if (!range || !scope[strcspn(scope, "*PC")] || strchr(scope, '/'))
            continue;
        struct row row;
        (void)snprintf(row.name, sizeof row.name, "%.*s", (int)strcspn(name, " "), name);
        (void)snprintf(row.range, sizeof row.range, "%s", range);
        assert_true(row_count < NAMES);
        rows[row_count++] = row;
    }
    free(text);
    assert_true(row_count > 100);
}

/* Values that are wrong for most, and the ends of the range and the words that the row has. */
static size_t make_values(const struct row *row, char (*values)[VALUE_SIZE])
{
    static const char *const usual[] = {
        "", "nosuch", "-1", "0", "true", "false", "9", ",;%", "9223372036854775808"};
    size_t count = 0;
    for (; count < sizeof usual / sizeof usual[0]; count++)
        (void)snprintf(values[count], VALUE_SIZE, "%s", usual[count]);
    char range[VALUE_SIZE];
    (void)snprintf(range, sizeof range, "%s", row->range);
    char *rest = range;
    for (char *word = strsep(&rest, ", "); word && count < VALUES - 1; word = strsep(&rest, ", ")) {
        if (*word && strcmp(word, "..") != 0)
            (void)snprintf(values[count++], VALUE_SIZE, "%s", word);
    }
    memset(values[count], 'x', VALUE_SIZE - 1);
    values[count++][VALUE_SIZE - 1] = '\0';
    return count;
}

/* In a process of its own. */
static void try_property(const struct surroundings *around, const struct row *row,
                         struct place *place)
{
    static char values[VALUES][VALUE_SIZE];
    (void)alarm(LIMIT_S);
    (void)!freopen("/dev/null", "w", stderr); /* what the shell says of wrong commands */
    kafka_log_set(forget, NULL);
    (void)snprintf(place->name, sizeof place->name, "%s: %s", around->name, row->name);
    size_t count = make_values(row, values);
    for (size_t i = 0; i < count; i++) {
        if (!try_value(around, row->name, values[i], place))
            _exit(EXIT_FAILURE);
    }
    _exit(EXIT_SUCCESS);
}

/* Waits for one process; says what became of it where that is not good. */
static bool wait_for_one(const pid_t *processes, const struct place *places)
{
    int status = 0;
    pid_t ended = wait(&status);
    assert_true(ended > 0);
    size_t i = 0;
    while (processes[i] != ended)
        i++;
    const struct place *place = &places[i];
    if (WIFSIGNALED(status))
        print_error("%s=\"%.80s\", %s: signal %d (%s)\n", place->name, place->value, place->client,
                    WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != EXIT_SUCCESS)
        print_error("%s=\"%.80s\", %s: %s\n", place->name, place->value, place->client,
                    place->fault);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool belongs(const struct surroundings *around, const struct row *row)
{
    return around == surroundings || strstr(row->name, "ssl") || strstr(row->name, "sasl") ||
           strstr(row->name, "security");
}

static void no_value_of_any_property_ends_the_process(void **state)
{
    (void)state;
    static pid_t processes[NAMES * SURROUNDINGS];
    struct place *places = mmap(NULL, NAMES * SURROUNDINGS * sizeof *places, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(places, MAP_FAILED);
    size_t running = 0, bad = 0;
    read_rows();
    for (size_t i = 0; i < row_count * SURROUNDINGS; i++) {
        const struct surroundings *around = &surroundings[i / row_count];
        const struct row *row = &rows[i % row_count];
        if (!belongs(around, row))
            continue;
        if (running == TOGETHER) {
            bad += !wait_for_one(processes, places);
            running--;
        }
        processes[i] = fork();
        if (processes[i] == 0)
            try_property(around, row, &places[i]);
        assert_true(processes[i] > 0);
        running++;
    }
    for (; running > 0; running--)
        bad += !wait_for_one(processes, places);
    (void)munmap(places, NAMES * SURROUNDINGS * sizeof *places);
    assert_int_equal(bad, 0);
}

/* Sections that librdkafka refuses only when it makes the client. */
static void what_a_client_refuses_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *properties[3][2];
        size_t count;
        const char *words;
    } cases[] = {
        {{{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}}, 2, "sasl.username"},
        {{{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "PLIAN"}}, 2, "PLIAN"},
        {{{"security.protocol", "SSL"}, {"ssl.cipher.suites", "nosuch"}}, 2, "ssl.cipher.suites"},
        {{{"security.protocol", "SSL"}, {"ssl.ca.location", "/nowhere.pem"}}, 2, "ssl.ca.location"},
    };
    kafka_log_set(forget, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct place place = {.fault = ""};
        struct kafka_properties properties;
        struct error error = {.code = ERROR_NONE};
        kafka_properties_init(&properties);
        set(&properties, "bootstrap.servers", NOBODY);
        for (size_t k = 0; k < cases[i].count; k++)
            set(&properties, cases[i].properties[k][0], cases[i].properties[k][1]);
        assert_int_equal(start_halting(&properties, &error), ERROR_RANGE);
        if (!strstr(error.text, cases[i].words) && !strstr(error.path, cases[i].words))
            fail_msg("%s: %s", error.path, error.text);
        if (!try_clients(&properties, &place))
            fail_msg("%s: %s", place.client, place.fault);
        kafka_properties_fini(&properties);
    }
}

/* With GSSAPI a client begins with a command of the user's, which asks a server for a ticket. */
static void the_check_runs_no_command(void **state)
{
    (void)state;
    char path[] = "/tmp/test_clients.XXXXXX";
    char command[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    (void)snprintf(command, sizeof command, "rm %s", path);
    struct kafka_properties properties;
    struct error error = {.code = ERROR_NONE};
    kafka_properties_init(&properties);
    set(&properties, "bootstrap.servers", NOBODY);
    set(&properties, "security.protocol", "SASL_PLAINTEXT");
    set(&properties, "sasl.kerberos.kinit.cmd", command);
    enum error_code code = check_halting(&properties, &error);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(start_halting(&properties, &error), code);
    (void)unlink(path);
    kafka_properties_fini(&properties);
}

int main(void)
{
    /* The machine's certificates, read for each client, take longer than all the rest. */
    (void)setenv("SSL_CERT_FILE", "/dev/null", 1);
    (void)setenv("SSL_CERT_DIR", "/dev/null", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_client_refuses_is_an_error),
        cmocka_unit_test(the_check_runs_no_command),
        cmocka_unit_test(no_value_of_any_property_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
