/* A pass over a dead-letter topic for both commands that read one: from where to where, and which
 * letters. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_LETTERS_H
#define KAFKA_BRIDGE_TOOLS_RESEND_LETTERS_H

#include "bridge/config/config.h"
#include "kafka/reading/scan.h"
#include "tools/command/options.h"

/* Opens the topic; `group` NULL: commits nothing. ERROR_RANGE (no dead-letter topic's name), else
 * as kafka_scan_create. */
enum error_code letters_open(const struct config *config, const char *topic, const char *group,
                             struct kafka_scan **scan, struct error *error) MUST_CHECK;

/* Narrows the partitions of `scan` to `from` and `to`. ERROR_IO. */
enum error_code letters_narrow(struct kafka_scan *scan, const struct bound *from,
                               const struct bound *to, struct error *error) MUST_CHECK;

/* Whether `options` ask for letters with that reason. */
bool letters_wanted(const struct options *options, const char *reason);

#endif
