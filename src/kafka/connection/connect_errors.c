#include "kafka/connection/connect_errors.h"

#include "kafka/settings/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of TLS's records (RFC 8446, 5.1): the content types, and the version's first byte. */
#define TLS_ALERT     21
#define TLS_HANDSHAKE 22
#define TLS_MAJOR     3

/* A copy of the property's value, or NULL; false: memory ran out. */
static bool copy(const struct kafka_properties *properties, const char *name, const char *fallback,
                 char **value)
{
    const char *text = kafka_properties_get(properties, name);
    if (!text || !*text)
        text = fallback;
    *value = text ? strdup(text) : NULL;
    return *value || !text;
}

enum error_code kafka_connect_errors_init(struct kafka_connect_errors *refusal,
                                          const struct kafka_properties *properties)
{
    *refusal = (struct kafka_connect_errors){.next = 0};
    bool copied = copy(properties, "security.protocol", "plaintext", &refusal->protocol) &&
                  copy(properties, "sasl.username", NULL, &refusal->username) &&
                  copy(properties, "ssl.certificate.location", NULL, &refusal->certificate);
    refusal->presents_certificate = refusal->certificate ||
                                    kafka_properties_get(properties, "ssl.certificate.pem") ||
                                    kafka_properties_get(properties, "ssl.keystore.location");
    (void)pthread_mutex_init(&refusal->mutex, NULL);
    if (copied)
        return ERROR_NONE;
    kafka_connect_errors_fini(refusal);
    return ERROR_MEMORY;
}

void kafka_connect_errors_fini(struct kafka_connect_errors *refusal)
{
    free(refusal->protocol);
    free(refusal->username);
    free(refusal->certificate);
    (void)pthread_mutex_destroy(&refusal->mutex);
}

static struct kafka_connect_errors_verdict *find(struct kafka_connect_errors *refusal,
                                                 const char *address)
{
    for (size_t i = 0; i < KAFKA_REFUSAL_BROKERS; i++) {
        if (strcmp(refusal->verdicts[i].address, address) == 0)
            return &refusal->verdicts[i];
    }
    return NULL;
}

int kafka_connect_errors_verify(struct kafka_connect_errors *refusal, const char *address,
                                int x509_error, int depth, const void *der, size_t length)
{
    if (x509_error == 0)
        return 1;
    char text[KAFKA_REFUSAL_TEXT_SIZE];
    kafka_certificate_explain(x509_error, depth, der, length, address, text, sizeof text);
    (void)pthread_mutex_lock(&refusal->mutex);
    struct kafka_connect_errors_verdict *verdict = find(refusal, address);
    if (!verdict) {
        verdict = &refusal->verdicts[refusal->next];
        refusal->next = (refusal->next + 1) % KAFKA_REFUSAL_BROKERS;
        (void)snprintf(verdict->address, sizeof verdict->address, "%s", address);
    }
    memcpy(verdict->text, text, sizeof text);
    (void)pthread_mutex_unlock(&refusal->mutex);
    return 0;
}

static void explain_certificate(struct kafka_connect_errors *refusal, const char *address,
                                char *text, size_t size)
{
    (void)pthread_mutex_lock(&refusal->mutex);
    const struct kafka_connect_errors_verdict *verdict = find(refusal, address);
    (void)snprintf(text, size, "%s",
                   verdict ? verdict->text
                           : "its certificate cannot be verified; look at ssl.ca.location");
    (void)pthread_mutex_unlock(&refusal->mutex);
}

/* The broker ended the handshake with an alert about our certificate. */
static void explain_own_certificate(const struct kafka_connect_errors *refusal, char *text,
                                    size_t size)
{
    char whose[360] = "";
    if (!refusal->presents_certificate) {
        (void)snprintf(text, size,
                       "it asks for a certificate of this node, which has none; set "
                       "ssl.certificate.location and ssl.key.location");
        return;
    }
    if (refusal->certificate)
        kafka_certificate_describe(refusal->certificate, whose, sizeof whose);
    (void)snprintf(
        text, size,
        "it refuses this node's certificate%s%s%s; the broker has to trust the authority "
        "that issued it, and it must not have expired",
        *whose ? " (" : "", whose, *whose ? ")" : "");
}

static void explain_login(const struct kafka_connect_errors *refusal, const char *words, char *text,
                          size_t size)
{
    const char *reason = strstr(words, "Authentication failed");
    const char *end = reason ? strstr(reason, " (after ") : NULL;
    (void)snprintf(text, size,
                   "it refuses the login of %s%s%.*s; look at sasl.username and "
                   "sasl.password, and at the users that the broker knows",
                   refusal->username ? refusal->username : "this node", reason ? ": " : "",
                   reason ? (int)(end ? (size_t)(end - reason) : strlen(reason)) : 0,
                   reason ? reason : "");
}

static void explain_mechanism(const struct kafka_connect_errors *refusal, const char *words,
                              char *text, size_t size)
{
    const char *supported = strstr(words, "supported mechanisms: ");
    const char *names = supported ? supported + strlen("supported mechanisms: ") : "";
    size_t length = strcspn(names, "(");
    while (length > 0 && names[length - 1] == ' ')
        length--;
    if (length > 0)
        (void)snprintf(text, size,
                       "it knows logins by %.*s only; set sasl.mechanism to one that it knows",
                       (int)length, names);
    else
        (void)snprintf(text, size,
                       "it takes no login at this port, and security.protocol is %s; set it to %s, "
                       "or take the port at which the broker takes logins",
                       refusal->protocol,
                       strcasecmp(refusal->protocol, "sasl_ssl") == 0 ? "SSL" : "PLAINTEXT");
}

static bool speaks_tls(const struct kafka_connect_errors *refusal)
{
    return strcasecmp(refusal->protocol, "ssl") == 0 ||
           strcasecmp(refusal->protocol, "sasl_ssl") == 0;
}

/* Whether one of the words, which end with NULL, stands in `text`. */
static bool has(const char *text, const char *const words[])
{
    for (size_t i = 0; words[i]; i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

/* OpenSSL's words for a peer that answers a TLS hello with something else, or not at all. */
static const char *const no_tls[] = {
    "unexpected eof", "wrong version number", "http request", "packet length",
    "Disconnected",   "reset by peer",        "system call",  NULL};

static void explain_protocol(const struct kafka_connect_errors *refusal, const char *found,
                             char *text, size_t size)
{
    (void)snprintf(text, size, "%s, and security.protocol is %s", found, refusal->protocol);
}

/* "Invalid response size 1213486160": the first four bytes of what came, where it is no Kafka. */
static bool find_first_bytes(const char *words, unsigned char bytes[4])
{
    static const char before[] = "Invalid response size ";
    const char *found = strstr(words, before);
    if (!found)
        return false;
    unsigned long size = (unsigned long)strtol(found + strlen(before), NULL, 10);
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(size >> (24 - 8 * i));
    return true;
}

static void explain_stranger(const struct kafka_connect_errors *refusal,
                             const unsigned char bytes[4], char *text, size_t size)
{
    bool is_text = true;
    for (int i = 0; i < 4; i++)
        is_text = is_text && bytes[i] >= ' ' && bytes[i] <= '~';
    if (bytes[0] >= TLS_ALERT && bytes[0] <= TLS_HANDSHAKE && bytes[1] == TLS_MAJOR)
        explain_protocol(refusal,
                         "it answers in TLS: it may speak TLS at this port (set "
                         "security.protocol: SSL or SASL_SSL)",
                         text, size);
    else
        (void)snprintf(text, size,
                       "what answers there is not Kafka%s%.*s%s: look at bootstrap.servers",
                       is_text ? ", its answer begins with \"" : "", is_text ? 4 : 0,
                       (const char *)bytes, is_text ? "\"" : "");
}

bool kafka_connect_errors_explain(struct kafka_connect_errors *refusal, const char *address,
                                  const char *words, char *text, size_t size)
{
    unsigned char bytes[4];
    bool alert = strstr(words, "SSL alert number") || strstr(words, " alert ");
    if (strstr(words, "certificate verify failed"))
        explain_certificate(refusal, address, text, size);
    else if (alert &&
             has(words, (const char *const[]){"certificate", "unknown ca", "number 116", NULL}))
        explain_own_certificate(refusal, text, size);
    else if (alert && strstr(words, "protocol version"))
        (void)snprintf(text, size, "it and this node have no version of TLS in common");
    else if (strstr(words, "in state SSL_HANDSHAKE") && has(words, no_tls))
        explain_protocol(refusal,
                         "it ended the TLS handshake: it may not speak TLS at this port (set "
                         "security.protocol: PLAINTEXT or SASL_PLAINTEXT, or take its TLS port)",
                         text, size);
    else if (find_first_bytes(words, bytes))
        explain_stranger(refusal, bytes, text, size);
    else if (strstr(words, "ApiVersionRequest failed") && strstr(words, "Timed out"))
        (void)snprintf(text, size,
                       "it does not answer Kafka's first request: it may not be Kafka, or a "
                       "broker that hangs; look at bootstrap.servers");
    else if (strstr(words, "while requesting ApiVersion") && !speaks_tls(refusal))
        explain_protocol(refusal,
                         "it hangs up on the first request: it may speak TLS at this port (set "
                         "security.protocol: SSL or SASL_SSL)",
                         text, size);
    else if (strstr(words, "might require SASL"))
        explain_protocol(
            refusal,
            "it hangs up on a client that does not log in (set security.protocol: "
            "SASL_SSL or SASL_PLAINTEXT, sasl.mechanism, sasl.username, sasl.password)",
            text, size);
    else if (strstr(words, "mechanism handshake failed"))
        explain_mechanism(refusal, words, text, size);
    else if (strstr(words, "SASL") && has(words, (const char *const[]){"uthentication", NULL}))
        explain_login(refusal, words, text, size);
    else
        return false;
    return true;
}
