#include "spool/sequences.h"

#include <stdlib.h>
#include <string.h>

void spool_sequences_fini(struct spool_sequences *sequences)
{
    HASH_CLEAR(hh, sequences->by_topic);
    for (uint32_t i = 0; i < sequences->count; i++)
        free(sequences->entries[i]);
    free(sequences->entries);
    *sequences = (struct spool_sequences){0};
}

struct spool_sequence_entry *spool_sequences_find(const struct spool_sequences *sequences,
                                                  const char *kafka_topic)
{
    struct spool_sequence_entry *entry = NULL;
    HASH_FIND_STR(sequences->by_topic, kafka_topic, entry);
    return entry;
}

struct spool_sequence_entry *spool_sequences_add(struct spool_sequences *sequences,
                                                 const char *kafka_topic, uint64_t next)
{
    if (sequences->count == sequences->capacity) {
        uint32_t capacity = sequences->capacity > 0 ? sequences->capacity * 2 : 16;
        struct spool_sequence_entry **entries =
            realloc(sequences->entries, capacity * sizeof(struct spool_sequence_entry *));
        if (!entries)
            return NULL;
        sequences->entries = entries;
        sequences->capacity = capacity;
    }
    size_t size = strlen(kafka_topic) + 1;
    struct spool_sequence_entry *entry = malloc(sizeof *entry + size);
    if (!entry)
        return NULL;
    *entry = (struct spool_sequence_entry){.sequence = {.next = next, .reserved = next},
                                           .id = sequences->count + 1,
                                           .committed = next};
    memcpy(entry->kafka_topic, kafka_topic, size);
    HASH_ADD_KEYPTR(hh, sequences->by_topic, entry->kafka_topic, size - 1, entry);
    if (!hash_has(entry)) {
        free(entry);
        return NULL;
    }
    sequences->entries[sequences->count++] = entry;
    return entry;
}
