#include "support.h"
#include "test_rosc.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What the peer says that it heard. */
struct report {
    const char *words;
    bool seen;
    char text[2048];
};

static void on_report(const struct rosc_message *message, void *user)
{
    struct report *report = user;
    if (memmem(message->data, message->size, report->words, strlen(report->words)) == NULL)
        return;
    report->seen = true;
    (void)snprintf(report->text, sizeof report->text, "%.*s", (int)message->size - 4,
                   (const char *)message->data + 4);
}

static bool reported(void *report)
{
    return ((const struct report *)report)->seen;
}

static bool has_subscriber(void *publisher)
{
    return rosc_publisher_subscriber_count(publisher) > 0;
}

/* Connections of this process that send at once. */
static int prompt_connections(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        int prompt = 0;
        socklen_t size = sizeof prompt;
        count += getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &prompt, &size) == 0 && prompt != 0;
    }
    return count;
}

void a_peer_gets_what_is_published(void **state)
{
    (void)state;
    struct report report = {.words = "\"topic\": \"/from_c\""};
    struct report latched = {.words = "\"topic\": \"/from_c_latched\""};
    struct rosc_subscription *first = NULL;
    struct rosc_subscription *second = NULL;
    uint8_t bytes[260];
    const size_t size = string_serialize("abc", bytes);
    assert_ok(
        rosc_subscription_create(NULL, "/peer/heard", NULL, on_report, &report, &first, error));
    assert_ok(
        rosc_subscription_create(NULL, "/peer/heard", NULL, on_report, &latched, &second, error));
    int prompt = prompt_connections();
    struct rosc_publisher *publisher = string_publisher("/from_c", false);
    serve_until(NULL, has_subscriber, publisher, "the peer's subscription");
    assert_ok(rosc_publisher_publish(publisher, bytes, size, error));
    assert_int_equal(prompt_connections(), prompt + 1); /* though rospy does not ask for it */
    serve_until(NULL, reported, &report, "the peer's report");
    assert_contains(report.text, "\"bytes\": \"03000000616263\"");
    assert_contains(report.text, "\"type\": \"std_msgs/String\"");
    assert_contains(report.text, STRING_MD5SUM);
    assert_contains(report.text, "\"definition\": \"string data\\n\"");
    assert_contains(report.text, "\"callerid\": \"/robot/tested\"");
    assert_contains(report.text, "\"latching\": \"0\"");
    struct rosc_publisher *keeper = string_publisher("/from_c_latched", true);
    assert_ok(rosc_publisher_publish(keeper, bytes, size, error));
    serve_until(NULL, reported, &latched, "the peer's report of the latched message");
    assert_contains(latched.text, "\"latching\": \"1\"");
    rosc_subscription_destroy(first);
    rosc_subscription_destroy(second);
    rosc_publisher_destroy(publisher);
    rosc_publisher_destroy(keeper);
}

/* roscpp writes its own sequence number into messages that it knows to begin with a header. */
void published_bytes_are_not_touched(void **state)
{
    (void)state;
    static const uint8_t header[] = {0x2a, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 'f'};
    const struct rosc_publisher_options options = {.type = "std_msgs/Header",
                                                   .md5sum = "2176decaecbce78abc3b96ef049fabed",
                                                   .definition =
                                                       "uint32 seq\ntime stamp\nstring frame_id\n",
                                                   .latched = true};
    struct heard heard = {0};
    struct rosc_publisher *publisher = NULL;
    assert_ok(rosc_publisher_create("header", &options, &publisher, error));
    assert_ok(rosc_publisher_publish(publisher, header, sizeof header, error));
    assert_ok(rosc_subscription_create(NULL, "header", NULL, heard_message, &heard,
                                       &heard.subscription, error));
    serve_until(NULL, heard_something, &heard, "the header");
    assert_int_equal(heard.size, sizeof header);
    assert_memory_equal(heard.data, header, sizeof header);
    rosc_subscription_destroy(heard.subscription);
    rosc_publisher_destroy(publisher);
}

static void assert_progress(struct rosc_publisher *publisher, uint64_t published, uint64_t written,
                            uint64_t unwritten_bytes)
{
    const struct rosc_progress progress = rosc_publisher_progress(publisher);
    assert_int_equal(progress.published, published);
    assert_int_equal(progress.written, written);
    assert_int_equal(progress.unwritten_bytes, unwritten_bytes);
}

static bool all_written(void *publisher)
{
    const struct rosc_progress progress = rosc_publisher_progress(publisher);
    return progress.written == progress.published;
}

void what_waits_in_the_process_is_known(void **state)
{
    (void)state;
    struct heard heard = {0};
    uint8_t bytes[260];
    const size_t size = string_serialize("abc", bytes);
    struct rosc_publisher *publisher = string_publisher("progress", false);
    assert_progress(publisher, 0, 0, 0);
    assert_ok(rosc_publisher_publish(publisher, bytes, size, error)); /* to nobody */
    assert_progress(publisher, 1, 1, 0);
    assert_ok(rosc_subscription_create(NULL, "progress", NULL, heard_message, &heard,
                                       &heard.subscription, error));
    serve_until(NULL, has_subscriber, publisher, "the subscription");
    /* Until the callback has run roscpp holds what is on its way to it. */
    assert_ok(rosc_publisher_publish(publisher, bytes, size, error));
    assert_ok(rosc_publisher_publish(publisher, bytes, size, error));
    assert_progress(publisher, 3, 1, 2 * size);
    serve_until(NULL, all_written, publisher, "the messages");
    assert_progress(publisher, 3, 3, 0);
    assert_int_equal(heard.count, 2);
    rosc_subscription_destroy(heard.subscription);
    rosc_publisher_destroy(publisher);
}

/* roscpp keeps the last message for subscribers that come later: it waits for nobody. */
/* As if this process subscribed to it elsewhere; whichever came first. */
void others_only_is_nothing_to_this_process(void **state)
{
    (void)state;
    const struct rosc_publisher_options options = {.type = "std_msgs/String",
                                                   .md5sum = STRING_MD5SUM,
                                                   .definition = STRING_DEFINITION,
                                                   .latched = true,
                                                   .others_only = true};
    for (int subscribed_first = 0; subscribed_first < 2; subscribed_first++) {
        const char *topic = subscribed_first ? "others_only/first" : "others_only/later";
        struct heard heard = {0};
        struct rosc_publisher *publisher = NULL;
        uint8_t bytes[260];
        const size_t size = string_serialize("abc", bytes);
        if (subscribed_first)
            assert_ok(rosc_subscription_create(NULL, topic, NULL, heard_message, &heard,
                                               &heard.subscription, error));
        assert_ok(rosc_publisher_create(topic, &options, &publisher, error));
        if (!subscribed_first)
            assert_ok(rosc_subscription_create(NULL, topic, NULL, heard_message, &heard,
                                               &heard.subscription, error));
        assert_ok(rosc_publisher_publish(publisher, bytes, size, error));
        serve_for(NULL, 0.3);
        assert_int_equal(heard.count, 0);
        assert_int_equal(rosc_publisher_subscriber_count(publisher), 0);
        assert_int_equal(rosc_publisher_expected_subscribers(publisher), 0);
        /* The latched message waits for nobody here. */
        assert_int_equal(rosc_publisher_progress(publisher).written, 1);
        rosc_publisher_destroy(publisher);
        rosc_subscription_destroy(heard.subscription);
    }
}

void a_latched_message_that_is_kept_counts_as_written(void **state)
{
    (void)state;
    uint8_t bytes[260];
    const size_t size = string_serialize("abc", bytes);
    struct rosc_publisher *publisher = string_publisher("progress_latched", true);
    for (uint64_t count = 1; count < 4; count++) {
        assert_ok(rosc_publisher_publish(publisher, bytes, size, error));
        serve_until(NULL, all_written, publisher, "a latched message");
        assert_progress(publisher, count, count, 0);
    }
    rosc_publisher_destroy(publisher);
}

static bool heard_two(void *heard)
{
    return ((const struct heard *)heard)->count >= 2;
}

void each_latched_publisher_of_a_topic_keeps_its_last_message(void **state)
{
    (void)state;
    uint8_t bytes[260];
    const size_t size = string_serialize("abc", bytes);
    struct heard heard = {0};
    struct rosc_publisher *publishers[] = {string_publisher("joined", false),
                                           string_publisher("joined", true),
                                           string_publisher("joined", true)};
    for (int i = 0; i < 6; i++)
        assert_ok(rosc_publisher_publish(publishers[i % 3], bytes, size, error));
    assert_ok(rosc_subscription_create(NULL, "joined", NULL, heard_message, &heard,
                                       &heard.subscription, error));
    serve_until(NULL, heard_two, &heard, "two latched messages");
    serve_for(NULL, 0.2);
    assert_int_equal(heard.count, 2);
    rosc_subscription_destroy(heard.subscription);
    for (int i = 0; i < 3; i++)
        rosc_publisher_destroy(publishers[i]);
}

void another_type_on_an_advertised_topic_is_refused(void **state)
{
    (void)state;
    const struct rosc_publisher_options point = {
        .type = "geometry_msgs/Point", .md5sum = POINT_MD5SUM, .definition = "float64 x\n"};
    struct rosc_publisher *second = NULL;
    struct rosc_publisher *first = string_publisher("taken", false);
    assert_fails(rosc_publisher_create("taken", &point, &second, error), ROSC_ERROR_TYPE,
                 "std_msgs/String");
    assert_null(second);
    second = string_publisher("taken", false);
    rosc_publisher_destroy(first);
    rosc_publisher_destroy(second);
    assert_ok(rosc_publisher_create("taken", &point, &second, error));
    rosc_publisher_destroy(second);
}

void a_note_reaches_subscribers_behind_the_definition(void **state)
{
    (void)state;
    struct rosc_publisher_options options = {.type = "std_msgs/String",
                                             .md5sum = STRING_MD5SUM,
                                             .definition = "string data",
                                             .latched = true,
                                             .note = "from elsewhere"};
    struct heard heard = {0};
    struct rosc_publisher *publisher = NULL;
    struct rosc_publisher *second = NULL;
    assert_ok(rosc_publisher_create("noted", &options, &publisher, error));
    assert_ok(rosc_publisher_publish(publisher, "\0\0\0", 4, error));
    assert_ok(rosc_subscription_create(NULL, "noted", NULL, heard_message, &heard,
                                       &heard.subscription, error));
    serve_until(NULL, heard_something, &heard, "the noted message");
    assert_string_equal(heard.definition, "string data\n# from elsewhere\n");
    assert_ok(rosc_publisher_create("noted", &options, &second, error));
    rosc_publisher_destroy(second);
    options.note = "from here";
    assert_fails(rosc_publisher_create("noted", &options, &second, error), ROSC_ERROR_TYPE,
                 "for itself; what is noted as 'from here'");
    options.note = "two\nlines";
    assert_fails(rosc_publisher_create("b", &options, &second, error), ROSC_ERROR_ARGUMENT,
                 "more than one line");
    rosc_subscription_destroy(heard.subscription);
    rosc_publisher_destroy(publisher);
}

void bad_publisher_options_are_refused(void **state)
{
    (void)state;
    struct rosc_publisher_options options = {
        .type = "std_msgs/String", .md5sum = STRING_MD5SUM, .definition = STRING_DEFINITION};
    struct rosc_publisher *publisher = NULL;
    assert_fails(rosc_publisher_create("a", NULL, &publisher, error), ROSC_ERROR_ARGUMENT, "NULL");
    assert_fails(rosc_publisher_create("a", &options, NULL, error), ROSC_ERROR_ARGUMENT, "place");
    assert_fails(rosc_publisher_create("a-b", &options, &publisher, error), ROSC_ERROR_NAME, "'-'");
    options.type = "String";
    assert_fails(rosc_publisher_create("a", &options, &publisher, error), ROSC_ERROR_ARGUMENT,
                 "package/Type");
    options.type = "std_msgs/String";
    options.md5sum = "*";
    assert_fails(rosc_publisher_create("a", &options, &publisher, error), ROSC_ERROR_ARGUMENT,
                 "'*'");
    publisher = string_publisher("a", false);
    assert_fails(rosc_publisher_publish(publisher, NULL, 4, error), ROSC_ERROR_ARGUMENT, "NULL");
    assert_fails(rosc_publisher_publish(publisher, "", 1000000001, error), ROSC_ERROR_ARGUMENT,
                 "1000000001");
    assert_ok(rosc_publisher_publish(publisher, NULL, 0, error));
    assert_int_equal(rosc_publisher_subscriber_count(publisher), 0);
    rosc_publisher_destroy(publisher);
}

void the_master_lists_topics_with_their_types(void **state)
{
    (void)state;
    struct rosc_publisher *publisher = string_publisher("listed", false);
    struct rosc_topic_list list;
    assert_ok(rosc_topic_list_init(&list, error));
    bool found = false;
    for (size_t i = 0; i < list.count; i++)
        found = found || (strcmp(list.topics[i].name, "/robot/listed") == 0 &&
                          strcmp(list.topics[i].type, "std_msgs/String") == 0);
    assert_true(found);
    rosc_topic_list_fini(&list);
    assert_null(list.topics);
    rosc_topic_list_fini(&list);
    rosc_publisher_destroy(publisher);
}
