/* A flow's figures for Prometheus: the accounts of counters.h for each ROS topic of a route, and
 * how the flow is (flow_state.h). docs/status.md lists the families. Of the configuration's
 * section `kafka` nothing is shown, nor the flow's `trouble`, which has addresses of it.
 *
 * An account is read once for a text, so that in each text
 *
 *   received + restored = delivered + dead_lettered + dropped + given_back + spooled + pending
 *
 * holds for every account. One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_REPORT_EXPOSITION_H
#define KAFKA_BRIDGE_BRIDGE_REPORT_EXPOSITION_H

#include "bridge/flow/flow_state.h"
#include "metrics/text.h"

struct exposition_entry; /* an account as it was read for one text */

struct exposition {
    const char *robot;
    const char *direction; /* "ros_to_kafka", "kafka_to_ros" */
    bool to_kafka;
    struct flow_view source;
    struct exposition_entry *entries;
    size_t count;
    size_t room;
};

/* The texts live as long. `direction` is "ros_to_kafka" or "kafka_to_ros". */
void exposition_init(struct exposition *exposition, const char *robot, const char *direction,
                     const struct flow_view *source);
void exposition_fini(struct exposition *exposition);

/* Adds everything; where memory runs out, metrics_text_finish says so. */
void exposition_write(struct exposition *exposition, struct metrics_text *text);

#endif
