/* A spool's records go to the Kafka cluster that they are for, and to no other. */
#include "flow_broker.h"

#include <rosc/time.h>
#include <string.h>

#define SIZE  100U
#define COUNT 50U

/* A second cluster, beside the broker's. */
struct other {
    struct kafka_embedded *embedded;
    const char *address;
    const char *first; /* the broker's address */
};

static void begin(struct flow_broker *broker, struct other *other)
{
    struct error error = {0};
    other->first = rd_kafka_mock_cluster_bootstraps(broker->cluster);
    assert_int_equal(kafka_embedded_create(&other->embedded, &other->address, &error), ERROR_NONE);
    assert_int_equal(kafka_embedded_create_topic(other->embedded, FLOW_TOPIC, 1, &error),
                     ERROR_NONE);
}

static void end(struct flow_broker *broker, struct other *other)
{
    sender_destroy(broker->sender);
    broker->sender = NULL;
    kafka_embedded_destroy(other->embedded);
}

/* Delivers `count` batches to the cluster at `address`, and closes. */
static void deliver(struct flow_broker *broker, const char *address, unsigned count)
{
    flow_broker_set(broker, "bootstrap.servers", address);
    flow_broker_start(broker);
    for (unsigned i = 0; i < count; i++)
        flow_put(broker->flow, COUNT, SIZE);
    flow_broker_settle(broker);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

/* Accepts `count` batches while nothing answers, and closes. */
static void keep(struct flow_broker *broker, unsigned count)
{
    flow_broker_set(broker, "bootstrap.servers", "127.0.0.1:1");
    flow_broker_start(broker);
    for (unsigned i = 0; i < count; i++)
        flow_put(broker->flow, COUNT, SIZE);
    flow_broker_stop(broker, 0);
}

static bool is_in_trouble(void *argument)
{
    struct flow_broker *broker = argument;
    struct kafka_contact contact;
    sender_contact(broker->sender, &contact);
    return strstr(contact.trouble, "belongs to Kafka cluster") != NULL ||
           strstr(contact.trouble, "spool.cluster is") != NULL;
}

/* Starts at `address`, where none of the `waiting` batches may go; one more comes, and stays. */
static void is_refused(struct flow_broker *broker, const char *address, unsigned waiting)
{
    struct kafka_contact contact;
    struct spool_cluster own;
    flow_broker_set(broker, "bootstrap.servers", address);
    flow_broker_start(broker);
    flow_wait(is_in_trouble, broker, "it is another cluster");
    flow_put(broker->flow, COUNT, SIZE);
    sender_contact(broker->sender, &contact);
    spool_cluster(broker->flow->spool, &own);
    assert_false(contact.answers);
    assert_non_null(strstr(contact.trouble, own.id));
    assert_non_null(strstr(contact.trouble, own.servers));
    assert_non_null(strstr(contact.trouble, address));
    assert_non_null(strstr(contact.trouble, "spool.cluster: mockCluster"));
    assert_int_equal(flow_totals(broker->flow).delivered, 0);
    /* Nor at the end, which need not be waited for. */
    int64_t before = rosc_time_steady();
    flow_broker_stop(broker, 60000);
    assert_true(rosc_time_steady() - before < INT64_C(30000000000));
    flow_open(broker->flow);
    assert_int_equal(broker->flow->findings.records, (waiting + 1) * COUNT);
    flow_close(broker->flow);
}

static void another_cluster_gets_nothing(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    begin(broker, &other);
    deliver(broker, other.first, 1);
    keep(broker, 10);
    is_refused(broker, other.address, 10);
    /* Its own gets all, under whatever address. */
    flow_broker_set(broker, "bootstrap.servers", other.first);
    flow_broker_start(broker);
    flow_broker_settle(broker);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 12 * COUNT), 0);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    flow_broker_set(broker, "bootstrap.servers", other.address);
    assert_int_equal(flow_broker_read(broker, FLOW_TOPIC), 0);
    end(broker, &other);
}

static bool has_cluster(void *argument)
{
    const struct flow_broker *broker = argument;
    struct spool_cluster own;
    spool_cluster(broker->flow->spool, &own);
    return *own.id;
}

static void a_crash_does_not_forget_it(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    begin(broker, &other);
    flow_broker_start(broker);
    flow_put(broker->flow, COUNT, SIZE);
    flow_broker_settle(broker);
    flow_wait(has_cluster, broker, "it is known whose the spool is");
    outbox_work(broker->flow->outbox); /* as the writer does, a few times a second */
    flow_broker_crash(broker);
    keep(broker, 1);
    is_refused(broker, other.address, 1);
    end(broker, &other);
}

static void who_says_so_is_obeyed(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    begin(broker, &other);
    deliver(broker, other.first, 1);
    keep(broker, 2);
    broker->flow->config.spool.cluster = "any";
    deliver(broker, other.address, 1);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, COUNT, 4 * COUNT), 0);
    /* From then on it is that cluster's. */
    broker->flow->config.spool.cluster = NULL;
    keep(broker, 1);
    is_refused(broker, other.first, 1);
    end(broker, &other);
}

static void an_id_holds_for_a_new_spool_too(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    struct spool_cluster own;
    begin(broker, &other);
    deliver(broker, other.address, 0);
    broker->flow->config.spool.cluster = "nOsUcHcLuStErQ_xxxxxxA";
    flow_broker_set(broker, "bootstrap.servers", other.first);
    flow_broker_start(broker);
    flow_put(broker->flow, COUNT, SIZE);
    flow_wait(is_in_trouble, broker, "it is not the one that was said");
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    broker->flow->config.spool.cluster = NULL;
    deliver(broker, other.first, 0);
    flow_open(broker->flow);
    spool_cluster(broker->flow->spool, &own);
    flow_close(broker->flow);
    keep(broker, 1);
    broker->flow->config.spool.cluster = own.id;
    deliver(broker, other.first, 0);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 2 * COUNT), 0);
    end(broker, &other);
}

static void where_nothing_waits_it_moves(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    begin(broker, &other);
    deliver(broker, other.first, 1);
    deliver(broker, other.address, 1);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, COUNT, 2 * COUNT), 0);
    keep(broker, 1);
    is_refused(broker, other.first, 1);
    end(broker, &other);
}

static void transactions_wait_as_well(void **state)
{
    struct flow_broker *broker = *state;
    struct other other;
    begin(broker, &other);
    deliver(broker, other.first, 1);
    keep(broker, 1);
    broker->flow->config.exactly_once = true;
    is_refused(broker, other.address, 1);
    end(broker, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(another_cluster_gets_nothing), BROKER_TEST(a_crash_does_not_forget_it),
        BROKER_TEST(who_says_so_is_obeyed),        BROKER_TEST(an_id_holds_for_a_new_spool_too),
        BROKER_TEST(where_nothing_waits_it_moves), BROKER_TEST(transactions_wait_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
