#include "nodes/setup_help.h"

#include "base/help.h"

#include <string.h>

#define BEFORE_METRICS                                                                             \
    "\n"                                                                                           \
    "parameters:\n"                                                                                \
    "  _config:=FILE                the YAML file with the routes\n"                               \
    "  _bootstrap_servers:=H:P      the brokers, over what the file says; embedded: those of\n"    \
    "                               the node embedded_broker\n"                                    \
    "  _check:=true                 only says what is wrong with the file; together with\n"        \
    "                               _config:= it needs no ROS master\n"

#define METRICS_PORT                                                                               \
    "  _metrics_port:=PORT          where Prometheus finds this node's figures; 0: nowhere\n"

#define BEHIND_METRICS                                                                             \
    "  _metrics_address:=ADDRESS    where Prometheus finds its figures (127.0.0.1)\n"              \
    "  _KEY:=VALUE                  any key of the file (robot, delivery, …), over it\n"         \
    "  _SECTION/KEY:=VALUE          one of its sections kafka, spool and metrics\n"                \
    "\n"                                                                                           \
    "Every key: docs/configuration.md\n" HELP_OF_NODES

#define PARAMETERS BEFORE_METRICS METRICS_PORT BEHIND_METRICS

static const char to_kafka[] =
    "usage: ros_to_kafka [_NAME:=VALUE...]\n"
    "\n"
    "Carries ROS topics of any type into Kafka, as the routes of one YAML file say.\n" PARAMETERS;

static const char to_ros[] =
    "usage: kafka_to_ros [_NAME:=VALUE...]\n"
    "\n"
    "Publishes Kafka's records as ROS messages, as the routes of one YAML file say.\n" PARAMETERS;

static const char both[] = "usage: bridge [_NAME:=VALUE...]\n"
                           "\n"
                           "Both ways in one node: what ros_to_kafka and kafka_to_ros do, as one "
                           "YAML file says.\n" BEFORE_METRICS BEHIND_METRICS;

const char *setup_help(const char *name)
{
    if (strcmp(name, "ros_to_kafka") == 0)
        return to_kafka;
    return strcmp(name, "kafka_to_ros") == 0 ? to_ros : both;
}
