/* Properties: librdkafka's words before anything connects, one section for both clients, no secret
 * in any text. */
#include "support.h"

#include <string.h>

static void later_value_replaces_and_order_stays(void **state)
{
    (void)state;
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "b", "1");
    set(&properties, "a", "2");
    set(&properties, "b", "3");
    assert_int_equal(properties.count, 2);
    assert_string_equal(properties.items[0].name, "b");
    assert_string_equal(kafka_properties_get(&properties, "b"), "3");
    assert_string_equal(kafka_properties_get(&properties, "a"), "2");
    assert_null(kafka_properties_get(&properties, "c"));
    assert_int_equal(kafka_properties_set(&properties, "", "x"), ERROR_ARGUMENT);
    assert_int_equal(kafka_properties_set(&properties, "x", NULL), ERROR_ARGUMENT);
    kafka_properties_fini(&properties);
    assert_int_equal(properties.count, 0);
}

static void last_header_of_a_name_counts(void **state)
{
    (void)state;
    struct kafka_record record = {.headers = {{"id", "1", 1}, {"x", "2", 1}, {"id", "3", 1}},
                                  .header_count = 3};
    assert_memory_equal(kafka_record_header(&record, "id")->value, "3", 1);
    assert_null(kafka_record_header(&record, "none"));
}

static void check(const char *name, const char *value, enum error_code expected, const char *part)
{
    struct error error = {.code = ERROR_NONE};
    enum error_code code = kafka_property_check(name, value, &error);
    if (code != expected)
        fail_msg("%s=%s: %s %s", name, value, error_code_name(code), error.text);
    if (code == ERROR_NONE)
        return;
    assert_string_equal(error.path, name);
    if (!strstr(error.text, part))
        fail_msg("%s=%s: \"%s\" does not say \"%s\"", name, value, error.text, part);
}

static void good_properties_pass(void **state)
{
    (void)state;
    check("linger.ms", "20", ERROR_NONE, NULL);
    check("acks", "1", ERROR_NONE, NULL);
    check("group.id", "g", ERROR_NONE, NULL);
    check("ssl.ca.location", "/nowhere/ca.pem", ERROR_NONE, NULL);
    check("bootstrap.servers", "embedded", ERROR_NONE, NULL);
    check("bootstrap.servers", "a:9092, SASL_SSL://b.c:1,[::1]:65535", ERROR_NONE, NULL);
    check("transactional.id", "", ERROR_NONE, NULL);
}

/* Delivered is what Kafka has acknowledged. */
static void what_is_not_acknowledged_is_not_delivered(void **state)
{
    (void)state;
    check("acks", "0", ERROR_RANGE, "leave it out (all)");
    check("acks", "0x0", ERROR_RANGE, "leave it out (all)");
    check("request.required.acks", "0", ERROR_RANGE, "leave it out (all)");
    check("acks", "-1", ERROR_NONE, NULL);
    check("acks", "all", ERROR_NONE, NULL);
    check("request.required.acks", "2", ERROR_NONE, NULL);
}

static void unknown_name_comes_with_the_nearest(void **state)
{
    (void)state;
    check("linger.mss", "20", ERROR_UNKNOWN, "\"linger.ms\"");
    check("bootstrap.server", "x", ERROR_UNKNOWN, "\"bootstrap.servers\"");
    check("compresion.type", "lz4", ERROR_UNKNOWN, "\"compression.type\"");
    check("completely.different.thing", "1", ERROR_UNKNOWN, "CONFIGURATION.md");
}

static void bad_value_comes_with_librdkafkas_words(void **state)
{
    (void)state;
    check("linger.ms", "soon", ERROR_RANGE, "soon");
    check("linger.ms", "-5", ERROR_RANGE, "range");
    check("compression.codec", "brotli", ERROR_RANGE, "brotli");
    check("bootstrap.servers", "localhost:port", ERROR_RANGE, "localhost:port");
    check("bootstrap.servers", "localhost:70000", ERROR_RANGE, "65535");
    check("bootstrap.servers", "localhost:0", ERROR_RANGE, "localhost:0");
    check("bootstrap.servers", " , ", ERROR_RANGE, "empty");
    check("bootstrap.servers", "a:1,:9092", ERROR_RANGE, "\":9092\"");
}

static void properties_for_programs_and_broken_promises_are_refused(void **state)
{
    (void)state;
    check("error_cb", "x", ERROR_RANGE, "function");
    check("opaque", "x", ERROR_RANGE, "function");
    check("interceptors", "x", ERROR_RANGE, "function");
    check("enable.auto.offset.store", "true", ERROR_RANGE, "must stay false");
    check("enable.auto.offset.store", "false", ERROR_NONE, NULL);
    check("delivery.report.only.error", "true", ERROR_RANGE, "must stay false");
    check("transactional.id", "t", ERROR_RANGE, "transactions");
}

static void secrets_are_known_and_not_printed(void **state)
{
    (void)state;
    assert_true(kafka_property_is_secret("sasl.password"));
    assert_true(kafka_property_is_secret("ssl.key.password"));
    assert_true(kafka_property_is_secret("ssl.keystore.password"));
    assert_true(kafka_property_is_secret("ssl.key.pem"));
    assert_true(kafka_property_is_secret("sasl.oauthbearer.client.secret"));
    assert_true(kafka_property_is_secret("sasl.oauthbearer.config"));
    assert_true(kafka_property_is_secret("sasl.jaas.config"));
    assert_true(kafka_property_is_secret("sasl.oauthbearer.assertion.private.key.pem"));
    assert_true(kafka_property_is_secret("sasl.oauthbearer.assertion.private.key.passphrase"));
    assert_false(kafka_property_is_secret("sasl.oauthbearer.token.endpoint.url"));
    assert_false(kafka_property_is_secret("ssl.certificate.pem"));
    assert_false(kafka_property_is_secret("ssl.key.location"));
    assert_false(kafka_property_is_secret("sasl.username"));
    assert_false(kafka_property_is_secret("bootstrap.servers"));
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_property_check("sasl.jaas.config", "password=hunter2", &error),
                     ERROR_RANGE);
    assert_null(strstr(error.text, "hunter2"));
    assert_int_equal(kafka_property_check("sasl.passwort", "hunter2", &error), ERROR_UNKNOWN);
    assert_null(strstr(error.text, "hunter2"));
}

static enum error_code create(const struct kafka_properties *properties, struct error *error)
{
    struct reports reports;
    const struct kafka_producer_options options = {
        .properties = properties, .report = on_report, .user = &reports};
    struct kafka_producer *producer = NULL;
    enum error_code code = kafka_producer_create(&options, &producer, error);
    if (code == ERROR_NONE)
        kafka_producer_destroy(producer);
    return code;
}

static void missing_bootstrap_servers_is_said(void **state)
{
    (void)state;
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "linger.ms", "5");
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(create(&properties, &error), ERROR_MISSING);
    assert_string_equal(error.path, "bootstrap.servers");
    struct kafka_consumer *consumer;
    const struct kafka_subscription subscription = {.topic = "t"};
    const struct kafka_consumer_options options = {.properties = &properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1};
    assert_int_equal(kafka_consumer_create(&options, &consumer, &error), ERROR_MISSING);
    kafka_properties_fini(&properties);
}

static void contradictions_say_what_to_change(void **state)
{
    (void)state;
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "bootstrap.servers", "127.0.0.1:1");
    set(&properties, "acks", "1");
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(create(&properties, &error), ERROR_RANGE);
    assert_string_equal(error.path, "acks");
    assert_non_null(strstr(error.text, "enable.idempotence: false"));
    set(&properties, "enable.idempotence", "false");
    assert_int_equal(create(&properties, &error), ERROR_NONE);
    kafka_properties_fini(&properties);
}

static void one_section_serves_both_clients_without_a_warning(void **state)
{
    struct broker *broker = *state; /* its properties are of the consumer already */
    set(&broker->properties, "auto.offset.reset", "latest");
    set(&broker->properties, "group.id", "g");
    set(&broker->properties, "linger.ms", "1");
    set(&broker->properties, "compression.type", "gzip");
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct error error;
    assert_int_equal(kafka_producer_check(producer, PATIENCE_MS, &error), ERROR_NONE);
    kafka_producer_destroy(producer);
    kafka_consumer_destroy(make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0));
    assert_int_equal(count_lines(KAFKA_LOG_DEBUG, "CONFWARN"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_value_replaces_and_order_stays),
        cmocka_unit_test(last_header_of_a_name_counts),
        cmocka_unit_test(good_properties_pass),
        cmocka_unit_test(what_is_not_acknowledged_is_not_delivered),
        cmocka_unit_test(unknown_name_comes_with_the_nearest),
        cmocka_unit_test(bad_value_comes_with_librdkafkas_words),
        cmocka_unit_test(properties_for_programs_and_broken_promises_are_refused),
        cmocka_unit_test(secrets_are_known_and_not_printed),
        cmocka_unit_test(missing_bootstrap_servers_is_said),
        cmocka_unit_test(contradictions_say_what_to_change),
        cmocka_unit_test_setup_teardown(one_section_serves_both_clients_without_a_warning,
                                        start_broker, stop_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
