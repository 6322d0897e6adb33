#include "kafka/consumer/alone.h"

#include "kafka/connection/flood.h"

#define PERIOD_MS  100
#define TIMEOUT_MS 1000

static rd_kafka_topic_partition_list_t *wanted(const struct kafka_start_offsets *starts,
                                               const struct rd_kafka_metadata *metadata)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (topic->partition_cnt > 0 && kafka_start_offsets_want(starts, topic->topic))
            rd_kafka_topic_partition_list_add_range(list, topic->topic, 0,
                                                    topic->partition_cnt - 1);
    }
    return list;
}

static bool is_assigned(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *has = NULL;
    if (rd_kafka_assignment(client, &has) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    bool same = has->cnt == partitions->cnt;
    for (int i = 0; same && i < partitions->cnt; i++)
        same = rd_kafka_topic_partition_list_find(has, partitions->elems[i].topic,
                                                  partitions->elems[i].partition);
    rd_kafka_topic_partition_list_destroy(has);
    return same;
}

rd_kafka_topic_partition_list_t *kafka_alone_look(struct kafka_alone *alone,
                                                  const struct kafka_start_offsets *starts,
                                                  rd_kafka_t *client)
{
    const struct rd_kafka_metadata *metadata;
    if (!alone->on || kafka_now_ms() < alone->next)
        return NULL;
    alone->next = kafka_now_ms() + PERIOD_MS;
    if (rd_kafka_metadata(client, 1, NULL, &metadata, TIMEOUT_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return NULL;
    rd_kafka_topic_partition_list_t *list = wanted(starts, metadata);
    rd_kafka_metadata_destroy(metadata);
    if (!is_assigned(client, list))
        return list;
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}
