#include "kafka/settings/catalog.h"

#include "base/nearest.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (scope == KAFKA_SCOPE_UNKNOWN || length == 0)
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

const char *kafka_catalog_nearest(const char *name)
{
    (void)pthread_once(&once, load);
    struct nearest nearest;
    nearest_begin(&nearest, name, strlen(name) / 3);
    for (size_t i = 0; i < catalog.count; i++)
        nearest_offer(&nearest, catalog.entries[i].name);
    return nearest.found;
}
