#include "bridge/send/spool_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_header(struct kafka_record *record, const char *name, const char *value)
{
    record->headers[record->header_count++] =
        (struct kafka_header){.name = name, .value = value, .size = strlen(value)};
}

void spool_record_to_kafka(const struct spool_origin *origin, const struct spool_record *kept,
                           char *id, struct kafka_record *record)
{
    *record = (struct kafka_record){.topic = origin->kafka_topic,
                                    .partition = -1,
                                    .offset = -1,
                                    .timestamp = kept->timestamp,
                                    .key = kept->key,
                                    .key_size = kept->key_size,
                                    .value = kept->value,
                                    .value_size = kept->value_size};
    (void)snprintf(id, SPOOL_RECORD_ID_SIZE, "%s/%s/%" PRIu64, origin->robot, origin->kafka_topic,
                   kept->sequence);
    if (!origin->headers)
        return;
    add_header(record, KAFKA_HEADER_TOPIC, origin->ros_topic);
    add_header(record, KAFKA_HEADER_TYPE, origin->ros_type);
    add_header(record, KAFKA_HEADER_MD5SUM, origin->ros_md5sum);
    add_header(record, KAFKA_HEADER_ID, id);
    if (origin->latched)
        add_header(record, KAFKA_HEADER_LATCHED, "true");
    if (origin->publisher && *origin->publisher)
        add_header(record, KAFKA_HEADER_PUBLISHER, origin->publisher);
}
