/* Why a broker and this client do not come to terms: certificates, protocols, logins. librdkafka's
 * words, which often only hint at the cause, become ones that say which it is and what to change.
 *
 * The owner's struct serves one client. Any thread, after init.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_CONNECT_ERRORS_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_CONNECT_ERRORS_H

#include "base/error.h"
#include "kafka/settings/properties.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>

#define KAFKA_REFUSAL_BROKERS   8 /* whose certificates' faults are remembered */
#define KAFKA_REFUSAL_TEXT_SIZE 480

struct kafka_connect_errors {
    char *protocol;    /* security.protocol */
    char *username;    /* sasl.username; NULL: none */
    char *certificate; /* ssl.certificate.location; NULL: none */
    bool presents_certificate;
    pthread_mutex_t mutex;
    struct kafka_connect_errors_verdict {
        char address[256];
        char text[KAFKA_REFUSAL_TEXT_SIZE];
    } verdicts[KAFKA_REFUSAL_BROKERS];
    size_t next; /* to be replaced */
};

/* Copies what it needs of the properties, none of which is secret. ERROR_MEMORY. */
enum error_code kafka_connect_errors_init(struct kafka_connect_errors *refusal,
                                          const struct kafka_properties *properties) MUST_CHECK;
void kafka_connect_errors_fini(struct kafka_connect_errors *refusal);

/* Librdkafka's verification callback (rd_kafka_conf_set_ssl_cert_verify_cb), but for its opaque:
 * accepts what OpenSSL accepts, and remembers why it does not. */
int kafka_connect_errors_verify(struct kafka_connect_errors *refusal, const char *address,
                                int x509_error, int depth, const void *der, size_t length);

/* Whether librdkafka's `words` of a failed connection to `address` tell of a refusal; then `text`
 * (at least KAFKA_REFUSAL_TEXT_SIZE bytes) says which, and what would be right. */
bool kafka_connect_errors_explain(struct kafka_connect_errors *refusal, const char *address,
                                  const char *words, char *text, size_t size);

#endif
