#include "bridge/send/time_probe.h"

#include "kafka/producer/producer.h"
#include "kafka/reading/definitions.h"

#include <stdatomic.h>

#define KEY_SIZE 512

struct answer {
    _Atomic int64_t append_time;
    atomic_bool delivered;
};

static void on_report(const struct kafka_report *report, void *user)
{
    struct answer *answer = user;
    atomic_store(&answer->append_time, report->append_time);
    atomic_store(&answer->delivered, report->delivery == KAFKA_DELIVERED);
}

/* With a producer of its own: that of the records may be in a transaction. */
static enum error_code ask(const struct config *config, const struct kafka_record *record,
                           int timeout_ms, struct answer *answer, struct error *error)
{
    struct kafka_producer *producer = NULL;
    const struct kafka_producer_options options = {
        .properties = &config->kafka, .report = on_report, .user = answer};
    enum error_code code = kafka_producer_create(&options, &producer, error);
    if (code == ERROR_NONE)
        code = kafka_producer_create_topic(producer, record->topic, 1, true, timeout_ms, error);
    if (code == ERROR_NONE)
        code = kafka_producer_send(producer, record, 0, NULL, error);
    if (code == ERROR_NONE)
        (void)kafka_producer_flush(producer, timeout_ms);
    kafka_producer_destroy(producer);
    return code;
}

enum error_code time_probe(const struct config *config, const struct spool_origin *origin,
                           int timeout_ms, int64_t *now, struct error *error)
{
    char key[KEY_SIZE];
    struct kafka_record record;
    struct answer answer = {0};
    if (!*config->definitions_topic || !*origin->definition)
        return error_set(error, ERROR_MISSING, "", 0, "there is no definition to write");
    enum error_code code =
        kafka_definition_record(config->definitions_topic, origin->ros_type, origin->ros_md5sum,
                                origin->definition, key, sizeof key, &record);
    if (code != ERROR_NONE)
        return error_set(error, ERROR_MISSING, "", 0, "the type's name is too long");
    record.timestamp = KAFKA_NO_TIME;
    code = ask(config, &record, timeout_ms, &answer, error);
    if (code != ERROR_NONE)
        return code;
    if (!atomic_load(&answer.delivered))
        return error_set(error, ERROR_IO, record.topic, 0, "Kafka does not answer");
    *now = atomic_load(&answer.append_time);
    if (*now > 0)
        return ERROR_NONE;
    return error_set(error, ERROR_MISSING, record.topic, 0,
                     "it has not message.timestamp.type=LogAppendTime");
}
