#include "bridge/config/config_metrics.h"

#include "metrics/server.h"

#include <math.h>

#define PORT_MAX 65535

static uint16_t whole_port(struct config_reader *reader, const char *key, double port)
{
    if (port != floor(port))
        config_reader_problem(reader, key, "found %g; a port is a whole number", port);
    return (uint16_t)port;
}

void config_read_metrics(struct config *config, struct config_reader *top)
{
    struct config_reader reader;
    struct config_metrics *metrics = &config->metrics;
    config_reader_init(&reader, config_read_any(top, "metrics"), "metrics", top->problems);
    metrics->address = config_read_text(&reader, "address", "127.0.0.1");
    if (!metrics_server_is_address(metrics->address))
        config_reader_problem(
            &reader, "address",
            "found \"%s\"; an IPv4 or IPv6 address is expected, such as 127.0.0.1 "
            "(this machine only) or 0.0.0.0 (everybody)",
            metrics->address);
    metrics->to_kafka_port = whole_port(
        &reader, "ros_to_kafka", config_read_number(&reader, "ros_to_kafka", 0, 0, PORT_MAX));
    metrics->to_ros_port = whole_port(&reader, "kafka_to_ros",
                                      config_read_number(&reader, "kafka_to_ros", 0, 0, PORT_MAX));
    if (metrics->to_kafka_port > 0 && metrics->to_kafka_port == metrics->to_ros_port)
        config_reader_problem(
            &reader, "kafka_to_ros",
            "found %u, which is ros_to_kafka's: each node needs a port of its own",
            (unsigned)metrics->to_ros_port);
    config_reader_finish(&reader);
}
