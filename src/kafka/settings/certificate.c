#include "kafka/settings/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME_SIZE  160
#define TIME_SIZE  40
#define NAMES_SIZE 200

/* Takes what was written to `bio` (may be NULL), which it frees. What a stranger's certificate
 * holds shall not write lines of our log. */
static void take_text(BIO *bio, char *text, size_t size)
{
    int length = bio ? BIO_read(bio, text, (int)size - 1) : 0;
    text[length > 0 ? length : 0] = '\0';
    for (char *at = text; *at; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
    BIO_free(bio);
}

static void name_text(const X509_NAME *name, char *text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio)
        (void)X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    take_text(bio, text, size);
}

static void time_text(const ASN1_TIME *time, char *text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio)
        (void)ASN1_TIME_print(bio, time);
    take_text(bio, text, size);
}

/* The hosts that a certificate is for: "DNS:a.example, IP Address:10.0.0.1". */
static void hosts_text(X509 *certificate, char *text, size_t size)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    for (int i = 0; bio && i < sk_GENERAL_NAME_num(names); i++) {
        (void)BIO_puts(bio, i ? ", " : "");
        (void)GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names, i));
    }
    take_text(bio, text, size);
    GENERAL_NAMES_free(names);
}

static void now_text(char *text, size_t size)
{
    time_t now = time(NULL);
    struct tm parts;
    (void)strftime(text, size, "%b %e %H:%M:%S %Y GMT", gmtime_r(&now, &parts));
}

static void explain_host(X509 *certificate, const char *address, char *text, size_t size)
{
    char hosts[NAMES_SIZE];
    const char *colon = strrchr(address, ':');
    int length = colon ? (int)(colon - address) : (int)strlen(address);
    hosts_text(certificate, hosts, sizeof hosts);
    (void)snprintf(
        text, size,
        "its certificate is not for the host %.*s but for %s; reach the broker by a name "
        "that its certificate holds (bootstrap.servers here, advertised.listeners there), "
        "or give it a certificate for this one; ssl.endpoint.identification.algorithm: "
        "none would leave the host unchecked",
        length, address, *hosts ? hosts : "no host at all");
}

static void explain_time(X509 *certificate, bool expired, const char *whose, char *text,
                         size_t size)
{
    char subject[NAME_SIZE];
    char bound[TIME_SIZE];
    char now[TIME_SIZE];
    name_text(X509_get_subject_name(certificate), subject, sizeof subject);
    time_text(expired ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate), bound,
              sizeof bound);
    now_text(now, sizeof now);
    (void)snprintf(text, size,
                   "%s (%s) %s %s, and this machine's clock says %s; give the broker a new "
                   "certificate, or set the clock",
                   whose, subject, expired ? "has expired on" : "is not valid before", bound, now);
}

static void explain_signer(X509 *certificate, const char *whose, char *text, size_t size)
{
    char subject[NAME_SIZE];
    char issuer[NAME_SIZE];
    name_text(X509_get_subject_name(certificate), subject, sizeof subject);
    name_text(X509_get_issuer_name(certificate), issuer, sizeof issuer);
    (void)snprintf(text, size,
                   "%s (%s, issued by %s) is not signed by an authority that this node trusts; set "
                   "ssl.ca.location to the file with that authority's certificate",
                   whose, subject, issuer);
}

void kafka_certificate_explain(int x509_error, int depth, const void *der, size_t length,
                               const char *address, char *text, size_t size)
{
    const unsigned char *bytes = der;
    const char *whose = depth == 0 ? "its certificate" : "the certificate of its authority";
    X509 *certificate = d2i_X509(NULL, &bytes, (long)length);
    switch (certificate ? x509_error : X509_V_ERR_UNSPECIFIED) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        explain_host(certificate, address, text, size);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        explain_time(certificate, x509_error == X509_V_ERR_CERT_HAS_EXPIRED, whose, text, size);
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        explain_signer(certificate, whose, text, size);
        break;
    default:
        (void)snprintf(text, size, "%s is refused: %s", whose,
                       X509_verify_cert_error_string(x509_error));
    }
    X509_free(certificate);
}

void kafka_certificate_describe(const char *path, char *text, size_t size)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    text[0] = '\0';
    if (certificate) {
        char subject[NAME_SIZE];
        char issuer[NAME_SIZE];
        char until[TIME_SIZE];
        name_text(X509_get_subject_name(certificate), subject, sizeof subject);
        name_text(X509_get_issuer_name(certificate), issuer, sizeof issuer);
        time_text(X509_get0_notAfter(certificate), until, sizeof until);
        bool expired = X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
        (void)snprintf(text, size, "%s, issued by %s, %s %s", subject, issuer,
                       expired ? "expired on" : "valid until", until);
    }
    X509_free(certificate);
    BIO_free(bio);
}
