#include "bridge/to_ros/carrier.h"

#include <rosc/rosc.h>

#define DEFINITION_MS      100 /* between two looks */
#define LETTER_MS          5
#define MEMORY_MS          100
#define LETTER_PATIENCE    (5000 * TASK_MILLISECOND) /* until it is worth a line */
#define HALVINGS_MAX       30
#define LOG_PERIOD_SECONDS 60.0 /* of one partition */

enum error_code carrier_init(struct carrier *carrier, const struct config *config,
                             struct packages *packages, struct error *error)
{
    *carrier = (struct carrier){0};
    ros_accounts_init(&carrier->ros_accounts);
    buffer_init(&carrier->message, config->message_max_bytes);
    ros_delivery_init(&carrier->ros_delivery, config->in_flight_max_bytes);
    enum error_code code =
        dead_letter_producer_create(config, &carrier->dead_letter_producer, error);
    if (code == ERROR_NONE)
        code = types_create(&config->kafka, config->definitions_topic, packages, &carrier->types,
                            error);
    if (code == ERROR_NONE)
        code = bindings_create(config, carrier->types, &carrier->bindings, error);
    return code;
}

void carrier_fini(struct carrier *carrier)
{
    dead_letter_producer_destroy(carrier->dead_letter_producer);
    ros_delivery_fini(&carrier->ros_delivery);
    bindings_destroy(carrier->bindings);
    types_destroy(carrier->types);
    buffer_fini(&carrier->message);
    ros_accounts_fini(&carrier->ros_accounts);
}

/* For a definition that may come a moment after the first record of its type. */
static int64_t patience_of(const struct patience *patience)
{
    return TYPES_PATIENCE >> (patience->missing < HALVINGS_MAX ? patience->missing : HALVINGS_MAX);
}

/* `binding` is NULL where its ROS topic has no name, or memory ran out. */
static struct counters *counters_of(struct carrier *carrier, struct binding *binding,
                                    const char *kafka_topic)
{
    const struct to_ros_route *route =
        binding ? binding->route : bindings_route(carrier->bindings, kafka_topic);
    if (!binding)
        return route ? ros_accounts_of_kafka(&carrier->ros_accounts, route->path, kafka_topic)
                     : &carrier->ros_accounts.others;
    if (!binding->counters)
        binding->counters = ros_accounts_open(&carrier->ros_accounts, binding->route->path,
                                              binding->kafka_topic, binding->ros_topic);
    return binding->counters;
}

/* Seconds, by this machine's clock. */
static double age_of(const struct kafka_record *record)
{
    return (double)(rosc_time_wall() / 1000000 - record->timestamp) / 1000;
}

static bool exceeds_max_age(const struct binding *binding, const struct kafka_record *record)
{
    double limit = binding->route->max_age;
    return limit > 0 && record->timestamp > 0 && age_of(record) > limit;
}

/* Said with the first of its account. */
static void tell_too_old(const struct binding *binding, const struct task *task)
{
    const struct kafka_record *record = task->record;
    if (atomic_load(&task->counters->dropped[DROP_MAX_AGE]) == 0)
        ROSC_LOG_WARN("Kafka topic %s, partition %d, offset %lld: by this machine's clock the "
                      "record is %.0f s old, and %s.max_age is %g s: it is not published, nor are "
                      "others that are as old; they are counted as max_age",
                      record->topic, (int)record->partition, (long long)record->offset,
                      age_of(record), binding->route->path, binding->route->max_age);
}

/* Drops the record for `reason`. */
static bool pass_over(struct carrier *carrier, struct task *task, enum drop_reason reason)
{
    if (task->restoring)
        return true;
    if (!ros_delivery_may_pass(&carrier->ros_delivery, task))
        return false;
    counter_add(&task->counters->dropped[reason], 1);
    ros_delivery_pass(&carrier->ros_delivery, task->record);
    return true;
}

static void tell_letter_waits(struct task *task)
{
    if (task->said || task_waited(task) < LETTER_PATIENCE)
        return;
    task->said = true;
    const char *answer = task->letter ? letter_answer(task->letter) : "";
    ROSC_LOG_WARN("Kafka topic %s, partition %d, offset %lld: its dead letter is not acknowledged "
                  "by %s.dead_letter yet, and its partition waits with it: see that topic's "
                  "replicas and this user's rights%s%s",
                  task->record->topic, (int)task->record->partition,
                  (long long)task->record->offset, task->record->topic,
                  *answer ? "; Kafka said: " : "", answer);
}

static void tell_unlatched(struct carrier *carrier, const struct task *task,
                           const struct error *error)
{
    if (rosc_throttle_pass(&task->patience->unlatched_log, LOG_PERIOD_SECONDS, NULL) &&
        lines_pass(&carrier->unlatched_lines,
                   "partitions with messages that are not latched again"))
        ROSC_LOG_WARN("Kafka topic %s, partition %d, offset %lld is not latched again: %s",
                      task->record->topic, (int)task->record->partition,
                      (long long)task->record->offset, error->text);
}

/* Each partition for itself: one topic's trouble hides no other's. */
static void tell_letter(struct carrier *carrier, const struct task *task, const struct error *error)
{
    if (rosc_throttle_pass(&task->patience->letter_log, LOG_PERIOD_SECONDS, NULL) &&
        lines_pass(&carrier->letter_lines, "partitions with records that cannot be published"))
        ROSC_LOG_ERROR("Kafka topic %s, partition %d, offset %lld cannot be published: %s: %s",
                       task->record->topic, (int)task->record->partition,
                       (long long)task->record->offset, error->path, error->text);
}

static void tell_refused(struct carrier *carrier, const struct task *task)
{
    if (rosc_throttle_pass(&task->patience->refused_log, LOG_PERIOD_SECONDS, NULL) &&
        lines_pass(&carrier->refused_lines, "partitions whose dead letters are not taken"))
        ROSC_LOG_ERROR("no dead letter of Kafka topic %s, partition %d, offset %lld: %s",
                       task->record->topic, (int)task->record->partition,
                       (long long)task->record->offset, letter_answer(task->letter));
}

/* Writes the dead letter and settles the record's account. */
static bool bury(struct carrier *carrier, struct task *task, const struct binding *binding,
                 const struct error *error)
{
    const struct kafka_record *record = task->record;
    if (task->restoring) {
        tell_unlatched(carrier, task, error);
        return true;
    }
    if (!ros_delivery_may_pass(&carrier->ros_delivery, task))
        return false;
    if (!task->letter) {
        tell_letter(carrier, task, error);
        task->letter = letter_create(binding, error);
        task->said = false;
    }
    enum letter_fate fate = task->letter ? dead_letter_producer_post(carrier->dead_letter_producer,
                                                                     task->letter, record)
                                         : LETTER_UNDER_WAY;
    if (fate == LETTER_UNDER_WAY) {
        tell_letter_waits(task);
        task_wait(task, task->letter ? LETTER_MS : MEMORY_MS);
        return false;
    }
    if (fate == LETTER_REFUSED)
        tell_refused(carrier, task);
    if (task->said)
        ROSC_LOG_INFO("Kafka topic %s, partition %d: its dead letters do not wait any more",
                      record->topic, (int)record->partition);
    counter_add(fate == LETTER_DELIVERED ? &task->counters->dead_lettered
                                         : &task->counters->dropped[DROP_UNDECODABLE],
                1);
    ros_delivery_pass(&carrier->ros_delivery, record);
    letter_destroy(task->letter);
    task->letter = NULL;
    return true;
}

/* A type's definition may come to Kafka a moment after the first record of the type, and Kafka may
 * be away. True: it is waited for. */
static bool awaits_definition(struct carrier *carrier, struct task *task,
                              const struct binding *binding)
{
    if (!binding->decoder && binding->awaited) {
        if (!task->said && lines_pass(&carrier->waiting_lines, "types that are waited for"))
            ROSC_LOG_INFO("Kafka topic %s: waiting for the definition of its type: %s",
                          binding->kafka_topic, binding->error.text);
        task->said = true;
        task_wait(task, DEFINITION_MS);
        return true;
    }
    if (!task->said || task->decoded)
        return false;
    task->said = false;
    task->patience->missing = binding->decoder ? 0 : task->patience->missing + 1;
    if (!binding->decoder && lines_pass(&carrier->missing_lines, "types without a definition"))
        ROSC_LOG_ERROR("Kafka topic %s: %s; its records go to the dead-letter topic",
                       binding->kafka_topic, binding->error.text);
    return false;
}

/* ERROR_FULL: it is tried again. */
static enum error_code publish(struct carrier *carrier, struct task *task, struct binding *binding,
                               struct error *error)
{
    struct publication *publication;
    enum error_code code = ERROR_NONE;
    bool at_hand = !task->decoded;
    if (at_hand)
        code = decoder_decode(binding->decoder, task->record, &carrier->message, error);
    if (code != ERROR_NONE)
        return code;
    task->size = at_hand ? carrier->message.length : task->size;
    task->decoded = true;
    code = ros_delivery_prepare(&carrier->ros_delivery, task, binding, &publication, error);
    if (code == ERROR_NONE && !at_hand)
        code = decoder_decode(binding->decoder, task->record, &carrier->message, error);
    if (code == ERROR_NONE)
        code = ros_delivery_publish(&carrier->ros_delivery, task, binding, publication,
                                    &carrier->message, error);
    return code;
}

bool carrier_try(struct carrier *carrier, struct task *task, bool *published)
{
    struct error error = {0};
    struct binding *binding =
        bindings_get(carrier->bindings, task->record, patience_of(task->patience), &error);
    *published = false;
    if (!binding && error.code == ERROR_UNKNOWN)
        return true; /* an internal topic that a pattern matched */
    if (!task->counters) {
        task->counters = counters_of(carrier, binding, task->record->topic);
        if (!task->restoring)
            counter_add(&task->counters->received, 1);
    }
    if (task->letter || !binding)
        return bury(carrier, task, binding, &error);
    if (binding->left_out)
        return pass_over(carrier, task, binding->drop);
    if (task->restoring && !binding->latched && !binding->route->latched)
        return true;
    if (exceeds_max_age(binding, task->record)) {
        if (!task->restoring)
            tell_too_old(binding, task);
        return pass_over(carrier, task, DROP_MAX_AGE);
    }
    if (awaits_definition(carrier, task, binding))
        return false;
    if (!binding->decoder)
        return bury(carrier, task, binding, &binding->error);
    enum error_code code = publish(carrier, task, binding, &error);
    if (code == ERROR_FULL)
        return false;
    if (code != ERROR_NONE)
        return bury(carrier, task, binding, &error);
    if (!task->restoring)
        counter_add(&task->counters->delivered, 1);
    *published = true;
    return true;
}
