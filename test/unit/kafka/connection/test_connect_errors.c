/* Refusals in librdkafka's words, of several versions of it and of OpenSSL, become ones that say
 * which it is; certificates that real brokers do not show at will. */
#include "support.h"

#include "kafka/connection/connect_errors.h"
#include "kafka/settings/certificate.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY 86400L

static void add_hosts(X509 *certificate, const char *hosts)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s", hosts);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* The DER of a certificate (unsigned: nobody verifies it here) that is valid from `from` to `until`
 * days from now; OPENSSL_free is the caller's. */
static int make(const char *name, long from, long until, unsigned char **der)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    const unsigned char *bytes = (const unsigned char *)name;
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytes, -1, -1, 0), 1);
    assert_int_equal(X509_set_issuer_name(certificate, subject), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), from * DAY));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), until * DAY));
    add_hosts(certificate, "DNS:a.example,IP:10.0.0.1");
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, NULL) > 0);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    *der = NULL;
    int length = i2d_X509(certificate, der);
    X509_free(certificate);
    assert_true(length > 0);
    return length;
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void explain(int x509_error, int depth, const char *name, const char *part)
{
    unsigned char *der = NULL;
    int length = make(name, 1, 2, &der);
    char text[KAFKA_REFUSAL_TEXT_SIZE];
    kafka_certificate_explain(x509_error, depth, der, (size_t)length, "b.example:9093", text,
                              sizeof text);
    OPENSSL_free(der);
    assert_says(text, part);
    for (const char *at = text; *at; at++)
        assert_in_range(*at, ' ', '~');
}

static void each_fault_of_a_certificate_is_said(void **state)
{
    (void)state;
    explain(X509_V_ERR_CERT_NOT_YET_VALID, 0, "b", "its certificate (CN=b) is not valid before ");
    explain(X509_V_ERR_CERT_NOT_YET_VALID, 0, "b", "or set the clock");
    explain(X509_V_ERR_CERT_HAS_EXPIRED, 1, "b",
            "the certificate of its authority (CN=b) has expired");
    explain(X509_V_ERR_HOSTNAME_MISMATCH, 0, "b",
            "not for the host b.example but for DNS:a.example, IP Address:10.0.0.1");
    explain(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 1, "b", "set ssl.ca.location");
    explain(X509_V_ERR_CERT_REVOKED, 0, "b", "its certificate is refused: certificate revoked");
}

static void a_certificate_writes_no_lines_of_its_own(void **state)
{
    (void)state;
    explain(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0, "b\n[ INFO] all is well\x1b[2J", "CN=b");
    explain(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0, "m\xc3\xbcller", "CN=m");
    char text[KAFKA_REFUSAL_TEXT_SIZE];
    kafka_certificate_explain(X509_V_ERR_CERT_HAS_EXPIRED, 0, "rubbish", 7, "b:1", text,
                              sizeof text);
    assert_says(text, "its certificate is refused");
    kafka_certificate_describe("/nowhere", text, sizeof text);
    assert_string_equal(text, "");
}

/* What librdkafka says to a client with these properties, and what we say. */
struct rule {
    const char *protocol;
    const char *username;
    const char *certificate;
    const char *words;
    const char *part;
};

static const struct rule rules[] = {
    {"ssl", NULL, NULL,
     "SSL handshake failed: error:1416F086:SSL routines:tls_process_server_certificate:certificate "
     "verify failed: broker certificate could not be verified (after 4ms in state SSL_HANDSHAKE)",
     "look at ssl.ca.location"},
    {"ssl", NULL, NULL,
     "Receive failed: error:14094412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate: SSL "
     "alert number 42 (after 2ms in state APIVERSION_QUERY)",
     "set ssl.certificate.location"},
    {"ssl", NULL, NULL,
     "error:1409445C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required",
     "set ssl.certificate.location"},
    {"ssl", NULL, "/nowhere",
     "Receive failed: tlsv1 alert unknown ca: SSL alert number 48 (after 2ms in state UP)",
     "it refuses this node's certificate; the broker has to trust"},
    {"ssl", NULL, NULL, "SSL handshake failed: tlsv1 alert protocol version: SSL alert number 70",
     "no version of TLS in common"},
    {"ssl", NULL, NULL,
     "SSL handshake failed: error:1408F10B:SSL routines:ssl3_get_record:wrong version number: "
     "client SSL authentication might be required (after 1ms in state SSL_HANDSHAKE)",
     "may not speak TLS"},
    {"SASL_SSL", NULL, NULL,
     "SSL handshake failed: Disconnected (after 1ms in state SSL_HANDSHAKE)",
     "security.protocol is SASL_SSL"},
    {NULL, NULL, NULL,
     "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol "
     "configuration (connecting to a SSL listener?) (after 1ms in state APIVERSION_QUERY)",
     "security.protocol is plaintext"},
    {NULL, NULL, NULL,
     "Receive failed: Invalid response size 1213486160 (0..100000000): increase "
     "receive.message.max.bytes (after 1ms in state APIVERSION_QUERY)",
     "what answers there is not Kafka, its answer begins with \"HTTP\": look at"},
    {NULL, NULL, NULL,
     "Receive failed: Invalid response size -1 (0..100000000): increase receive.message.max.bytes",
     "what answers there is not Kafka: look at"},
    {NULL, NULL, NULL,
     "Receive failed: Invalid response size 352518912 (0..100000000): increase "
     "receive.message.max.bytes (after 1ms in state APIVERSION_QUERY)",
     "it may speak TLS at this port"},
    {NULL, NULL, NULL,
     "ApiVersionRequest failed: Local: Timed out: probably due to broker version < 0.10 (see "
     "api.version.request configuration) (after 10009ms in state APIVERSION_QUERY)",
     "it does not answer Kafka's first request: it may not be Kafka"},
    {"sasl_ssl", "warty", NULL,
     "SASL authentication error: Authentication failed: Invalid username or password (after 303ms "
     "in "
     "state AUTH_REQ, 1 identical error(s) suppressed)",
     "the login of warty: Authentication failed: Invalid username or password; look at"},
    {"sasl_ssl", NULL, NULL,
     "SASL OAUTHBEARER authentication error: no (after 3ms in state AUTH_REQ)",
     "the login of this node; look at"},
    {"sasl_ssl", "warty", NULL,
     "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's "
     "supported "
     "mechanisms: GSSAPI,OAUTHBEARER (after 3ms in state AUTH_HANDSHAKE)",
     "logins by GSSAPI,OAUTHBEARER only"},
    {"sasl_plaintext", "warty", NULL,
     "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: "
     "broker's supported mechanisms:  (after 3ms in state AUTH_HANDSHAKE)",
     "set it to PLAINTEXT"},
};

static void set_up(struct kafka_connect_errors *refusal, const struct rule *rule)
{
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    if (rule->protocol)
        set(&properties, "security.protocol", rule->protocol);
    if (rule->username)
        set(&properties, "sasl.username", rule->username);
    if (rule->certificate)
        set(&properties, "ssl.certificate.location", rule->certificate);
    assert_int_equal(kafka_connect_errors_init(refusal, &properties), ERROR_NONE);
    kafka_properties_fini(&properties);
}

static void librdkafkas_words_become_ours(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct kafka_connect_errors refusal;
        char text[KAFKA_REFUSAL_TEXT_SIZE] = "";
        set_up(&refusal, &rules[i]);
        if (!kafka_connect_errors_explain(&refusal, "b:1", rules[i].words, text, sizeof text))
            fail_msg("no refusal: %s", rules[i].words);
        assert_says(text, rules[i].part);
        kafka_connect_errors_fini(&refusal);
    }
}

static void other_failures_are_none_of_its_business(void **state)
{
    (void)state;
    static const char *const words[] = {
        "Connect to ipv4#127.0.0.1:9 failed: Connection refused (after 0ms in state CONNECT)",
        "Failed to resolve 'b:1': Name or service not known (after 5ms in state CONNECT)",
        "1 request(s) timed out: disconnect (after 1000ms in state UP)", "Receive failed: EOF"};
    struct kafka_connect_errors refusal;
    char text[KAFKA_REFUSAL_TEXT_SIZE];
    set_up(&refusal, &rules[0]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(kafka_connect_errors_explain(&refusal, "b:1", words[i], text, sizeof text));
    kafka_connect_errors_fini(&refusal);
}

static void what_openssl_accepts_is_accepted_and_nothing_else(void **state)
{
    (void)state;
    struct kafka_connect_errors refusal;
    set_up(&refusal, &rules[0]);
    assert_int_equal(kafka_connect_errors_verify(&refusal, "b:1", X509_V_OK, 0, "", 0), 1);
    for (int x509_error = 1; x509_error < 100; x509_error++)
        assert_int_equal(kafka_connect_errors_verify(&refusal, "b:1", x509_error, 0, "", 0), 0);
    kafka_connect_errors_fini(&refusal);
}

static void each_brokers_last_fault_is_remembered(void **state)
{
    (void)state;
    struct kafka_connect_errors refusal;
    char address[32];
    char text[KAFKA_REFUSAL_TEXT_SIZE];
    const char *words = "certificate verify failed";
    unsigned char *der = NULL;
    int length = make("b", 0, 1, &der);
    set_up(&refusal, &rules[0]);
    for (int broker = 0; broker <= KAFKA_REFUSAL_BROKERS; broker++) {
        (void)snprintf(address, sizeof address, "b:%d", broker);
        for (int x509_error = X509_V_ERR_CERT_HAS_EXPIRED; x509_error > 2; x509_error--)
            (void)kafka_connect_errors_verify(&refusal, address, x509_error, 0, der,
                                              (size_t)length);
        (void)kafka_connect_errors_verify(
            &refusal, address, broker % 2 ? X509_V_ERR_CERT_HAS_EXPIRED : X509_V_ERR_CERT_REVOKED,
            0, der, (size_t)length);
    }
    for (int broker = 1; broker <= KAFKA_REFUSAL_BROKERS; broker++) {
        (void)snprintf(address, sizeof address, "b:%d", broker);
        assert_true(kafka_connect_errors_explain(&refusal, address, words, text, sizeof text));
        assert_says(text, broker % 2 ? "has expired" : "revoked");
    }
    assert_true(kafka_connect_errors_explain(&refusal, "b:0", words, text, sizeof text));
    assert_says(text, "cannot be verified");
    OPENSSL_free(der);
    kafka_connect_errors_fini(&refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_a_certificate_is_said),
        cmocka_unit_test(a_certificate_writes_no_lines_of_its_own),
        cmocka_unit_test(librdkafkas_words_become_ours),
        cmocka_unit_test(other_failures_are_none_of_its_business),
        cmocka_unit_test(what_openssl_accepts_is_accepted_and_nothing_else),
        cmocka_unit_test(each_brokers_last_fault_is_remembered),
    };
    return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
