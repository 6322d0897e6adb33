/* A partition of a Kafka topic as the key of a table (base/hash.h). */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_PARTITION_KEY_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_PARTITION_KEY_H

#include "bridge/flow/names.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct partition_key {
    int32_t number;
    char topic[NAMES_KAFKA_TOPIC_SIZE];
};

/* Returns how many bytes of the key count. */
static inline size_t partition_key_init(struct partition_key *key, const char *topic,
                                        int32_t number)
{
    size_t length = strnlen(topic, sizeof key->topic - 1);
    key->number = number;
    memcpy(key->topic, topic, length);
    key->topic[length] = '\0';
    return offsetof(struct partition_key, topic) + length;
}

#endif
