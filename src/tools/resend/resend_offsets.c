#include "tools/resend/resend_offsets.h"

#include "tools/command/print_error.h"
#include "tools/resend/letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP "kafka_bridge.resend"

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum error_code resend_offsets_group(const struct options *options, char *group, size_t size,
                                     struct error *error)
{
    const char *reasons[OPTIONS_REASONS_LIMIT] = {NULL};
    size_t count = (size_t)options->reason_count;
    memcpy(reasons, options->reasons, sizeof reasons);
    qsort(reasons, count, sizeof *reasons, compare);
    int length = snprintf(group, size, "%s", options->group ? options->group : GROUP);
    for (size_t i = 0; i < count && length < (int)size; i++)
        if (i == 0 || strcmp(reasons[i], reasons[i - 1]) != 0)
            length += snprintf(group + length, size - (size_t)length, ".%s", reasons[i]);
    if (length < (int)size)
        return ERROR_NONE;
    return error_set(error, ERROR_LIMIT, "--group", 0,
                     "the consumer group's name %.40s... is longer than %zu bytes", group,
                     size - 1);
}

/* Where the runs before ended. */
static int64_t begin_of(const struct kafka_scan_partition *partition, const char *topic)
{
    if (partition->committed > partition->end) {
        print_error("%s[%d] ends at offset %" PRId64 ", and was sent up to %" PRId64
                    " before: it was made anew, and all of it is sent",
                    topic, partition->partition, partition->end, partition->committed);
        return partition->first;
    }
    return partition->committed > partition->first ? partition->committed : partition->first;
}

enum error_code resend_offsets_init(struct resend_offsets *offsets, const struct options *options,
                                    struct kafka_scan *scan, struct error *error)
{
    *offsets = (struct resend_offsets){.scan = scan};
    struct kafka_scan_partition *partitions = kafka_scan_partitions(scan, &offsets->count);
    offsets->partitions = partitions;
    offsets->items = calloc(offsets->count, sizeof *offsets->items);
    if (!offsets->items)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < offsets->count && options->from.kind == BOUND_NONE; i++)
        partitions[i].from = begin_of(&partitions[i], options->place);
    enum error_code code = letters_narrow(scan, &options->from, &options->to, error);
    for (size_t i = 0; i < offsets->count; i++)
        offsets->items[i] = (struct resend_offset){
            .next = partitions[i].from, .held = INT64_MAX, .committed = partitions[i].from};
    return code;
}

void resend_offsets_fini(struct resend_offsets *offsets)
{
    free(offsets->items);
}

static struct resend_offset *find(const struct resend_offsets *offsets, int32_t partition)
{
    size_t i = 0;
    while (i + 1 < offsets->count && offsets->partitions[i].partition != partition)
        i++;
    return &offsets->items[i];
}

void resend_offsets_pass(struct resend_offsets *offsets, int32_t partition, int64_t offset)
{
    find(offsets, partition)->next = offset + 1;
}

void resend_offsets_hold(struct resend_offsets *offsets, int32_t partition, int64_t offset)
{
    struct resend_offset *item = find(offsets, partition);
    if (offset < item->held)
        item->held = offset;
}

void resend_offsets_reach_ends(struct resend_offsets *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        if (offsets->partitions[i].to > offsets->items[i].next)
            offsets->items[i].next = offsets->partitions[i].to;
}

enum error_code resend_offsets_commit(struct resend_offsets *offsets, struct error *error)
{
    enum error_code first = ERROR_NONE;
    struct error later;
    for (size_t i = 0; i < offsets->count; i++) {
        struct resend_offset *item = &offsets->items[i];
        int64_t offset = item->held < item->next ? item->held : item->next;
        if (offset == item->committed)
            continue;
        enum error_code code = kafka_scan_commit(offsets->scan, offsets->partitions[i].partition,
                                                 offset, first == ERROR_NONE ? error : &later);
        if (code == ERROR_NONE)
            item->committed = offset;
        first = first == ERROR_NONE ? code : first;
    }
    return first;
}
