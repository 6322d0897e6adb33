#include "bridge/publish/publication.h"

#include "bridge/flow/loop_guard.h"
#include "bridge/flow/names.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define RENEWAL_PATIENCE INT64_C(10000000000) /* ns */
#define LOG_PERIOD       60.0                 /* seconds */

static void destroy_publication(struct publication *publication)
{
    rosc_publisher_destroy(publication->publisher);
    free(publication->source);
    free(publication);
}

static void destroy_topic(struct publication_topic *topic)
{
    HASH_CLEAR(hh, topic->by_source[false]);
    HASH_CLEAR(hh, topic->by_source[true]);
    while (topic->first) {
        struct publication *publication = topic->first;
        DL_DELETE(topic->first, publication);
        destroy_publication(publication);
    }
    free(topic->ros_topic);
    free(topic);
}

void publications_fini(struct publications *publications)
{
    struct publication_topic *next = publications->by_name;
    HASH_CLEAR(hh, publications->by_name);
    while (next) {
        struct publication_topic *topic = next;
        next = topic->hh.next;
        destroy_topic(topic);
    }
}

uint32_t publication_subscribers(const struct publication *publication)
{
    return publication->publisher ? rosc_publisher_subscriber_count(publication->publisher) : 0;
}

uint64_t publication_number(const struct publication *publication)
{
    return publication->gone +
           (publication->publisher ? rosc_publisher_progress(publication->publisher).published : 0);
}

bool publication_is_written(const struct publication *publication, uint64_t number)
{
    if (number <= publication->gone)
        return true;
    return publication->publisher &&
           number <= publication->gone + rosc_publisher_progress(publication->publisher).written;
}

static bool is_all_written(const struct publication *publication)
{
    return publication_is_written(publication, publication_number(publication));
}

static bool is_advertised(const struct publication_topic *topic)
{
    const struct publication *publication = topic->first;
    while (publication && !publication->publisher)
        publication = publication->next;
    return publication != NULL;
}

/* roscpp has one publication for a topic, which its publishers share: while it has one its
 * subscribers stay connected, whatever others come and go, latched or not. */
static enum error_code advertise(struct publication *publication,
                                 const struct publication_request *request, struct error *error)
{
    struct rosc_error ros_error;
    char note[LOOP_GUARD_NOTE_SIZE];
    loop_guard_note(note);
    struct publication_topic *topic = publication->topic;
    struct rosc_publisher_options options = {.type = plan_type(topic->plan),
                                             .md5sum = plan_md5sum(topic->plan),
                                             .definition = plan_text(topic->plan),
                                             .queue_size = request->queue_size,
                                             .latched = publication->latched,
                                             .note = request->original ? NULL : note,
                                             .others_only = !request->original};
    bool first = !is_advertised(topic);
    enum rosc_status status =
        rosc_publisher_create(topic->ros_topic, &options, &publication->publisher, &ros_error);
    bool passing =
        status == ROSC_ERROR_MASTER || status == ROSC_ERROR_TIMEOUT || status == ROSC_ERROR_STATE;
    if (status != ROSC_OK)
        return error_set(error, passing ? ERROR_IO : ERROR_TYPE, topic->ros_topic, 0,
                         "cannot be advertised: %s", ros_error.text);
    if (first) {
        topic->advertised = rosc_time_steady();
        topic->expected = rosc_publisher_expected_subscribers(publication->publisher);
        topic->heard = false;
        topic->told = false;
    }
    if (first || publication->latched)
        ROSC_LOG_INFO("advertised %s (%s)%s%s%s", topic->ros_topic, options.type,
                      options.latched ? ", latched" : "", *publication->source ? " as by " : "",
                      publication->source);
    return ERROR_NONE;
}

static void renounce(struct publication *publication)
{
    publication->gone = publication_number(publication);
    rosc_publisher_destroy(publication->publisher);
    publication->publisher = NULL;
}

void publication_unlatch(struct publication *publication)
{
    if (publication->latched && publication->publisher && is_all_written(publication))
        renounce(publication);
}

bool publication_has_published(const struct publication *publication)
{
    return publication_number(publication) > publication->gone;
}

/* What waits for a subscriber's socket would go with the publisher. */
static bool may_be_renewed(struct publication_topic *topic)
{
    const struct publication *waiting = topic->first;
    while (waiting && is_all_written(waiting))
        waiting = waiting->next;
    if (!waiting)
        return true;
    if (topic->renewal == 0)
        topic->renewal = rosc_time_steady();
    if (rosc_time_steady() - topic->renewal < RENEWAL_PATIENCE)
        return false;
    ROSC_LOG_ERROR("%s is advertised with another type, and its subscribers have not taken all "
                   "that was published: it is lost to them",
                   topic->ros_topic);
    return true;
}

static enum error_code renew(struct publication_topic *topic, const struct plan *plan,
                             struct error *error)
{
    if (!may_be_renewed(topic))
        return error_set(error, ERROR_IO, topic->ros_topic, 0,
                         "what was published as %s waits for its subscribers",
                         plan_type(topic->plan));
    if (is_advertised(topic) && rosc_throttle_pass(&topic->anew_log, LOG_PERIOD, NULL))
        ROSC_LOG_WARN("%s was advertised as %s and now is %s: its subscribers connect anew; two "
                      "types that take turns on one ROS topic belong on two",
                      topic->ros_topic, plan_type(topic->plan), plan_type(plan));
    for (struct publication *at = topic->first; at; at = at->next)
        renounce(at);
    topic->renewal = 0;
    topic->plan = plan;
    return ERROR_NONE;
}

static struct publication_topic *find_topic(struct publications *publications, const char *name,
                                            const struct plan *plan)
{
    struct publication_topic *topic = NULL;
    HASH_FIND_STR(publications->by_name, name, topic);
    if (topic)
        return topic;
    topic = calloc(1, sizeof *topic);
    char *copy = strdup(name);
    if (topic && copy) {
        topic->ros_topic = copy;
        topic->plan = plan;
        HASH_ADD_KEYPTR(hh, publications->by_name, copy, strlen(copy), topic);
        if (hash_has(topic))
            return topic;
    }
    free(topic);
    free(copy);
    return NULL;
}

/* Takes `source`. False: there was no memory to find it by that. */
static bool name_source(struct publication *publication, char *source, bool latched)
{
    struct publication_topic *topic = publication->topic;
    if (hash_has(publication))
        HASH_DEL(topic->by_source[publication->latched], publication);
    publication->hh.tbl = NULL;
    free(publication->source);
    publication->source = source;
    publication->latched = latched;
    HASH_ADD_KEYPTR(hh, topic->by_source[latched], source, strlen(source), publication);
    return hash_has(publication);
}

static void move_to_front(struct publication_topic *topic, struct publication *publication)
{
    DL_DELETE(topic->first, publication);
    DL_PREPEND(topic->first, publication);
}

/* Takes the place of the one that is silent for longest; its struct stays for what is in flight. */
static struct publication *replace(struct publication_topic *topic,
                                   const struct publication_request *request)
{
    struct publication *oldest = NULL;
    for (struct publication *at = topic->first; at; at = at->next)
        if (at->latched && is_all_written(at))
            oldest = at;
    char *source = oldest ? strdup(request->source) : NULL;
    if (!source)
        return NULL;
    if (rosc_throttle_pass(&topic->crowd_log, LOG_PERIOD, NULL))
        ROSC_LOG_WARN("%s has more than %d latched publishers: the last message of %s is no longer "
                      "kept for those who subscribe later, that of %s is",
                      topic->ros_topic, PUBLICATIONS_OF_TOPIC, oldest->source, source);
    renounce(oldest);
    move_to_front(topic, oldest);
    return name_source(oldest, source, request->latched) ? oldest : NULL;
}

static struct publication *add(struct publication_topic *topic,
                               const struct publication_request *request)
{
    if (topic->count >= PUBLICATIONS_OF_TOPIC)
        return replace(topic, request);
    struct publication *added = calloc(1, sizeof *added);
    char *source = strdup(request->source);
    if (!added || !source) {
        free(added);
        free(source);
        return NULL;
    }
    added->topic = topic;
    if (!name_source(added, source, request->latched)) {
        destroy_publication(added);
        return NULL;
    }
    DL_PREPEND(topic->first, added);
    topic->count++;
    return added;
}

/* The publication, moved to its topic's front; NULL: there is none yet. */
static struct publication *find(struct publication_topic *topic,
                                const struct publication_request *request)
{
    struct publication *found = NULL;
    HASH_FIND_STR(topic->by_source[request->latched], request->source, found);
    if (!found || found == topic->first)
        return found;
    move_to_front(topic, found);
    return found;
}

enum error_code publications_get(struct publications *publications,
                                 const struct publication_request *request,
                                 struct publication **publication, struct error *error)
{
    char name[NAMES_ROS_SIZE];
    struct rosc_error ros_error;
    if (rosc_name_resolve(request->ros_topic, name, sizeof name, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_RANGE, request->ros_topic, 0, "%s", ros_error.text);
    struct publication_topic *topic = find_topic(publications, name, request->plan);
    if (!topic)
        return error_set(error, ERROR_MEMORY, name, 0, "out of memory");
    bool same = strcmp(plan_md5sum(topic->plan), plan_md5sum(request->plan)) == 0 &&
                strcmp(plan_type(topic->plan), plan_type(request->plan)) == 0;
    enum error_code code = same ? ERROR_NONE : renew(topic, request->plan, error);
    if (code != ERROR_NONE)
        return code;
    struct publication *found = find(topic, request);
    if (!found)
        found = add(topic, request);
    if (!found)
        return error_set(error, ERROR_MEMORY, name, 0, "out of memory for one more publisher");
    *publication = found;
    return found->publisher ? ERROR_NONE : advertise(found, request, error);
}
