#include "bridge/flow/counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t read_counter(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_acquire);
}

static uint64_t known_fates(const struct totals *totals)
{
    return totals->delivered + totals->dead_lettered + totals_dropped(totals);
}

static struct totals read_totals(const struct counters *counters)
{
    struct totals found = {0};
    /* Fates first, receipts last: a message that moves on meanwhile counts as pending, never twice.
     */
    found.given_back = read_counter(&counters->given_back);
    found.delivered = read_counter(&counters->delivered);
    found.dead_lettered = read_counter(&counters->dead_lettered);
    for (size_t i = 0; i < DROP_COUNT; i++)
        found.dropped[i] = read_counter(&counters->dropped[i]);
    /* Accepted before released: what is settled meanwhile counts as pending, never as less. */
    found.accepted = read_counter(&counters->accepted);
    found.released = read_counter(&counters->released);
    found.missed = read_counter(&counters->missed);
    found.invalid_utf8 = read_counter(&counters->invalid_utf8);
    found.non_finite = read_counter(&counters->non_finite);
    found.restamped = read_counter(&counters->restamped);
    found.unheard = read_counter(&counters->unheard);
    found.restored = read_counter(&counters->restored);
    found.received = read_counter(&counters->received) - found.given_back;
    return found;
}

static uint64_t spooled_of(const struct totals *totals)
{
    uint64_t all = totals->received + totals->restored;
    uint64_t known = known_fates(totals);
    uint64_t open = all > known ? all - known : 0;
    uint64_t kept = totals->accepted > totals->released ? totals->accepted - totals->released : 0;
    /* One whose fate was counted a moment before its release is not on the disk as well. */
    return kept < open ? kept : open;
}

void totals_add(struct totals *totals, const struct counters *counters)
{
    struct totals found = read_totals(counters);
    totals->received += found.received;
    totals->given_back += found.given_back;
    totals->restored += found.restored;
    totals->delivered += found.delivered;
    totals->accepted += found.accepted;
    totals->released += found.released;
    totals->dead_lettered += found.dead_lettered;
    for (size_t i = 0; i < DROP_COUNT; i++)
        totals->dropped[i] += found.dropped[i];
    totals->missed += found.missed;
    totals->invalid_utf8 += found.invalid_utf8;
    totals->non_finite += found.non_finite;
    totals->restamped += found.restamped;
    totals->unheard += found.unheard;
    totals->spooled = spooled_of(totals);
}

uint64_t totals_dropped(const struct totals *totals)
{
    uint64_t dropped = 0;
    for (size_t i = 0; i < DROP_COUNT; i++)
        dropped += totals->dropped[i];
    return dropped;
}

uint64_t totals_pending(const struct totals *totals)
{
    uint64_t known = known_fates(totals) + totals->spooled;
    uint64_t all = totals->received + totals->restored;
    /* Never below zero: what is received while the others are read may be known already. */
    return all > known ? all - known : 0;
}

const char *drop_reason_name(enum drop_reason reason)
{
    switch (reason) {
    case DROP_QUEUE_FULL:
        return "queue_full";
    case DROP_MAX_RATE:
        return "max_rate";
    case DROP_NO_TOPIC:
        return "no_topic";
    case DROP_LOOP:
        return "loop";
    case DROP_UNDECODABLE:
        return "undecodable";
    case DROP_TOO_LARGE:
        return "too_large";
    case DROP_REFUSED:
        return "refused";
    case DROP_NOT_DELIVERED:
        return "not_delivered";
    case DROP_SPOOL_FULL:
        return "spool_full";
    case DROP_DAMAGED:
        return "damaged";
    case DROP_EMPTY:
        return "empty";
    case DROP_MAX_AGE:
        return "max_age";
    case DROP_NOT_ALLOWED:
        return "not_allowed";
    case DROP_COUNT:
        break;
    }
    return "unnamed";
}

static size_t format_reasons(const struct totals *totals, char *text, size_t size)
{
    size_t length = 0;
    const char *separator = " (";
    for (size_t i = 0; i < DROP_COUNT && length < size; i++) {
        if (totals->dropped[i] == 0)
            continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s %" PRIu64, separator,
                                   drop_reason_name((enum drop_reason)i), totals->dropped[i]);
        separator = ", ";
    }
    if (length > 0 && length < size)
        length += (size_t)snprintf(text + length, size - length, ")");
    return length;
}

/* What is worth a word only where it happened. */
static void append_rarity(char *text, size_t size, const char *what, uint64_t count)
{
    size_t length = strlen(text);
    if (count > 0)
        (void)snprintf(text + length, size - length, ", %s %" PRIu64, what, count);
}

void totals_format(const struct totals *totals, bool to_kafka, char *text, size_t size)
{
    char reasons[256] = "";
    (void)format_reasons(totals, reasons, sizeof reasons);
    char restored[40] = "", spooled[40] = "";
    if (totals->restored > 0)
        (void)snprintf(restored, sizeof restored, " + restored %" PRIu64, totals->restored);
    if (to_kafka)
        (void)snprintf(spooled, sizeof spooled, " + spooled %" PRIu64, totals->spooled);
    (void)snprintf(text, size,
                   "received %" PRIu64 "%s = %s %" PRIu64 " + dead-lettered %" PRIu64
                   " + dropped %" PRIu64 "%s%s + pending %" PRIu64 "; missed upstream %" PRIu64,
                   totals->received, restored, to_kafka ? "delivered" : "published",
                   totals->delivered, totals->dead_lettered, totals_dropped(totals), reasons,
                   spooled, totals_pending(totals), totals->missed);
    append_rarity(text, size, "invalid UTF-8 bytes replaced", totals->invalid_utf8);
    append_rarity(text, size, "non-finite numbers as null", totals->non_finite);
    append_rarity(text, size, "given another time", totals->restamped);
    append_rarity(text, size, "published without a subscriber", totals->unheard);
}
