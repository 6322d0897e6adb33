#include "kafka/connection/flood.h"

#include <string.h>
#include <time.h>

int64_t kafka_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "Timed out 3 requests after 1012 ms" and "... 4 requests after 998 ms" are one kind. */
static void normalize(const char *text, char kind[KAFKA_FLOOD_KIND_SIZE])
{
    size_t length = 0;
    for (; *text && length < KAFKA_FLOOD_KIND_SIZE - 1; text++) {
        bool digit = *text >= '0' && *text <= '9';
        if (digit && length > 0 && kind[length - 1] == '#')
            continue;
        kind[length++] = digit ? '#' : *text;
    }
    kind[length] = '\0';
}

static struct kafka_flood_entry *oldest(struct kafka_flood *flood)
{
    struct kafka_flood_entry *entry = flood->entries;
    for (size_t i = 1; i < flood->count; i++) {
        if (flood->entries[i].admitted < entry->admitted)
            entry = &flood->entries[i];
    }
    return entry;
}

bool kafka_flood_admit(struct kafka_flood *flood, const char *kind, int64_t now,
                       uint64_t *held_back)
{
    char normal[KAFKA_FLOOD_KIND_SIZE];
    normalize(kind, normal);
    *held_back = 0;
    for (size_t i = 0; i < flood->count; i++) {
        struct kafka_flood_entry *entry = &flood->entries[i];
        if (strcmp(entry->kind, normal) != 0)
            continue;
        if (now - entry->admitted < KAFKA_FLOOD_INTERVAL_MS) {
            entry->held_back++;
            return false;
        }
        *held_back = entry->held_back;
        entry->held_back = 0;
        entry->admitted = now;
        return true;
    }
    struct kafka_flood_entry *entry =
        flood->count < KAFKA_FLOOD_KINDS ? &flood->entries[flood->count++] : oldest(flood);
    *entry = (struct kafka_flood_entry){.admitted = now};
    memcpy(entry->kind, normal, sizeof normal);
    return true;
}

void kafka_flood_reset(struct kafka_flood *flood)
{
    flood->count = 0;
}
