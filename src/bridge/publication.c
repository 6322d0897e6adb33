#include "bridge/publication.h"

#include "bridge/loop_guard.h"
#include "bridge/names.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

#define RENEWAL_PATIENCE INT64_C(10000000000) /* ns */

static void destroy(struct publication *publication)
{
    rosc_publisher_destroy(publication->publisher);
    free(publication->ros_topic);
    free(publication);
}

void publications_fini(struct publications *publications)
{
    while (publications->first) {
        struct publication *publication = publications->first;
        publications->first = publication->next;
        destroy(publication);
    }
}

static enum error_code advertise(struct publication *publication, uint32_t queue_size,
                                 struct error *error)
{
    struct rosc_error ros_error;
    char note[LOOP_GUARD_NOTE_SIZE];
    loop_guard_note(note);
    struct rosc_publisher_options options = {.type = plan_type(publication->plan),
                                             .md5sum = plan_md5sum(publication->plan),
                                             .definition = plan_text(publication->plan),
                                             .queue_size = queue_size,
                                             .latched = publication->latched,
                                             .note = note};
    enum rosc_status status = rosc_publisher_create(publication->ros_topic, &options,
                                                    &publication->publisher, &ros_error);
    bool passing =
        status == ROSC_ERROR_MASTER || status == ROSC_ERROR_TIMEOUT || status == ROSC_ERROR_STATE;
    if (status != ROSC_OK)
        return error_set(error, passing ? ERROR_IO : ERROR_TYPE, publication->ros_topic, 0,
                         "cannot be advertised: %s", ros_error.text);
    publication->advertised = rosc_time_steady();
    publication->heard = false;
    ROSC_LOG_INFO("advertised %s (%s)%s", publication->ros_topic, options.type,
                  options.latched ? ", latched" : "");
    return ERROR_NONE;
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

/* What waits for a subscriber's socket would go with the publisher. */
static bool may_be_renewed(struct publication *publication)
{
    if (!publication->publisher ||
        publication_is_written(publication, publication_number(publication)))
        return true;
    if (publication->renewal == 0)
        publication->renewal = rosc_time_steady();
    if (rosc_time_steady() - publication->renewal < RENEWAL_PATIENCE)
        return false;
    ROSC_LOG_ERROR("%s is advertised with another type, and its subscribers have not taken all "
                   "that was published: it is lost to them",
                   publication->ros_topic);
    return true;
}

static void renounce(struct publication *publication)
{
    publication->gone = publication_number(publication);
    rosc_publisher_destroy(publication->publisher);
    publication->publisher = NULL;
    publication->renewal = 0;
}

static enum error_code advertise_anew(struct publication *publication, const struct plan *plan,
                                      bool latched, uint32_t queue_size, struct error *error)
{
    if (!may_be_renewed(publication))
        return error_set(error, ERROR_IO, publication->ros_topic, 0,
                         "what was published as %s waits for its subscribers",
                         plan_type(publication->plan));
    if (publication->publisher && rosc_throttle_pass(&publication->anew_log, 60, NULL))
        ROSC_LOG_WARN(
            "%s was advertised as %s%s and now is %s%s: its subscribers connect anew; two "
            "types that take turns on one ROS topic belong on two",
            publication->ros_topic, plan_type(publication->plan),
            publication->latched ? " (latched)" : "", plan_type(plan), latched ? " (latched)" : "");
    renounce(publication);
    publication->plan = plan;
    publication->latched = latched;
    return advertise(publication, queue_size, error);
}

static enum error_code add(struct publications *publications, const char *name,
                           const struct plan *plan, bool latched, uint32_t queue_size,
                           struct publication **publication, struct error *error)
{
    struct publication *added = calloc(1, sizeof *added);
    char *copy = strdup(name);
    if (!added || !copy) {
        free(added);
        free(copy);
        return error_set(error, ERROR_MEMORY, name, 0, "out of memory");
    }
    *added = (struct publication){.ros_topic = copy, .plan = plan, .latched = latched};
    enum error_code code = advertise(added, queue_size, error);
    if (code != ERROR_NONE) {
        destroy(added);
        return code;
    }
    added->next = publications->first;
    publications->first = added;
    *publication = added;
    return ERROR_NONE;
}

enum error_code publications_get(struct publications *publications, const char *ros_topic,
                                 const struct plan *plan, bool latched, uint32_t queue_size,
                                 struct publication **publication, struct error *error)
{
    char name[NAMES_ROS_SIZE];
    struct rosc_error ros_error;
    if (rosc_name_resolve(ros_topic, name, sizeof name, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_RANGE, ros_topic, 0, "%s", ros_error.text);
    struct publication *found = publications->first;
    while (found && strcmp(found->ros_topic, name) != 0)
        found = found->next;
    if (!found)
        return add(publications, name, plan, latched, queue_size, publication, error);
    *publication = found;
    bool same = strcmp(plan_md5sum(found->plan), plan_md5sum(plan)) == 0 &&
                strcmp(plan_type(found->plan), plan_type(plan)) == 0;
    if (found->publisher && same && (found->latched || !latched))
        return ERROR_NONE;
    return advertise_anew(found, plan, latched, queue_size, error);
}
