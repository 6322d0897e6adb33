#include "kafka/consumer/idleness.h"

#include "kafka/connection/flood.h"
#include "kafka/connection/log.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LOOK_MS 3000 /* a rebalance may follow the other */
#define LOOK_MS       10000
#define ASK_MS        2000
#define OTHERS_SIZE   300

/* Kafka's ConsumerProtocolAssignment begins with a version (2 bytes) and the number of topics. */
#define VERSION_SIZE 2

enum error_code kafka_idleness_init(struct kafka_idleness *idleness, const char *group)
{
    *idleness = (struct kafka_idleness){.group = strdup(group ? group : "")};
    return idleness->group ? ERROR_NONE : ERROR_MEMORY;
}

void kafka_idleness_fini(struct kafka_idleness *idleness)
{
    free(idleness->group);
}

void kafka_idleness_note(struct kafka_idleness *idleness, int count)
{
    if (count == 0) {
        idleness->look_at = kafka_now_ms() + FIRST_LOOK_MS;
        return;
    }
    idleness->look_at = 0;
    if (idleness->said)
        kafka_log_write(KAFKA_LOG_INFO, "the group %s gives this node %d partition%s now",
                        idleness->group, count, count == 1 ? "" : "s");
    idleness->said = false;
}

static bool has_topics(const struct rd_kafka_group_member_info *member)
{
    uint32_t topics = 0;
    if (member->member_assignment_size < VERSION_SIZE + (int)sizeof topics)
        return false;
    memcpy(&topics, (const char *)member->member_assignment + VERSION_SIZE, sizeof topics);
    return ntohl(topics) > 0;
}

/* Lists the other members that have partitions; returns how many. */
static int list_others(const struct rd_kafka_group_info *group, const char *own, char *others)
{
    int count = 0;
    size_t length = 0;
    others[0] = '\0';
    for (int i = 0; i < group->member_cnt; i++) {
        const struct rd_kafka_group_member_info *member = &group->members[i];
        if (!has_topics(member) || (own && strcmp(member->member_id, own) == 0))
            continue;
        const char *host = member->client_host + (member->client_host[0] == '/');
        int more = snprintf(others + length, OTHERS_SIZE - length, "%s%s at %s",
                            count > 0 ? ", " : "", member->client_id, host);
        length += more > 0 ? (size_t)more : 0;
        length = length < OTHERS_SIZE ? length : OTHERS_SIZE - 1;
        count++;
    }
    return count;
}

static void say(struct kafka_idleness *idleness, const struct rd_kafka_group_info *group,
                const char *own)
{
    char others[OTHERS_SIZE];
    if (list_others(group, own, others) == 0)
        return; /* nobody has any: the topics are not there, which is said */
    idleness->said = true;
    kafka_log_write(KAFKA_LOG_WARN,
                    "the group %s has left this node without a partition, so nothing is published "
                    "here: its %d members share the topics, and all partitions are with %s; to "
                    "publish all of them here too give this node a group of its own (another node "
                    "name, robot or group.id)",
                    idleness->group, group->member_cnt, others);
}

void kafka_idleness_look(struct kafka_idleness *idleness, rd_kafka_t *client)
{
    const struct rd_kafka_group_list *list;
    if (idleness->look_at == 0 || idleness->said || kafka_now_ms() < idleness->look_at)
        return;
    idleness->look_at = kafka_now_ms() + LOOK_MS;
    if (rd_kafka_list_groups(client, idleness->group, &list, ASK_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    char *own = rd_kafka_memberid(client);
    if (list->group_cnt == 1)
        say(idleness, &list->groups[0], own);
    if (own)
        rd_kafka_mem_free(client, own);
    rd_kafka_group_list_destroy(list);
}
