/* Publications are found by their names, whatever their number; roscpp is not there: its publishers
 * are counted here. */
#include "test_support.h"

#include "bridge/publish/publication.h"
#include "bridge/publish/ros_delivery.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 10000

struct rosc_publisher {
    char topic[64];
    bool latched;
};

static int living;
static int looks; /* whether subscribers have taken what was published, which they never have */

enum rosc_status __wrap_rosc_name_resolve(const char *name, char *resolved, size_t size,
                                          struct rosc_error *error);
enum rosc_status __wrap_rosc_publisher_create(const char *topic,
                                              const struct rosc_publisher_options *options,
                                              struct rosc_publisher **publisher,
                                              struct rosc_error *error);
void __wrap_rosc_publisher_destroy(struct rosc_publisher *publisher);
struct rosc_progress __wrap_rosc_publisher_progress(struct rosc_publisher *publisher);
uint32_t __wrap_rosc_publisher_expected_subscribers(const struct rosc_publisher *publisher);

enum rosc_status __wrap_rosc_name_resolve(const char *name, char *resolved, size_t size,
                                          struct rosc_error *error)
{
    (void)error;
    (void)snprintf(resolved, size, "%s", name);
    return ROSC_OK;
}

enum rosc_status __wrap_rosc_publisher_create(const char *topic,
                                              const struct rosc_publisher_options *options,
                                              struct rosc_publisher **publisher,
                                              struct rosc_error *error)
{
    struct rosc_publisher *made = calloc(1, sizeof *made);
    (void)error;
    assert_non_null(made);
    (void)snprintf(made->topic, sizeof made->topic, "%s", topic);
    made->latched = options->latched;
    *publisher = made;
    living++;
    return ROSC_OK;
}

void __wrap_rosc_publisher_destroy(struct rosc_publisher *publisher)
{
    living -= publisher != NULL;
    free(publisher);
}

struct rosc_progress __wrap_rosc_publisher_progress(struct rosc_publisher *publisher)
{
    (void)publisher;
    looks++;
    return (struct rosc_progress){0};
}

uint32_t __wrap_rosc_publisher_expected_subscribers(const struct rosc_publisher *publisher)
{
    (void)publisher;
    return 0;
}

static int make_plan(void **state)
{
    static const char definition[] = "string data\n";
    struct plan *plan = NULL;
    struct error error;
    enum error_code code =
        plan_create("std_msgs/String", definition, strlen(definition), NULL, &plan, &error);
    *state = plan;
    return code == ERROR_NONE ? 0 : -1;
}

static int destroy_plan(void **state)
{
    plan_destroy(*state);
    return 0;
}

static struct publication *get(struct publications *publications, const struct plan *plan,
                               const char *topic, const char *source, bool latched)
{
    struct publication *publication = NULL;
    struct error error;
    struct publication_request request = {
        .ros_topic = topic, .plan = plan, .source = source, .latched = latched};
    assert_int_equal(publications_get(publications, &request, &publication, &error), ERROR_NONE);
    assert_string_equal(publication->topic->ros_topic, topic);
    assert_string_equal(publication->publisher->topic, topic);
    assert_string_equal(publication->source, source);
    assert_int_equal(publication->latched, latched);
    assert_int_equal(publication->publisher->latched, latched);
    return publication;
}

static void ten_thousand_topics_have_one_publication_each(void **state)
{
    static struct publication *found[COUNT];
    struct publications publications = {0};
    char topic[32];
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(topic, sizeof topic, "/topic%d", i);
            struct publication *got = get(&publications, *state, topic, "", false);
            if (turn > 0)
                assert_ptr_equal(got, found[i]);
            found[i] = got;
        }
    assert_int_equal(living, COUNT);
    int i = 0;
    for (const struct publication_topic *at = publications.by_name; at; at = at->hh.next)
        assert_ptr_equal(at->first, found[i++]);
    assert_int_equal(i, COUNT);
    publications_fini(&publications);
    assert_int_equal(living, 0);
}

/* One more than a topic has room for takes the place of the one that is silent for longest. */
static void latched_publishers_are_told_by_their_names(void **state)
{
    static struct publication *found[PUBLICATIONS_OF_TOPIC];
    struct publications publications = {0};
    char source[32];
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < PUBLICATIONS_OF_TOPIC - 1; i++) {
            (void)snprintf(source, sizeof source, "/node%d", i);
            struct publication *got = get(&publications, *state, "/tf_static", source, true);
            if (turn > 0)
                assert_ptr_equal(got, found[i]);
            found[i] = got;
            assert_ptr_equal(got->topic->first, got);
        }
    struct publication *plain = get(&publications, *state, "/tf_static", "/node0", false);
    assert_ptr_not_equal(plain, found[0]);
    assert_ptr_equal(get(&publications, *state, "/tf_static", "/node0", true), found[0]);
    assert_ptr_equal(get(&publications, *state, "/tf_static", "/one more", true), found[1]);
    assert_ptr_equal(get(&publications, *state, "/tf_static", "/node1", true), found[2]);
    assert_ptr_equal(get(&publications, *state, "/tf_static", "/node0", false), plain);
    assert_int_equal(plain->topic->count, PUBLICATIONS_OF_TOPIC);
    assert_int_equal(living, PUBLICATIONS_OF_TOPIC);
    publications_fini(&publications);
    assert_int_equal(living, 0);
}

/* One look in two milliseconds, whatever the machine: all partitions wait meanwhile. */
static void a_rebalance_hardly_waits_for_subscribers_that_take_nothing(void **state)
{
    struct ros_delivery ros_delivery;
    struct kafka_partition partition = {.topic = "t", .number = 0};
    ros_delivery_init(&ros_delivery, 1 << 20);
    const struct publication *stuck = get(&ros_delivery.publications, *state, "/t", "", false);
    assert_int_equal(in_flight_reserve(&ros_delivery.in_flight, "t", 0, 10), ERROR_NONE);
    in_flight_add(&ros_delivery.in_flight, "t", 0, 5, stuck, 1, 10);
    looks = 0;
    ros_delivery_release(&partition, 1, false, &ros_delivery);
    assert_in_range(looks, 1, 60);
    ros_delivery_fini(&ros_delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_topics_have_one_publication_each),
        cmocka_unit_test(latched_publishers_are_told_by_their_names),
        cmocka_unit_test(a_rebalance_hardly_waits_for_subscribers_that_take_nothing),
    };
    return cmocka_run_group_tests_name("publication", tests, make_plan, destroy_plan);
}
