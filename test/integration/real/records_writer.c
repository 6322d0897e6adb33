/* records_writer BOOTSTRAP TOPIC [PARTITION]: writes the records that it reads from its standard
 * input, one a line, however long the broker is away in between; at the input's end it waits until
 * all are acknowledged and prints how many that were.
 *
 * A line: KEY VALUE [NAME=VALUE]…, keys and values in base64, "-" for none, "." for an empty one.
 */
#include "kafka/producer/producer.h"
#include "message/values/base64.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH_MS 1000

static atomic_ullong delivered;

static void on_report(const struct kafka_report *report, void *user)
{
    (void)user;
    if (report->delivery == KAFKA_DELIVERED)
        atomic_fetch_add(&delivered, 1);
    else
        (void)fprintf(stderr, "records_writer: not delivered: %s\n", report->reason);
}

/* Decodes in place; false where it is no base64. */
static bool decode(char *text, const void **bytes, size_t *size)
{
    *bytes = strcmp(text, "-") == 0 ? NULL : text;
    *size = 0;
    return text[0] == '-' || text[0] == '.' || base64_decode(text, strlen(text), text, size);
}

static bool parse(char *line, struct kafka_record *record)
{
    char *rest = NULL;
    char *key = strtok_r(line, " \n", &rest);
    char *value = strtok_r(NULL, " \n", &rest);
    if (!key || !value || !decode(key, &record->key, &record->key_size) ||
        !decode(value, &record->value, &record->value_size))
        return false;
    record->header_count = 0;
    for (char *word; (word = strtok_r(NULL, " \n", &rest));) {
        struct kafka_header *header = &record->headers[record->header_count];
        char *equals = strchr(word, '=');
        if (!equals || record->header_count == KAFKA_RECORD_HEADERS_LIMIT)
            return false;
        *equals = '\0';
        header->name = word;
        if (!decode(equals + 1, &header->value, &header->size))
            return false;
        record->header_count++;
    }
    return true;
}

static bool send(struct kafka_producer *producer, const struct kafka_record *record)
{
    struct error error = {0};
    enum error_code code;
    while ((code = kafka_producer_send(producer, record, 0, NULL, &error)) == ERROR_FULL)
        kafka_producer_wait_for_room(producer, FLUSH_MS);
    if (code != ERROR_NONE)
        (void)fprintf(stderr, "records_writer: %s\n", error.text);
    return code == ERROR_NONE;
}

static bool write_all(struct kafka_producer *producer, struct kafka_record *record)
{
    char *line = NULL;
    size_t capacity = 0;
    bool fine = true;
    while (fine && getline(&line, &capacity, stdin) > 0) {
        fine = parse(line, record);
        if (fine)
            fine = send(producer, record);
        else
            (void)fprintf(stderr, "records_writer: KEY VALUE [NAME=VALUE]... is expected\n");
    }
    free(line);
    return fine;
}

int main(int argc, char **argv)
{
    struct kafka_properties properties;
    struct kafka_producer *producer = NULL;
    struct error error = {.text = "out of memory"};
    if (argc < 3) {
        (void)fprintf(stderr, "usage: records_writer BOOTSTRAP TOPIC [PARTITION]\n");
        return EXIT_FAILURE;
    }
    kafka_properties_init(&properties);
    struct kafka_producer_options options = {.properties = &properties, .report = on_report};
    struct kafka_record record = {
        .topic = argv[2], .partition = argc > 3 ? atoi(argv[3]) : -1, .offset = -1};
    if (kafka_properties_set(&properties, "bootstrap.servers", argv[1]) != ERROR_NONE ||
        kafka_producer_create(&options, &producer, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "records_writer: %s\n", error.text);
        return EXIT_FAILURE;
    }
    bool fine = write_all(producer, &record);
    while (kafka_producer_flush(producer, FLUSH_MS) > 0)
        ;
    (void)printf("%llu\n", (unsigned long long)atomic_load(&delivered));
    kafka_producer_destroy(producer);
    kafka_properties_fini(&properties);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
