/* A producer that stops at a record which a broker refused, before anything behind it goes out.
 *
 * librdkafka goes on with the records behind one that failed, long before its report is served; who
 * wants to send that one again, in order, has to stop it where it hears of the failure: on its own
 * threads. Needs enable.idempotence, with which a broker takes nothing behind a gap either. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_HALT_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_HALT_H

#include "base/error.h"
#include "kafka/record/report.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

struct kafka_halt {
    /* Asked of all that fail, obeyed where a broker refused it. */
    bool (*halts)(const struct kafka_report *report, void *user);
    void *user;
};

/* `halt` outlives the client that will be made of `conf`. ERROR_IO. */
enum error_code kafka_halt_listen(struct kafka_halt *halt, rd_kafka_conf_t *conf,
                                  struct error *error) MUST_CHECK;

/* Whether the client has stopped so; then `words` is why, or a part of `text`. */
bool kafka_halt_explains(rd_kafka_resp_err_t fatal, const char *text, const char **words);

#endif
