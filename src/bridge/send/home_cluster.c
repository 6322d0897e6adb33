#include "bridge/send/home_cluster.h"

#include <pthread.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_NANOSECONDS INT64_C(1000000000) /* between two looks at the cluster's id */
#define SERVERS          "bootstrap.servers"
#define ANY              "any"

struct home_cluster {
    const struct config *config;
    struct spool *spool;
    bool waiting; /* what waits is from before this cluster was met */
    bool known;   /* this producer's cluster is, */
    bool admitted;
    bool kept; /* and the spool says so */
    int64_t looked;
    struct spool_cluster there; /* what answers */
    pthread_mutex_t mutex;      /* guards what follows */
    char trouble[ERROR_TEXT_SIZE];
};

enum error_code home_cluster_create(const struct config *config, struct spool *spool,
                                    struct home_cluster **home)
{
    struct spool_statistics statistics;
    struct home_cluster *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    spool_statistics(spool, &statistics);
    made->config = config;
    made->spool = spool;
    made->waiting = statistics.records > 0;
    (void)pthread_mutex_init(&made->mutex, NULL);
    *home = made;
    return ERROR_NONE;
}

void home_cluster_destroy(struct home_cluster *home)
{
    if (!home)
        return;
    (void)pthread_mutex_destroy(&home->mutex);
    free(home);
}

bool home_cluster_trouble(struct home_cluster *home, char *text, size_t size)
{
    (void)pthread_mutex_lock(&home->mutex);
    bool any = home->trouble[0] != '\0';
    if (any)
        (void)snprintf(text, size, "%s", home->trouble);
    (void)pthread_mutex_unlock(&home->mutex);
    return any;
}

void home_cluster_forget(struct home_cluster *home, bool waiting)
{
    home->known = false;
    home->admitted = false;
    home->kept = false;
    home->waiting = waiting;
}

static const char *name_of(const char *id)
{
    return *id ? id : "(it does not say its id)";
}

/* Writes what is wrong; says it where that is new. "" takes it back. */
static void set_trouble(struct home_cluster *home, const char *text)
{
    (void)pthread_mutex_lock(&home->mutex);
    bool news = strcmp(home->trouble, text) != 0;
    bool over = news && !*text;
    (void)snprintf(home->trouble, sizeof home->trouble, "%s", text);
    (void)pthread_mutex_unlock(&home->mutex);
    if (over)
        ROSC_LOG_INFO("%s is sent: %s is Kafka cluster %s", spool_path(home->spool),
                      home->there.servers, name_of(home->there.id));
    else if (news)
        ROSC_LOG_ERROR("%s; what comes is kept", text);
}

/* What the configuration says; "": nothing. */
static const char *wanted_by(const struct config *config)
{
    return config->spool.cluster ? config->spool.cluster : "";
}

bool home_cluster_explain(const struct home_cluster_words *words, const char *wanted,
                          const char *path, const struct spool_cluster *own,
                          const struct spool_cluster *there, char *text, size_t size)
{
    if (strcmp(wanted, ANY) == 0 || strcmp(*wanted ? wanted : own->id, there->id) == 0 ||
        (!*wanted && !*own->id))
        return false;
    if (*wanted)
        (void)snprintf(text, size,
                       "nothing of %.200s is sent: %s is %.80s, and %.120s is Kafka cluster "
                       "%.80s; set %s or %s right",
                       path, words->cluster, wanted, there->servers, name_of(there->id),
                       words->servers, words->cluster);
    else
        (void)snprintf(text, size,
                       "nothing of %.200s is sent: it belongs to Kafka cluster %.80s (" SERVERS
                       " %.120s), and %.120s is cluster %.80s; set %s right, or, if it is meant "
                       "for this one, %s%.80s",
                       path, own->id, own->servers, there->servers, name_of(there->id),
                       words->servers, words->meant, *there->id ? there->id : ANY);
    return true;
}

static void keep(struct home_cluster *home)
{
    home->kept = true;
    spool_set_cluster(home->spool, &home->there);
}

/* The spool changes over, at once: what is accepted from now on is meant for this cluster. */
static void adopt(struct home_cluster *home, const struct spool_cluster *own)
{
    ROSC_LOG_INFO("%s belonged to Kafka cluster %s (%s), and %s; from now on it belongs to cluster "
                  "%s (%s)",
                  spool_path(home->spool), own->id, own->servers,
                  home->waiting ? "spool.cluster says where it is to go" : "nothing waits in it",
                  name_of(home->there.id), home->there.servers);
    keep(home);
}

/* The cluster is known: is it the spool's? */
static void decide(struct home_cluster *home)
{
    struct spool_cluster own;
    char text[ERROR_TEXT_SIZE];
    const char *wanted = wanted_by(home->config);
    spool_cluster(home->spool, &own);
    static const struct home_cluster_words words = {SERVERS, "spool.cluster", "spool.cluster: "};
    if ((home->waiting || *wanted) && home_cluster_explain(&words, wanted, spool_path(home->spool),
                                                           &own, &home->there, text, sizeof text)) {
        set_trouble(home, text);
        return;
    }
    set_trouble(home, "");
    home->admitted = true;
    bool same = strcmp(own.id, home->there.id) == 0;
    if (*own.id && !same)
        adopt(home, &own);
    else if (same && strcmp(own.servers, home->there.servers) == 0)
        home->kept = true;
}

/* Asks the cluster for its id, at most once a second where that is known. False: nothing new. */
static bool look(struct home_cluster *home, struct kafka_producer *producer, int timeout_ms)
{
    struct spool_cluster there = {0};
    int64_t now = rosc_time_steady();
    if (home->known && (!*home->there.id || now - home->looked < LOOK_NANOSECONDS))
        return false;
    home->looked = now;
    if (kafka_producer_cluster(producer, timeout_ms, there.id, sizeof there.id) != ERROR_NONE ||
        (home->known && strcmp(there.id, home->there.id) == 0))
        return false;
    const char *servers = kafka_properties_get(&home->config->kafka, SERVERS);
    (void)snprintf(there.servers, sizeof there.servers, "%s", servers ? servers : "");
    home->there = there;
    return true;
}

enum home_cluster_answer home_cluster_ask(struct home_cluster *home,
                                          struct kafka_producer *producer, int timeout_ms)
{
    bool news = look(home, producer, timeout_ms);
    if (news && home->admitted)
        return HOME_CLUSTER_LEFT;
    if (news) {
        home->known = true;
        decide(home);
    }
    if (home->admitted && !home->kept && kafka_producer_has_delivered(producer))
        keep(home);
    if (home->admitted)
        return HOME_CLUSTER_ADMITS;
    if (home->known)
        (void)nanosleep(&(struct timespec){.tv_nsec = timeout_ms * 1000000L}, NULL);
    return HOME_CLUSTER_WAITS;
}
