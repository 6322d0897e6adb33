#include "tools/resend/letters.h"

#include "bridge/flow/names.h"
#include "tools/resend/letter.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 10000

enum error_code letters_open(const struct config *config, const char *topic, const char *group,
                             struct kafka_scan **scan, struct error *error)
{
    char original[NAMES_KAFKA_TOPIC_SIZE];
    enum error_code code = letter_topic(topic, original, sizeof original, error);
    struct kafka_scan_options options = {
        .properties = &config->kafka, .topic = topic, .group = group, .timeout_ms = ANSWER_MS};
    return code == ERROR_NONE ? kafka_scan_create(&options, scan, error) : code;
}

/* The offset in each partition that `bound` stands for. */
static enum error_code find(struct kafka_scan *scan, const struct bound *bound, int64_t *offsets,
                            size_t count, struct error *error)
{
    if (bound->kind == BOUND_TIME)
        return kafka_scan_find(scan, bound->value, offsets, error);
    for (size_t i = 0; i < count; i++)
        offsets[i] = bound->value;
    return ERROR_NONE;
}

enum error_code letters_narrow(struct kafka_scan *scan, const struct bound *from,
                               const struct bound *to, struct error *error)
{
    size_t count = 0;
    struct kafka_scan_partition *partitions = kafka_scan_partitions(scan, &count);
    int64_t *offsets = calloc(count, sizeof *offsets);
    enum error_code code = ERROR_NONE;
    if (!offsets)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (from->kind != BOUND_NONE)
        code = find(scan, from, offsets, count, error);
    for (size_t i = 0; i < count && code == ERROR_NONE && from->kind != BOUND_NONE; i++)
        if (offsets[i] > partitions[i].from)
            partitions[i].from = offsets[i];
    if (to->kind != BOUND_NONE && code == ERROR_NONE)
        code = find(scan, to, offsets, count, error);
    for (size_t i = 0; i < count && code == ERROR_NONE && to->kind != BOUND_NONE; i++)
        if (offsets[i] < partitions[i].to)
            partitions[i].to = offsets[i];
    free(offsets);
    return code;
}

bool letters_wanted(const struct options *options, const char *reason)
{
    for (int i = 0; i < options->reason_count; i++)
        if (strcmp(options->reasons[i], reason) == 0)
            return true;
    return options->reason_count == 0;
}
