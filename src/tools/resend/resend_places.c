#include "tools/resend/resend_places.h"

#include "tools/command/print_error.h"
#include "tools/resend/letters.h"

#include <inttypes.h>
#include <stdlib.h>

static void begin_place(struct resend_places *places, size_t i)
{
    struct kafka_scan_partition *partition = &places->partitions[i];
    struct resend_place *place = &places->items[i];
    struct checkpoint *checkpoint = &place->checkpoint;
    if (partition->place > partition->end) {
        print_error("%s[%d] ends at offset %" PRId64 ", and was sent up to %" PRId64
                    " before: it was made anew, and all of it is sent",
                    places->options->place, partition->partition, partition->end, partition->place);
        partition->place = -1;
        partition->text[0] = '\0';
    }
    if (checkpoint_read(checkpoint, partition->place, partition->text) != ERROR_NONE)
        print_error(
            "%s[%d]: the group's text \"%.60s\" is not this tool's: only its offset %" PRId64
            " is used",
            places->options->place, partition->partition, partition->text, partition->place);
    int64_t first = checkpoint_first(checkpoint, &places->filter);
    if (!places->options->again && first > partition->from)
        partition->from = first;
}

/* A run that leaves letters out before it cannot be remembered as "all up to here". */
static void end_place(struct resend_places *places, size_t i)
{
    struct kafka_scan_partition *partition = &places->partitions[i];
    struct resend_place *place = &places->items[i];
    place->handled = partition->from;
    place->kept = partition->from;
    place->is_kept =
        partition->from <= partition->first ||
        checkpoint_follows(&place->checkpoint, &places->filter, partition->from) ||
        checkpoint_leave_out(&place->checkpoint, &places->filter, partition->from) == ERROR_NONE;
    if (!place->is_kept && !places->options->dry_run)
        print_error("%s[%d]: letters before offset %" PRId64
                    " were not sent yet, so that this run is not remembered",
                    places->options->place, partition->partition, partition->from);
}

enum error_code resend_places_init(struct resend_places *places, const struct options *options,
                                   struct kafka_scan *scan, struct error *error)
{
    *places = (struct resend_places){
        .options = options,
        .filter = {.reasons = options->reasons, .count = options->reason_count},
        .scan = scan,
    };
    places->partitions = kafka_scan_partitions(scan, &places->count);
    places->items = calloc(places->count, sizeof *places->items);
    if (!places->items)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < places->count; i++)
        begin_place(places, i);
    enum error_code code = letters_narrow(scan, &options->from, &options->to, error);
    for (size_t i = 0; i < places->count && code == ERROR_NONE; i++)
        end_place(places, i);
    return code;
}

void resend_places_fini(struct resend_places *places)
{
    free(places->items);
}

struct resend_place *resend_places_of(const struct resend_places *places, int32_t partition)
{
    size_t i = 0;
    while (i + 1 < places->count && places->partitions[i].partition != partition)
        i++;
    return &places->items[i];
}

void resend_places_reach_ends(struct resend_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        const struct kafka_scan_partition *partition = &places->partitions[i];
        if (partition->to > places->items[i].handled)
            places->items[i].handled = partition->to;
    }
}

static enum error_code keep_place(struct resend_places *places, size_t i, struct error *error)
{
    char text[KAFKA_SCAN_TEXT_SIZE];
    struct resend_place *place = &places->items[i];
    enum error_code code = ERROR_NONE;
    if (!place->changed && (place->handled == place->kept || !place->is_kept))
        return ERROR_NONE; /* nothing happened here */
    place->changed = false;
    place->kept = place->handled;
    if (place->is_kept)
        code = checkpoint_advance(&place->checkpoint, &places->filter, place->handled);
    if (code == ERROR_NONE)
        code = checkpoint_write(&place->checkpoint, text, sizeof text);
    if (code != ERROR_NONE)
        return error_set(error, code, places->options->place, 0,
                         "partition %d: more reasons were sent by themselves than can be "
                         "remembered: run it once without --reason",
                         places->partitions[i].partition);
    return kafka_scan_keep(places->scan, places->partitions[i].partition, place->checkpoint.next,
                           text, error);
}

enum error_code resend_places_keep(struct resend_places *places, struct error *error)
{
    enum error_code first = ERROR_NONE;
    for (size_t i = 0; i < places->count; i++) {
        enum error_code code = keep_place(places, i, error);
        first = first == ERROR_NONE ? code : first;
    }
    return first;
}

uint64_t resend_places_joined(const struct resend_places *places)
{
    uint64_t joined = 0;
    for (size_t i = 0; i < places->count; i++)
        joined += places->items[i].checkpoint.joined;
    return joined;
}
