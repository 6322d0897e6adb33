/* Writes 0, 1, 2, … to a topic in transactions of random size, going on where its group's position
 * says that Kafka is; for test_real_transactions.py, which kills it.
 *
 *     transaction_writer BOOTSTRAP ID TOPIC END [PROPERTY=VALUE...]
 *
 * Ends with 0 when END numbers are in Kafka; 1: a mistake; 3: its producer is of no more use, and
 * what is in Kafka is to be asked again. A line for each transaction: "at N". The numbers of LARGE
 * as in "LARGE=N" are sent as large as 2 MB once, which Kafka refuses. */
#include "kafka/producer/transactions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP      "transaction_writer"
#define WAIT_MS    2000
#define BATCH_MAX  2000
#define LARGE_SIZE 2000000

enum { DONE, MISTAKE, GONE = 3 };

struct writer {
    struct kafka_properties properties;
    struct kafka_producer *producer;
    const char *topic;
    int64_t end;
    int64_t large; /* a number that is sent too large at first; -1: none */
};

static void on_report(const struct kafka_report *report, void *user)
{
    struct writer *writer = user;
    if (report->delivery == KAFKA_TOO_LARGE)
        writer->large = -1; /* next time a small one takes its place */
}

static int fail(const char *what, const struct error *error)
{
    (void)printf("%s: %s %s\n", what, error->path, error->text);
    return MISTAKE;
}

static int create(struct writer *writer, const char *id)
{
    struct error error = {.code = ERROR_NONE};
    const struct kafka_producer_options options = {.properties = &writer->properties,
                                                   .report = on_report,
                                                   .user = writer,
                                                   .transactional_id = id};
    if (kafka_producer_create(&options, &writer->producer, &error) != ERROR_NONE)
        return fail("create", &error);
    while (kafka_transactions_init(writer->producer, WAIT_MS, &error) != ERROR_NONE) {
        (void)printf("init: %s\n", error.text);
        if (kafka_producer_is_fatal(writer->producer, NULL))
            return GONE;
    }
    return DONE;
}

static int send_one(struct writer *writer, int64_t number)
{
    static char large[LARGE_SIZE];
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    struct kafka_record record = {.topic = writer->topic,
                                  .partition = 0,
                                  .offset = -1,
                                  .value = text,
                                  .value_size = strlen(text)};
    if (number == writer->large) {
        for (size_t i = 0; i < sizeof large; i++)
            large[i] = (char)random(); /* does not shrink */
        record.value = large;
        record.value_size = sizeof large;
    }
    struct error error = {.code = ERROR_NONE};
    enum error_code code;
    while ((code = kafka_producer_send(writer->producer, &record, 0, NULL, &error)) == ERROR_FULL)
        kafka_producer_wait_for_room(writer->producer, WAIT_MS);
    if (code == ERROR_NONE)
        return DONE;
    (void)printf("send: %s\n", error.text);
    return GONE; /* of the transaction, perhaps of the producer */
}

/* One transaction from `number` on; `*next` is where the following one begins. */
static int write_batch(struct writer *writer, int64_t number, int64_t *next)
{
    struct error error = {.code = ERROR_NONE};
    if (kafka_transaction_begin(writer->producer, &error) != ERROR_NONE) {
        (void)fail("begin", &error);
        return GONE;
    }
    int64_t until = number + 1 + random() % BATCH_MAX;
    until = until < writer->end ? until : writer->end;
    int sent = DONE;
    int64_t at = number;
    for (; at < until && sent == DONE; at++)
        sent = send_one(writer, at);
    if (sent != DONE && kafka_producer_is_fatal(writer->producer, &error))
        return GONE;
    const struct kafka_committed_offset position = {.topic = writer->topic, .offset = until};
    enum kafka_commit commit;
    do {
        commit = sent == DONE ? kafka_transaction_commit(writer->producer, GROUP, &position, 1,
                                                         WAIT_MS, &error)
                 : kafka_transaction_abort(writer->producer, WAIT_MS, &error) == ERROR_NONE
                     ? KAFKA_ABORTED
                     : KAFKA_IN_PROGRESS;
        if (commit != KAFKA_COMMITTED)
            (void)printf("commit: %d %s\n", (int)commit, error.text);
    } while (commit == KAFKA_IN_PROGRESS && !kafka_producer_is_fatal(writer->producer, &error));
    if (commit == KAFKA_COMMITTED)
        *next = until;
    return commit == KAFKA_COMMITTED || commit == KAFKA_ABORTED ? DONE : GONE;
}

static int write_all(struct writer *writer, const char *id)
{
    int result = create(writer, id);
    if (result != DONE)
        return result;
    struct kafka_committed_offset position = {.topic = writer->topic};
    struct error error = {.code = ERROR_NONE};
    while (kafka_committed_offsets(&writer->properties, GROUP, &position, 1, 5 * WAIT_MS, &error) !=
           ERROR_NONE)
        (void)fail("positions", &error);
    int64_t number = position.offset < 0 ? 0 : position.offset;
    (void)printf("from %" PRId64 "\n", number);
    while (number < writer->end && result == DONE) {
        result = write_batch(writer, number, &number);
        (void)printf("at %" PRId64 "\n", number);
    }
    return result;
}

static enum error_code read_arguments(struct writer *writer, int count, char **arguments)
{
    enum error_code code =
        kafka_properties_set(&writer->properties, "bootstrap.servers", arguments[1]);
    writer->topic = arguments[3];
    writer->end = strtoll(arguments[4], NULL, 10);
    writer->large = -1;
    for (int i = 5; i < count && code == ERROR_NONE; i++) {
        char *equals = strchr(arguments[i], '=');
        if (!equals)
            return ERROR_ARGUMENT;
        *equals = '\0';
        if (strcmp(arguments[i], "LARGE") == 0)
            writer->large = strtoll(equals + 1, NULL, 10);
        else
            code = kafka_properties_set(&writer->properties, arguments[i], equals + 1);
    }
    return code;
}

int main(int count, char **arguments)
{
    struct writer writer = {.producer = NULL};
    kafka_properties_init(&writer.properties);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    srandom((unsigned)getpid());
    if (count < 5 || read_arguments(&writer, count, arguments) != ERROR_NONE) {
        (void)printf("usage: %s BOOTSTRAP ID TOPIC END [PROPERTY=VALUE...]\n", arguments[0]);
        return MISTAKE;
    }
    int result = write_all(&writer, arguments[2]);
    kafka_producer_destroy(writer.producer);
    kafka_properties_fini(&writer.properties);
    return result;
}
