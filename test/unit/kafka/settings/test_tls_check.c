/* Certificates and keys that do not fit are told before anything connects, by their property. */
#include "support.h"

#include "kafka/settings/tls_check.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD "op3n-sesame"

struct files {
    char directory[64];
    struct kafka_properties properties;
};

static const char *const names[] = {"certificate", "key", "locked", "stranger", "rubbish"};

static const char *path_of(const struct files *files, const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", files->directory, name);
    return path;
}

static EVP_PKEY *make_key(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

static void write_key(const struct files *files, const char *name, EVP_PKEY *key,
                      const char *password)
{
    BIO *bio = BIO_new_file(path_of(files, name), "w");
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, password ? EVP_aes_128_cbc() : NULL,
                                                   password, password ? (int)strlen(password) : 0,
                                                   NULL, NULL),
                     1);
    BIO_free(bio);
}

static void write_certificate(const struct files *files, const char *name, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    BIO *bio = BIO_new_file(path_of(files, name), "w");
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, NULL) > 0);
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    BIO_free(bio);
    X509_free(certificate);
}

static int set_up(void **state)
{
    struct files *files = calloc(1, sizeof *files);
    *state = files;
    (void)snprintf(files->directory, sizeof files->directory, "/tmp/tls_check.XXXXXX");
    if (!mkdtemp(files->directory))
        return -1;
    kafka_properties_init(&files->properties);
    EVP_PKEY *key = make_key();
    EVP_PKEY *stranger = make_key();
    write_certificate(files, "certificate", key);
    write_key(files, "key", key, NULL);
    write_key(files, "locked", key, PASSWORD);
    write_key(files, "stranger", stranger, NULL);
    FILE *rubbish = fopen(path_of(files, "rubbish"), "w");
    (void)fputs("no PEM\n", rubbish);
    (void)fclose(rubbish);
    EVP_PKEY_free(key);
    EVP_PKEY_free(stranger);
    return 0;
}

static int tear_down(void **state)
{
    struct files *files = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)remove(path_of(files, names[i]));
    assert_int_equal(rmdir(files->directory), 0);
    kafka_properties_fini(&files->properties);
    free(files);
    return 0;
}

static void set_file(struct files *files, const char *property, const char *name)
{
    set(&files->properties, property, path_of(files, name));
}

static void assert_right(const struct files *files)
{
    struct error error = {.code = ERROR_NONE};
    if (kafka_tls_check(&files->properties, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
}

static void assert_wrong(const struct files *files, const char *property, const char *part)
{
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_tls_check(&files->properties, &error), ERROR_RANGE);
    assert_string_equal(error.path, property);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
    assert_null(strstr(error.text, PASSWORD));
}

static void what_fits_passes(void **state)
{
    struct files *files = *state;
    assert_right(files);
    set_file(files, "ssl.ca.location", "certificate");
    set_file(files, "ssl.certificate.location", "certificate");
    set_file(files, "ssl.key.location", "key");
    assert_right(files);
    set_file(files, "ssl.key.location", "locked");
    set(&files->properties, "ssl.key.password", PASSWORD);
    assert_right(files);
    set(&files->properties, "ssl.ca.location", "probe");
    assert_right(files);
    set(&files->properties, "ssl.ca.location", "/etc");
    assert_right(files);
}

static void files_without_a_certificate_are_told(void **state)
{
    struct files *files = *state;
    set_file(files, "ssl.certificate.location", "key");
    assert_wrong(files, "ssl.certificate.location", "holds no certificate");
    set_file(files, "ssl.ca.location", "rubbish");
    assert_wrong(files, "ssl.ca.location", "/rubbish holds no certificate; one in PEM");
}

static void keys_that_cannot_be_used_are_told(void **state)
{
    struct files *files = *state;
    set_file(files, "ssl.certificate.location", "certificate");
    set_file(files, "ssl.key.location", "rubbish");
    assert_wrong(files, "ssl.key.location", "holds no private key");
    set_file(files, "ssl.key.location", "stranger");
    assert_wrong(files, "ssl.key.location", "not that of the certificate");
    set_file(files, "ssl.key.location", "locked");
    assert_wrong(files, "ssl.key.location", "this key is locked; set ssl.key.password");
    set(&files->properties, "ssl.key.password", "another-" PASSWORD);
    assert_wrong(files, "ssl.key.location", "ssl.key.password does not open this key");
    set(&files->properties, "ssl.key.pem", "no PEM either");
    assert_wrong(files, "ssl.key.pem", "holds no private key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_fits_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_without_a_certificate_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_that_cannot_be_used_are_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("tls_check", tests, NULL, NULL);
}
