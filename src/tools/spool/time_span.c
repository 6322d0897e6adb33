#include "tools/spool/time_span.h"

#include <stdio.h>
#include <time.h>

#define BLOCK_LIMIT ((size_t)2 << 30) /* bytes */

const char *time_span_time(int64_t milliseconds, char *text)
{
    int64_t rest = milliseconds % 1000;
    time_t seconds = (time_t)(milliseconds / 1000 - (rest < 0));
    struct tm utc;
    char second[SPAN_TIME_SIZE - 8];
    if (!gmtime_r(&seconds, &utc) ||
        strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        (void)snprintf(text, SPAN_TIME_SIZE, "?");
    else
        (void)snprintf(text, SPAN_TIME_SIZE, "%s.%03dZ", second,
                       (int)(rest < 0 ? rest + 1000 : rest));
    return text;
}

static void add_block(const struct spool_block *block, struct time_span *span)
{
    struct spool_record record;
    size_t position = 0;
    while (spool_block_next(block, &position, &record)) {
        if (!span->known || record.timestamp < span->oldest)
            span->oldest = record.timestamp;
        if (!span->known || record.timestamp > span->newest)
            span->newest = record.timestamp;
        span->known = true;
    }
}

void time_span_measure(struct spool *spool, struct time_span *span)
{
    struct spool_statistics statistics;
    struct spool_block block;
    struct error ignored;
    *span = (struct time_span){0};
    spool_statistics(spool, &statistics);
    spool_block_init(&block, 0, BLOCK_LIMIT);
    if (statistics.blocks > 0 && spool_read(spool, 0, &block, &ignored) == ERROR_NONE)
        add_block(&block, span);
    if (statistics.last_id > block.id &&
        spool_read(spool, statistics.last_id - 1, &block, &ignored) == ERROR_NONE)
        add_block(&block, span);
    spool_block_fini(&block);
}
