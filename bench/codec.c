/* The codec beside its anchors, in one run: a cJSON tree of the same message, and the floor under
 * any writer of JSON. Prints figures and whether the targets are met; see contest.h and floor.h. */
#include "cjson_anchor.h"
#include "contest.h"
#include "floor.h"
#include "samples.h"

#include "message/json/from_json.h"
#include "message/json/to_json.h"
#include "message/mapping/to_record.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_LIMIT   (1U << 20)
#define TREE_FASTER 10 /* times: the full message beside its cJSON tree */
#define FLAT_FASTER 5  /* times: the flat record beside its cJSON object */
#define FLOOR_TIMES 2  /* times the floor, at most */

typedef cJSON *(*tree_maker)(const uint8_t *bytes);

/* What a contest is about; shared by its contestants, which run in turn. */
struct subject {
    struct samples samples;
    struct to_record *record; /* where the contest is about the flat record */
    struct buffer out;
    struct floor_text *floors[SAMPLE_COUNT];
    tree_maker make_tree;
};

static const uint8_t *bytes_of(const struct subject *subject, size_t index)
{
    return (const uint8_t *)subject->samples.messages[index].data;
}

static size_t write_json(void *user, size_t index)
{
    struct subject *subject = user;
    struct error error;
    buffer_clear(&subject->out);
    must(to_json(subject->samples.plan, bytes_of(subject, index),
                 subject->samples.messages[index].length, NULL, &subject->out, NULL, &error),
         &error);
    return subject->out.length;
}

static size_t write_record(void *user, size_t index)
{
    struct subject *subject = user;
    struct error error;
    struct record_context context = {
        .sequence = 1000 + index, .topic = "/warty/odom", .robot = "warty"};
    buffer_clear(&subject->out);
    must(to_record(subject->record, bytes_of(subject, index),
                   subject->samples.messages[index].length, &context, &subject->out, NULL, &error),
         &error);
    return subject->out.length;
}

/* Prints `tree` into the subject's buffer and deletes it. */
static size_t print_tree(struct subject *subject, cJSON *tree)
{
    subject->out.length = 0;
    if (!cJSON_PrintPreallocated(tree, subject->out.data, (int)subject->out.capacity, false))
        must(ERROR_LIMIT, &(struct error){.text = "cJSON has no room for its text"});
    cJSON_Delete(tree);
    return strlen(subject->out.data);
}

static size_t write_tree(void *user, size_t index)
{
    struct subject *subject = user;
    return print_tree(subject, subject->make_tree(bytes_of(subject, index)));
}

static size_t write_flat_tree(void *user, size_t index)
{
    struct subject *subject = user;
    return print_tree(subject, cjson_from_odometry_flat(bytes_of(subject, index), 1000 + index));
}

static size_t write_floor(void *user, size_t index)
{
    struct subject *subject = user;
    return floor_text_write(subject->floors[index]);
}

static size_t read_json(void *user, size_t index)
{
    struct subject *subject = user;
    const struct buffer *json = &subject->samples.json[index];
    struct error error;
    buffer_clear(&subject->out);
    must(from_json(subject->samples.plan, json->data, json->length, NULL, &subject->out, &error),
         &error);
    return json->length;
}

static size_t parse_tree(void *user, size_t index)
{
    struct subject *subject = user;
    const struct buffer *json = &subject->samples.json[index];
    cJSON_Delete(cJSON_ParseWithLength(json->data, json->length));
    return json->length;
}

static size_t read_tree(void *user, size_t index)
{
    struct subject *subject = user;
    const struct buffer *json = &subject->samples.json[index];
    cJSON *tree = cJSON_ParseWithLength(json->data, json->length);
    buffer_clear(&subject->out);
    must(cjson_to_odometry(tree, &subject->out), &(struct error){.text = "no room"});
    cJSON_Delete(tree);
    return json->length;
}

static void subject_init(struct subject *subject, enum sample_kind kind, struct type_table *types)
{
    struct error error = {.text = "out of memory"};
    *subject = (struct subject){0};
    samples_init(&subject->samples, kind, types);
    buffer_init(&subject->out, OUT_LIMIT);
    must(buffer_reserve(&subject->out, OUT_LIMIT), &error);
}

/* The flat record, as config/odometry.yaml has it. */
static void subject_map(struct subject *subject)
{
    static const struct to_record_field fields[] = {
        {.name = "id", .path = "@sequence", .precision = PRECISION_NONE},
        {.name = "posex", .path = "pose.pose.position.x", .precision = 5},
        {.name = "posey", .path = "pose.pose.position.y", .precision = 5},
        {.name = "posez", .path = "pose.pose.position.z", .precision = 5},
        {.name = "orientx", .path = "pose.pose.orientation.x", .precision = 5},
        {.name = "orienty", .path = "pose.pose.orientation.y", .precision = 5},
        {.name = "orientz", .path = "pose.pose.orientation.z", .precision = 5},
        {.name = "orientw", .path = "pose.pose.orientation.w", .precision = 5},
    };
    struct error error;
    must(to_record_create(subject->samples.plan, fields, sizeof fields / sizeof *fields, NULL,
                          &subject->record, &error),
         &error);
}

/* Prepares the floor from what `write` writes. */
static void subject_lay_floor(struct subject *subject, size_t (*write)(void *, size_t),
                              bool singles)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t length = write(subject, i);
        subject->floors[i] = floor_text_create(subject->out.data, length, singles);
    }
}

static void subject_fini(struct subject *subject)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        floor_text_destroy(subject->floors[i]);
    to_record_destroy(subject->record);
    buffer_fini(&subject->out);
    samples_fini(&subject->samples);
}

/* Ends the program unless two ways of writing say the same: the anchor must do the same work. */
static void compare_texts(struct subject *subject, size_t (*ours)(void *, size_t),
                          size_t (*theirs)(void *, size_t))
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t length = ours(subject, i);
        cJSON *one = cJSON_ParseWithLength(subject->out.data, length);
        length = theirs(subject, i);
        cJSON *other = cJSON_ParseWithLength(subject->out.data, length);
        if (!cJSON_Compare(one, other, true))
            must(ERROR_TYPE, &(struct error){.text = "the anchor writes another message"});
        cJSON_Delete(one);
        cJSON_Delete(other);
    }
}

/* Ends the program unless both ways of reading give back the message. */
static void compare_bytes(struct subject *subject)
{
    static size_t (*const ways[])(void *, size_t) = {read_json, read_tree};
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++)
        for (size_t i = 0; i < SAMPLE_COUNT; i++) {
            const struct buffer *message = &subject->samples.messages[i];
            (void)ways[way](subject, i);
            if (subject->out.length != message->length ||
                memcmp(subject->out.data, message->data, message->length) != 0)
                must(ERROR_TYPE, &(struct error){.text = "reading gives other bytes"});
        }
}

static bool odometry(enum sample_kind kind, const char *name, struct type_table *types)
{
    struct subject subject;
    subject_init(&subject, kind, types);
    subject.make_tree = cjson_from_odometry;
    compare_texts(&subject, write_json, write_tree);
    compare_bytes(&subject);
    subject_lay_floor(&subject, write_json, false);
    char writing[128], reading[128];
    (void)snprintf(writing, sizeof writing, "bytes to JSON: nav_msgs/Odometry, %s", name);
    (void)snprintf(reading, sizeof reading, "JSON to bytes: nav_msgs/Odometry, %s", name);
    bool met = contest_run(&(struct contest){writing,
                                             &subject,
                                             SAMPLE_COUNT,
                                             {{"to_json", write_json, 0},
                                              {"cJSON tree", write_tree, TREE_FASTER},
                                              {"floor", write_floor, -FLOOR_TIMES}},
                                             3});
    (void)contest_run(
        &(struct contest){reading,
                          &subject,
                          SAMPLE_COUNT,
                          {{"from_json", read_json, 0}, {"cJSON parse and walk", read_tree, 0}},
                          2});
    subject_fini(&subject);
    return met;
}

static bool flat_odometry(struct type_table *types)
{
    struct subject subject;
    subject_init(&subject, SAMPLE_ODOMETRY, types);
    subject_map(&subject);
    compare_texts(&subject, write_record, write_flat_tree);
    subject_lay_floor(&subject, write_record, false);
    bool met = contest_run(
        &(struct contest){"bytes to flat record: nav_msgs/Odometry, 8 fields rounded to 5 decimals",
                          &subject,
                          SAMPLE_COUNT,
                          {{"to_record", write_record, 0},
                           {"cJSON object", write_flat_tree, FLAT_FASTER},
                           {"floor", write_floor, -FLOOR_TIMES}},
                          3});
    subject_fini(&subject);
    return met;
}

/* Other shapes of message, for information: no targets. */
static void other_type(enum sample_kind kind, const char *name, tree_maker make_tree,
                       struct type_table *types)
{
    struct subject subject;
    subject_init(&subject, kind, types);
    subject.make_tree = make_tree;
    subject_lay_floor(&subject, write_json, kind == SAMPLE_LASER_SCAN);
    char writing[128], reading[128];
    (void)snprintf(writing, sizeof writing, "bytes to JSON: %s", name);
    (void)snprintf(reading, sizeof reading, "JSON to bytes: %s", name);
    (void)contest_run(&(struct contest){
        writing,
        &subject,
        SAMPLE_COUNT,
        {{"to_json", write_json, 0}, {"floor", write_floor, 0}, {"cJSON tree", write_tree, 0}},
        make_tree ? 3 : 2});
    (void)contest_run(
        &(struct contest){reading,
                          &subject,
                          SAMPLE_COUNT,
                          {{"from_json", read_json, 0}, {"cJSON parse only", parse_tree, 0}},
                          2});
    subject_fini(&subject);
}

int main(void)
{
    struct type_table *types;
    struct error error;
    must(type_table_create(&types, &error), &error);
    bool met = odometry(SAMPLE_ODOMETRY, "as the simulated robot sends it", types);
    met = odometry(SAMPLE_ODOMETRY_FULL, "72 random covariances", types) && met;
    met = flat_odometry(types) && met;
    other_type(SAMPLE_LASER_SCAN, "sensor_msgs/LaserScan, 720 ranges and intensities",
               cjson_from_laser_scan, types);
    other_type(SAMPLE_JOINT_STATE, "sensor_msgs/JointState, 4 joints", cjson_from_joint_state,
               types);
    other_type(SAMPLE_COMPRESSED_IMAGE, "sensor_msgs/CompressedImage, 100,000 bytes", NULL, types);
    type_table_destroy(types);
    printf("targets: %s\n", met ? "all met" : "NOT all met");
    return EXIT_SUCCESS;
}
