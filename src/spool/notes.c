#include "spool/notes.h"

#include <stdlib.h>
#include <string.h>

void spool_notes_fini(struct spool_notes *notes)
{
    HASH_CLEAR(hh, notes->by_name);
    while (notes->first) {
        struct spool_note_entry *entry = notes->first;
        notes->first = entry->next;
        free(entry);
    }
    *notes = (struct spool_notes){0};
}

struct spool_note_entry *spool_notes_find(const struct spool_notes *notes, const char *name)
{
    struct spool_note_entry *entry = NULL;
    HASH_FIND_STR(notes->by_name, name, entry);
    return entry;
}

struct spool_note_entry *spool_notes_add(struct spool_notes *notes, const char *name, uint32_t id)
{
    size_t size = strlen(name) + 1;
    struct spool_note_entry *entry =
        notes->count < 10 * SPOOL_NOTES_LIMIT ? calloc(1, sizeof *entry + size) : NULL;
    if (!entry)
        return NULL;
    memcpy(entry->name, name, size);
    HASH_ADD_KEYPTR(hh, notes->by_name, entry->name, size - 1, entry);
    if (!hash_has(entry)) {
        free(entry);
        return NULL;
    }
    entry->id = id;
    entry->next = notes->first;
    notes->first = entry;
    notes->count++;
    if (id > notes->last_id)
        notes->last_id = id;
    return entry;
}
