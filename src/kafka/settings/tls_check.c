#include "kafka/settings/tls_check.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

struct password {
    const char *text; /* NULL: none */
    bool asked;       /* the key is locked */
};

static int give_password(char *buffer, int size, int writing, void *user)
{
    struct password *password = user;
    (void)writing;
    password->asked = true;
    size_t length = password->text ? strlen(password->text) : 0;
    if (length == 0 || length > (size_t)size)
        return -1;
    memcpy(buffer, password->text, length);
    return (int)length;
}

static const char *value_of(const struct kafka_properties *properties, const char *name)
{
    const char *value = kafka_properties_get(properties, name);
    return value && *value ? value : NULL;
}

static X509 *read_certificate(const char *path)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio ? PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

/* Sets `*certificate` to that of `name` where it is set; the caller frees it. */
static enum error_code check_certificate(const struct kafka_properties *properties,
                                         const char *name, X509 **certificate, struct error *error)
{
    struct stat found;
    const char *path = value_of(properties, name);
    /* A directory holds certificates by their hashes, `probe` is librdkafka's word. */
    if (!path || stat(path, &found) != 0 || !S_ISREG(found.st_mode))
        return ERROR_NONE;
    *certificate = read_certificate(path);
    if (*certificate)
        return ERROR_NONE;
    return error_set(error, ERROR_RANGE, name, 0, "%s holds no certificate; one in PEM is expected",
                     path);
}

static enum error_code check_ca(const struct kafka_properties *properties, struct error *error)
{
    X509 *certificate = NULL;
    enum error_code code = check_certificate(properties, "ssl.ca.location", &certificate, error);
    X509_free(certificate);
    return code;
}

static enum error_code key_fault(const char *name, const struct password *password,
                                 struct error *error)
{
    if (!password->asked)
        return error_set(error, ERROR_RANGE, name, 0,
                         "holds no private key; one in PEM is expected");
    return error_set(error, ERROR_RANGE, name, 0,
                     password->text ? "ssl.key.password does not open this key"
                                    : "this key is locked; set ssl.key.password");
}

/* Whether the key is there, can be opened, and is that of `certificate` (may be NULL). */
static enum error_code check_key(const struct kafka_properties *properties, X509 *certificate,
                                 struct error *error)
{
    const char *text = value_of(properties, "ssl.key.pem");
    const char *path = value_of(properties, "ssl.key.location");
    const char *name = text ? "ssl.key.pem" : "ssl.key.location";
    struct password password = {.text = value_of(properties, "ssl.key.password")};
    if (!text && !path)
        return ERROR_NONE;
    BIO *bio = text ? BIO_new_mem_buf(text, -1) : BIO_new_file(path, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_password, &password) : NULL;
    BIO_free(bio);
    enum error_code code = ERROR_NONE;
    if (!key)
        code = key_fault(name, &password, error);
    else if (certificate && X509_check_private_key(certificate, key) != 1)
        code = error_set(error, ERROR_RANGE, name, 0,
                         "this key is not that of the certificate in ssl.certificate.location");
    EVP_PKEY_free(key);
    return code;
}

enum error_code kafka_tls_check(const struct kafka_properties *properties, struct error *error)
{
    X509 *certificate = NULL;
    enum error_code code = check_ca(properties, error);
    if (code == ERROR_NONE)
        code = check_certificate(properties, "ssl.certificate.location", &certificate, error);
    if (code == ERROR_NONE)
        code = check_key(properties, certificate, error);
    X509_free(certificate);
    ERR_clear_error(); /* what is left there would be taken for a later connection's */
    return code;
}
