#include "kafka/catalog.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_LIMIT 64

struct entry {
    const char *name;
    enum kafka_scope scope;
};

/* The table's text lives for ever, with the names cut out of it in place. */
static struct {
    char *text;
    struct entry *entries;
    size_t count;
} catalog;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static enum kafka_scope scope_of(const char *column)
{
    column += strspn(column, " ");
    switch (*column) {
    case '*':
        return KAFKA_SCOPE_BOTH;
    case 'P':
        return KAFKA_SCOPE_PRODUCER;
    case 'C':
        return KAFKA_SCOPE_CONSUMER;
    default:
        return KAFKA_SCOPE_UNKNOWN;
    }
}

static enum kafka_scope find(const char *name)
{
    for (size_t i = 0; i < catalog.count; i++) {
        if (strcmp(catalog.entries[i].name, name) == 0)
            return catalog.entries[i].scope;
    }
    return KAFKA_SCOPE_UNKNOWN;
}

/* A row reads "linger.ms     |  P  | 0 .. 900000 | ...". */
static void add_row(char *row)
{
    char *bar = strchr(row, '|');
    if (!bar)
        return;
    enum kafka_scope scope = scope_of(bar + 1);
    size_t length = strcspn(row, " |");
    if (scope == KAFKA_SCOPE_UNKNOWN || length == 0 || length > NAME_LENGTH_LIMIT)
        return;
    row[length] = '\0';
    /* The global table comes first and is the one that rd_kafka_conf_set looks into first. */
    if (find(row) == KAFKA_SCOPE_UNKNOWN)
        catalog.entries[catalog.count++] = (struct entry){.name = row, .scope = scope};
}

static void load(void)
{
    size_t size = 0;
    FILE *stream = open_memstream(&catalog.text, &size);
    if (!stream)
        return;
    rd_kafka_conf_properties_show(stream);
    if (fclose(stream) != 0)
        return;
    size_t lines = 1;
    for (const char *c = catalog.text; *c; c++)
        lines += *c == '\n';
    catalog.entries = calloc(lines, sizeof *catalog.entries);
    if (!catalog.entries)
        return;
    char *rest = catalog.text;
    for (char *row = strsep(&rest, "\n"); row; row = strsep(&rest, "\n"))
        add_row(row);
}

enum kafka_scope kafka_catalog_scope(const char *name)
{
    (void)pthread_once(&once, load);
    return find(name);
}

/* Levenshtein's distance, two names of at most NAME_LENGTH_LIMIT characters. */
static size_t distance(const char *left, size_t left_length, const char *right, size_t right_length)
{
    size_t row[NAME_LENGTH_LIMIT + 1];
    for (size_t j = 0; j <= right_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= left_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= right_length; j++) {
            size_t best = diagonal + (left[i - 1] != right[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[right_length];
}

const char *kafka_catalog_nearest(const char *name)
{
    (void)pthread_once(&once, load);
    size_t length = strlen(name);
    if (length > NAME_LENGTH_LIMIT)
        return NULL;
    const char *nearest = NULL;
    size_t best = length / 3 + 1;
    for (size_t i = 0; i < catalog.count; i++) {
        const char *candidate = catalog.entries[i].name;
        size_t edits = distance(name, length, candidate, strlen(candidate));
        if (edits < best) {
            best = edits;
            nearest = candidate;
        }
    }
    return nearest;
}
