/* The Kafka topics that are written: each with its sequence, and with who may write to it.
 *
 * A record's id is <robot>/<kafka_topic>/<sequence>, so the sequence belongs to the topic, also
 * where a template lets several ROS topics share one. Two ROS topics that come to one Kafka topic
 * by accident are refused. Any thread may get a target; its sequence is the writer's thread's.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TARGET_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TARGET_H

#include "base/hash.h"
#include "bridge/config/config.h"
#include "bridge/flow/names.h"
#include "spool/spool.h"

struct target {
    UT_hash_handle hh;                   /* by kafka_topic */
    UT_hash_handle hh_metric;            /* by metric */
    char metric[NAMES_KAFKA_TOPIC_SIZE]; /* names_metric of kafka_topic */
    char *kafka_topic;
    const struct to_kafka_route *route; /* the one that writes here */
    char *ros_topic;                    /* the first that did */
    struct spool_sequence *sequence;    /* NULL until the writer needs it */
};

struct targets;

/* Reserves the topics that the explicit routes name, so that no pattern takes them. ERROR_MEMORY.
 */
enum error_code targets_create(const struct config *config, struct targets **targets,
                               struct error *error) MUST_CHECK;
void targets_destroy(struct targets *targets);

/* The target for messages of `type` on `ros_topic`. ERROR_DUPLICATE: another route or ROS topic
 * writes there; ERROR_RANGE: the name is no Kafka topic, or one that Kafka cannot tell from another
 * that is written; ERROR_MEMORY. The target lives as long as the table. */
enum error_code targets_get(struct targets *targets, const struct to_kafka_route *route,
                            const char *ros_topic, const char *type, struct target **target,
                            struct error *error) MUST_CHECK;

#endif
