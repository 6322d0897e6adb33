#include "kafka/consumer/next_offsets.h"

#include <string.h>

void kafka_next_offsets_init(struct kafka_next_offsets *places)
{
    *places = (struct kafka_next_offsets){.list = rd_kafka_topic_partition_list_new(1)};
}

void kafka_next_offsets_fini(struct kafka_next_offsets *places)
{
    if (places->list)
        rd_kafka_topic_partition_list_destroy(places->list);
}

static bool is_of(const rd_kafka_topic_partition_t *place, const char *topic, int32_t partition)
{
    return place->partition == partition && strcmp(place->topic, topic) == 0;
}

void kafka_next_offsets_set(struct kafka_next_offsets *places, const char *topic, int32_t partition,
                            int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = places->list;
    /* Records come in runs of one partition. */
    if (places->recent >= list->cnt || !is_of(&list->elems[places->recent], topic, partition)) {
        rd_kafka_topic_partition_t *found =
            rd_kafka_topic_partition_list_find(list, topic, partition);
        if (!found)
            found = rd_kafka_topic_partition_list_add(list, topic, partition);
        places->recent = (int)(found - list->elems);
    }
    list->elems[places->recent].offset = offset;
}

bool kafka_next_offsets_have(const struct kafka_next_offsets *places, const char *topic,
                             int32_t partition)
{
    return rd_kafka_topic_partition_list_find(places->list, topic, partition) != NULL;
}

int64_t kafka_next_offsets_get(const struct kafka_next_offsets *places, const char *topic,
                               int32_t partition)
{
    const rd_kafka_topic_partition_t *place =
        rd_kafka_topic_partition_list_find(places->list, topic, partition);
    return place ? place->offset : RD_KAFKA_OFFSET_INVALID;
}

void kafka_next_offsets_drop(struct kafka_next_offsets *places, const char *topic,
                             int32_t partition)
{
    (void)rd_kafka_topic_partition_list_del(places->list, topic, partition);
}
