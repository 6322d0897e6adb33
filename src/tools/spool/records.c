#include "tools/spool/records.h"

#include "bridge/outbox/batch.h"
#include "tools/command/interrupt.h"
#include "tools/command/print_error.h"

#include <string.h>

#define BLOCK_LIMIT ((size_t)2 << 30) /* bytes */

struct visit {
    struct spool *spool;
    const char *topic;
    records_visitor visitor;
    void *user;
    struct records_result *result;
};

/* A letter goes to the dead-letter topic, with the ROS topic as its key. */
static void address_letter(struct spooled *spooled)
{
    if (!names_dead_letter(spooled->origin->kafka_topic, spooled->letter_topic))
        spooled->letter_topic[0] = '\0';
    spooled->kafka.topic = spooled->letter_topic;
    spooled->kafka.key = spooled->origin->ros_topic;
    spooled->kafka.key_size = strlen(spooled->origin->ros_topic);
}

/* Fills `spooled` about `record`, to which it points. False: the spool does not know its origin. */
static bool describe(struct spool *spool, const struct spool_record *record,
                     struct spooled *spooled)
{
    spooled->record = record;
    spooled->origin = spool_origin_get(spool, record->origin);
    if (!spooled->origin)
        return false;
    spool_record_to_kafka(spooled->origin, record, spooled->id, &spooled->kafka);
    if (record->kind == KIND_LETTER)
        address_letter(spooled);
    return true;
}

static bool visit_record(const struct visit *visit, const struct spool_record *record)
{
    struct spooled spooled;
    if (!describe(visit->spool, record, &spooled)) {
        visit->result->lost++;
        return true;
    }
    if (visit->topic && strcmp(visit->topic, spooled.origin->kafka_topic) != 0)
        return true;
    visit->result->visited++;
    return visit->visitor(&spooled, visit->user);
}

static bool visit_block(const struct visit *visit, const struct spool_block *block)
{
    struct spool_record record;
    size_t position = 0;
    bool more = true;
    while (more && !interrupt_asked() && spool_block_next(block, &position, &record))
        more = visit_record(visit, &record);
    return more && !interrupt_asked();
}

enum error_code records_visit(struct spool *spool, const char *topic, records_visitor visitor,
                              void *user, struct records_result *result, struct error *error)
{
    const struct visit visit = {
        .spool = spool, .topic = topic, .visitor = visitor, .user = user, .result = result};
    struct spool_block block;
    enum error_code code = ERROR_NONE;
    bool more = true;
    uint64_t after = 0;
    *result = (struct records_result){0};
    spool_block_init(&block, 0, BLOCK_LIMIT);
    while (more) {
        code = spool_read(spool, after, &block, error);
        after = block.id;
        if (code == ERROR_NONE) {
            more = visit_block(&visit, &block);
        } else if (code == ERROR_SYNTAX) {
            print_error_of(error);
            result->lost += block.count;
        } else {
            more = false;
        }
    }
    spool_block_fini(&block);
    return code == ERROR_MISSING || code == ERROR_SYNTAX ? ERROR_NONE : code;
}
