#include "nodes/kafka_lines.h"

#include "kafka/connection/flood.h"
#include "kafka/connection/log.h"

#include <pthread.h>
#include <rosc/log.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 1024

/* A node has several clients, which find the same brokers away, and back: what all of them say is
 * said once. */
enum news { NEWS_NONE, NEWS_AWAY, NEWS_BACK, NEWS_CONNECTED };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct kafka_flood flood;
static enum news last;
static char connected[LINE_SIZE];

/* What is behind "producer: ", the name of one of the clients. */
static const char *without_client(const char *text)
{
    const char *space = strchr(text, ' ');
    return space && space > text && space[-1] == ':' ? space + 1 : text;
}

static enum news news_of(const char *text)
{
    if (strncmp(text, "connected to Kafka cluster ", 27) == 0)
        return NEWS_CONNECTED;
    if (strncmp(text, "Kafka is back at ", 17) == 0)
        return NEWS_BACK;
    return strstr(text, "cannot be reached: ") ? NEWS_AWAY : NEWS_NONE;
}

/* With the mutex. */
static bool is_new(enum news news, const char *text)
{
    uint64_t held_back;
    if (news == NEWS_CONNECTED) {
        bool same = strcmp(connected, text) == 0;
        (void)snprintf(connected, sizeof connected, "%s", text);
        return !same;
    }
    if (news != last)
        kafka_flood_reset(&flood);
    last = news;
    return kafka_flood_admit(&flood, news == NEWS_BACK ? "back" : text, kafka_now_ms(), &held_back);
}

static bool admit(enum news news, const char *text)
{
    if (news == NEWS_NONE)
        return true;
    (void)pthread_mutex_lock(&mutex);
    bool admitted = is_new(news, text);
    (void)pthread_mutex_unlock(&mutex);
    return admitted;
}

static void write_line(enum kafka_log_level level, const char *text, void *user)
{
    static const enum rosc_level levels[] = {[KAFKA_LOG_DEBUG] = ROSC_DEBUG,
                                             [KAFKA_LOG_INFO] = ROSC_INFO,
                                             [KAFKA_LOG_WARN] = ROSC_WARN,
                                             [KAFKA_LOG_ERROR] = ROSC_ERROR_LEVEL};
    (void)user;
    const char *whose = without_client(text);
    enum news news = news_of(whose);
    if (admit(news, whose))
        ROSC_LOG(levels[level], "%s", news == NEWS_NONE ? text : whose);
}

void kafka_lines_to_ros(void)
{
    kafka_log_set(write_line, NULL);
}
