/* An HTTP server for Prometheus: /metrics, /healthz, and a line of help with status 404 elsewhere.
 *
 * It has one thread of its own, which keeps METRICS_CONNECTIONS connections at a time and closes
 * one that is silent for METRICS_TIMEOUT_SECONDS. A connection more takes the place of the one
 * whose request, or whose reading of an answer, has lasted the longest: who is slow, or says
 * nothing, keeps nobody else out. GET and HEAD only; nothing that a client sends is looked at but
 * method and path.
 */
#ifndef KAFKA_BRIDGE_METRICS_SERVER_H
#define KAFKA_BRIDGE_METRICS_SERVER_H

#include "metrics/text.h"

#include <stdint.h>

#define METRICS_CONNECTIONS     8
#define METRICS_TIMEOUT_SECONDS 10
#define METRICS_LIMIT           (128U << 20) /* bytes of one answer: a topic has about 6,000 */

struct metrics_server;

struct metrics_server_options {
    const char *address; /* IPv4 or IPv6, as digits */
    uint16_t port;       /* 0: any that is free */
    const char *name;    /* whose figures these are, for the line of help */
    void (*write)(struct metrics_text *text, void *user); /* on the server's thread */
    void *user;
};

/* Whether `text` is an address that a server can have. */
bool metrics_server_is_address(const char *text);

/* Listens and serves; the options' texts outlive the server. ERROR_IO: the operating system does
 * not give the port; the text says which and why. ERROR_MEMORY, ERROR_ARGUMENT (no address). */
enum error_code metrics_server_create(const struct metrics_server_options *options,
                                      struct metrics_server **server,
                                      struct error *error) MUST_CHECK;

/* When it returns `write` does not run any more. May be NULL. */
void metrics_server_destroy(struct metrics_server *server);

/* The port that it listens at. */
uint16_t metrics_server_port(const struct metrics_server *server);

#endif
