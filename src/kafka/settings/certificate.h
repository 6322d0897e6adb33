/* X.509 certificates in messages: whose, from whom, until when, and why one was not accepted. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_CERTIFICATE_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_CERTIFICATE_H

#include <stddef.h>

/* Why the certificate `der` (DER, `length` bytes) of `address` ("host:port"), or the one at `depth`
 * above it in its chain, was refused with OpenSSL's `x509_error` (X509_V_ERR_…), and what would be
 * right. One line of printable ASCII. */
void kafka_certificate_explain(int x509_error, int depth, const void *der, size_t length,
                               const char *address, char *text, size_t size);

/* Whose certificate the PEM file `path` holds, as "CN=robot, issued by CN=our CA, expired on …"; ""
 * where it holds none. */
void kafka_certificate_describe(const char *path, char *text, size_t size);

#endif
