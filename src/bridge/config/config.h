/* The configuration of both nodes: one YAML file, or the same keys as private parameters.
 *
 * docs/configuration.md lists every key with its range and default. Everything is checked here,
 * before the first connection, and all problems are reported at once. A configuration is immutable
 * once read; any thread may read it.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_H

#include "bridge/config/problems.h"
#include "kafka/consumer/consumer.h"
#include "kafka/settings/properties.h"
#include "message/definitions/packages.h"
#include "message/mapping/from_record.h"
#include "message/mapping/to_record.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#define CONFIG_PATH_SIZE 128

/* A record's value. The first four go both ways; `long` comes only from Kafka. */
enum config_format { FORMAT_JSON, FORMAT_FIELDS, FORMAT_TEXT, FORMAT_ROS1, FORMAT_LONG };

/* When messages are written to the spool. */
enum durability { DURABILITY_WRITE_AHEAD, DURABILITY_SPILL, DURABILITY_NONE };

/* What happens to messages that find the spool full. */
enum when_full { WHEN_FULL_BLOCK, WHEN_FULL_DROP_OLDEST, WHEN_FULL_DROP_NEWEST };

struct config_spool {
    const char *directory; /* without "~" */
    enum durability durability;
    enum when_full when_full;
    uint64_t max_bytes;
    bool sync_full;
    bool is_trial;       /* the embedded broker's: it is elsewhere, and goes with the trial */
    const char *cluster; /* the id of the only one that records go to; "any"; NULL: the spool's */
};

/* Where the nodes show their figures to Prometheus. */
struct config_metrics {
    const char *address;    /* IPv4 or IPv6, as digits */
    uint16_t to_kafka_port; /* of ros_to_kafka; 0: it shows none */
    uint16_t to_ros_port;   /* of kafka_to_ros; 0: it shows none */
};

/* One entry of `ros_to_kafka`. */
struct to_kafka_route {
    char path[CONFIG_PATH_SIZE];   /* "ros_to_kafka[0]", for messages */
    const char *ros_topic;         /* as written; NULL with a pattern */
    const char *ros_topic_pattern; /* POSIX extended regular expression over full names; or NULL */
    const cJSON *exclude;    /* such expressions; a topic that matches one is left out; NULL */
    const char *ros_type;    /* the only type that is accepted; NULL: any */
    const char *each;        /* path of the array whose elements are records; NULL: messages are */
    const char *kafka_topic; /* template; NULL: the ROS name with '.' for '/' */
    enum config_format format;
    struct to_record_field *fields; /* of FORMAT_FIELDS */
    size_t field_count;
    const char *text_field; /* of FORMAT_TEXT: the path of the value */
    const char *key;        /* template */
    bool headers;
    bool stamp_from_receipt;
    double max_rate;  /* messages per second and ROS topic; 0: all */
    bool tcp_nodelay; /* publishers are asked to send each message at once */
    struct to_json_options json;
};

/* One entry of `kafka_to_ros`. */
struct to_ros_route {
    char path[CONFIG_PATH_SIZE];
    const char *kafka_topic; /* a name, or a regular expression that begins with '^'; {robot} is
                                filled in */
    const char *ros_topic;   /* template: {topic}, {ros_topic}, {robot} */
    const char *ros_type;    /* NULL: the record's headers say it */
    enum config_format format;
    struct from_record_field *fields; /* of FORMAT_FIELDS, FORMAT_TEXT and FORMAT_LONG */
    size_t field_count;
    bool latched;
    bool strict;
    bool wait_for_subscriber;
    uint32_t queue_size;
    enum kafka_start start;
    int64_t start_timestamp;       /* milliseconds since the Unix epoch */
    double max_age;                /* seconds; older records are not published. 0: any age */
    const char *ros_topic_pattern; /* that full names of ROS topics have to match; NULL: any */
    size_t max_topics;             /* ROS topics, and types of them, that its records may make */
};

struct config {
    const char *robot;
    struct kafka_properties kafka; /* bootstrap.servers is among them */
    const char *definitions_topic; /* "" leaves definitions out */
    struct config_spool spool;
    bool exactly_once;
    struct config_metrics metrics;
    size_t queue_max_bytes;     /* of the queue between ROS and the writer */
    size_t in_flight_max_bytes; /* of what waits in memory for Kafka, or for subscribers */
    size_t message_max_bytes;   /* of one message, on either side */
    double discovery_period;    /* seconds */
    double shutdown_timeout;    /* seconds */
    double status_period;       /* seconds; 0: no status is published */
    struct to_kafka_route *to_kafka;
    size_t to_kafka_count;
    struct to_ros_route *to_ros;
    size_t to_ros_count;
    cJSON *tree;  /* what it was read from; texts point into it */
    char **owned; /* texts that were made */
    size_t owned_count;
};

/* The column type that `text` names as `column` of a field does, or -1. */
int config_column_type(const char *text);

/* Reads and checks `tree`, which it takes over, also on failure. `packages` is where ROS types are
 * looked up. Problems are added to `problems`; the configuration is usable only where there are
 * none. NULL only where memory ran out. */
struct config *config_create(cJSON *tree, struct packages *packages, struct problems *problems);
void config_destroy(struct config *config);

#endif
