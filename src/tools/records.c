#include "tools/records.h"

#include "bridge/names.h"
#include "bridge/spooled.h"
#include "tools/complaint.h"
#include "tools/interrupt.h"

#include <string.h>

#define BLOCK_LIMIT ((size_t)2 << 30) /* bytes */
#define KIND_LETTER 1

struct visit {
    struct spool *spool;
    const char *topic;
    records_visitor visitor;
    void *user;
    struct records_result *result;
};

/* Where a letter goes is known by its origin's topic, as a letter's key is the ROS topic. */
static void address_letter(const struct spool_origin *origin, char *topic,
                           struct kafka_record *record)
{
    if (!names_dead_letter(origin->kafka_topic, topic))
        topic[0] = '\0';
    record->topic = topic;
    record->key = origin->ros_topic;
    record->key_size = strlen(origin->ros_topic);
    record->header_count = 0;
}

static bool visit_record(const struct visit *visit, const struct spool_record *record)
{
    char id[SPOOLED_ID_SIZE];
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    struct spooled spooled = {.record = record, .id = id};
    spooled.origin = spool_origin_get(visit->spool, record->origin);
    if (!spooled.origin) {
        visit->result->lost++;
        return true;
    }
    if (visit->topic && strcmp(visit->topic, spooled.origin->kafka_topic) != 0)
        return true;
    spooled_fill(spooled.origin, record, id, &spooled.kafka);
    if (record->kind == KIND_LETTER)
        address_letter(spooled.origin, topic, &spooled.kafka);
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
            complain_error(error);
            result->lost += block.count;
        } else {
            more = false;
        }
    }
    spool_block_fini(&block);
    return code == ERROR_MISSING || code == ERROR_SYNTAX ? ERROR_NONE : code;
}
