/* embedded_broker: librdkafka's mock cluster as a ROS node, so that the bridge can be tried out
 * with nothing else installed.
 *
 * Its address is the parameter /embedded_broker/bootstrap_servers, whatever the node is called:
 * `bootstrap.servers: embedded` waits for that. The parameter ~topics ({name: partitions}) makes
 * topics beforehand; others appear when they are named, with 4 partitions.
 */
#include "base/help.h"
#include "kafka/connection/embedded.h"
#include "nodes/kafka_lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS_PARAMETER "/embedded_broker/bootstrap_servers"
#define PARTITIONS_LIMIT  1000
#define ANSWER_TIMEOUT    2 /* s */

/* Whether something takes connections at `address` ("127.0.0.1:PORT"). */
static bool answers(const char *address)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (!colon || (size_t)(colon - address) >= sizeof host)
        return false;
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    if (getaddrinfo(host, colon + 1, &wanted, &found) != 0)
        return false;
    bool answered = false;
    int file = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file >= 0) {
        struct timeval patience = {.tv_sec = ANSWER_TIMEOUT};
        (void)setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        answered = connect(file, found->ai_addr, found->ai_addrlen) == 0;
        close(file);
    }
    freeaddrinfo(found);
    return answered;
}

/* The address that the parameter holds, to free; NULL where it is not set. */
static char *published_address(void)
{
    cJSON *tree = NULL;
    char *address = NULL;
    if (rosc_param_get_tree(ADDRESS_PARAMETER, &tree, NULL) == ROSC_OK && cJSON_IsString(tree))
        address = strdup(tree->valuestring);
    cJSON_Delete(tree);
    return address;
}

static bool is_the_only_one(void)
{
    char *address = published_address();
    bool taken = address && answers(address);
    if (taken)
        ROSC_LOG_FATAL("an embedded broker serves this ROS master already, at %s (the parameter "
                       "%s): use that one, or stop it first",
                       address, ADDRESS_PARAMETER);
    else if (address)
        ROSC_LOG_WARN("%s was %s, where nothing answers any more: it is set anew",
                      ADDRESS_PARAMETER, address);
    free(address);
    return !taken;
}

/* Makes the topics of ~topics; says what is wrong with each that cannot be made. */
static bool make_topics(struct kafka_embedded *broker)
{
    cJSON *tree = NULL;
    const cJSON *item;
    struct error error;
    bool good = true;
    enum rosc_status status = rosc_param_get_tree("~topics", &tree, NULL);
    if (status == ROSC_ERROR_NOT_FOUND)
        return true;
    if (status != ROSC_OK || !cJSON_IsObject(tree)) {
        ROSC_LOG_FATAL("parameter %s/topics must be a dictionary {name: partitions}",
                       rosc_node_name());
        cJSON_Delete(tree);
        return false;
    }
    cJSON_ArrayForEach(item, tree)
    {
        int partitions = item->valueint;
        if (!cJSON_IsNumber(item) || partitions < 1 || partitions > PARTITIONS_LIMIT ||
            item->valuedouble != partitions) {
            char *found = cJSON_PrintUnformatted(item);
            ROSC_LOG_FATAL("parameter %s/topics/%s is %s: it must be a whole number from 1 to %d "
                           "partitions",
                           rosc_node_name(), item->string, found ? found : "?", PARTITIONS_LIMIT);
            cJSON_free(found);
            good = false;
        } else if (kafka_embedded_create_topic(broker, item->string, partitions, &error) !=
                   ERROR_NONE) {
            ROSC_LOG_FATAL("parameter %s/topics/%s cannot be made: %s", rosc_node_name(),
                           item->string, error.text);
            good = false;
        }
    }
    cJSON_Delete(tree);
    return good;
}

static bool publish_address(const char *address)
{
    struct rosc_error error;
    if (rosc_param_set_string(ADDRESS_PARAMETER, address, &error) != ROSC_OK) {
        ROSC_LOG_FATAL("cannot set %s: %s", ADDRESS_PARAMETER, error.text);
        return false;
    }
    ROSC_LOG_INFO("serving Kafka at %s for trying out and for tests, not for production: this is "
                  "librdkafka's mock cluster, in memory, on loopback only, without TLS; it keeps "
                  "the newest 5 MiB or 100,000 message sets of each partition, and all is lost "
                  "when this node ends",
                  address);
    return true;
}

/* Takes the parameter away, unless another broker has set it meanwhile. */
static void withdraw_address(const char *address)
{
    char *now = published_address();
    struct rosc_error error;
    if (now && strcmp(now, address) == 0 && rosc_param_delete(ADDRESS_PARAMETER, &error) != ROSC_OK)
        ROSC_LOG_WARN("%s could not be deleted: %s", ADDRESS_PARAMETER, error.text);
    free(now);
}

/* Registers the node, when nothing else can fail: the master ends the one that has its name. */
static bool begin(void)
{
    struct rosc_error error;
    if (rosc_start(-1, &error) == ROSC_OK)
        return true;
    if (rosc_ok())
        ROSC_LOG_FATAL("cannot start: %s", error.text);
    return false;
}

static bool serve(void)
{
    struct kafka_embedded *broker;
    const char *address;
    struct error error;
    if (!is_the_only_one())
        return false;
    if (kafka_embedded_create(&broker, &address, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("cannot start the broker: %s", error.text);
        return false;
    }
    bool good = make_topics(broker) && begin() && publish_address(address);
    if (good) {
        rosc_queue_spin(NULL);
        withdraw_address(address);
    }
    kafka_embedded_destroy(broker);
    return good || !rosc_ok();
}

static const char help[] =
    "usage: embedded_broker [_NAME:=VALUE...]\n"
    "\n"
    "librdkafka's mock cluster on loopback, in memory, for trying out and tests. Its address is "
    "the\n"
    "parameter " ADDRESS_PARAMETER ", which bootstrap.servers: embedded means.\n"
    "\n"
    "parameters:\n"
    "  _topics:={name: partitions}  topics to make at the start, by <rosparam> (none; others\n"
    "                               appear when they are named, with 4 partitions)\n" HELP_OF_NODES;

int main(int argc, char **argv)
{
    struct rosc_error error;
    if (help_asked(argc, argv, help))
        return EXIT_SUCCESS;
    kafka_lines_to_ros();
    if (rosc_init(&argc, argv, "embedded_broker", ROSC_INIT_DEFAULT, &error) != ROSC_OK ||
        rosc_connect(-1, &error) != ROSC_OK) {
        if (error.status == ROSC_ERROR_STATE && !rosc_ok())
            return EXIT_SUCCESS;
        ROSC_LOG_FATAL("cannot start: %s", error.text);
        return EXIT_FAILURE;
    }
    if (argc > 1) {
        ROSC_LOG_FATAL("unknown argument %s; see embedded_broker --help", argv[1]);
        return EXIT_FAILURE;
    }
    bool good = serve();
    rosc_shutdown();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
