#include "cjson_anchor.h"

#include "simulators/serial_writer.h"

#include <math.h>

#define COVARIANCE 36

/* Where reading goes on. The samples are known to be whole. */
struct cursor {
    const uint8_t *at;
};

static uint32_t get_u32(struct cursor *cursor)
{
    uint32_t value;
    memcpy(&value, cursor->at, sizeof value);
    cursor->at += sizeof value;
    return value;
}

static double get_double(struct cursor *cursor)
{
    double value;
    memcpy(&value, cursor->at, sizeof value);
    cursor->at += sizeof value;
    return value;
}

static float get_float(struct cursor *cursor)
{
    float value;
    memcpy(&value, cursor->at, sizeof value);
    cursor->at += sizeof value;
    return value;
}

static cJSON *get_string(struct cursor *cursor)
{
    char text[256];
    uint32_t length = get_u32(cursor);
    size_t kept = length < sizeof text ? length : sizeof text - 1;
    memcpy(text, cursor->at, kept);
    text[kept] = '\0';
    cursor->at += length;
    return cJSON_CreateString(text);
}

static void add_header(cJSON *tree, struct cursor *cursor)
{
    cJSON *header = cJSON_AddObjectToObject(tree, "header");
    cJSON_AddNumberToObject(header, "seq", get_u32(cursor));
    cJSON *stamp = cJSON_AddObjectToObject(header, "stamp");
    cJSON_AddNumberToObject(stamp, "secs", get_u32(cursor));
    cJSON_AddNumberToObject(stamp, "nsecs", get_u32(cursor));
    cJSON_AddItemToObject(header, "frame_id", get_string(cursor));
}

/* An object of doubles, named by the letters of `names`. */
static void add_numbers(cJSON *tree, const char *name, const char *names, struct cursor *cursor)
{
    cJSON *object = cJSON_AddObjectToObject(tree, name);
    for (; *names; names++)
        cJSON_AddNumberToObject(object, (char[]){*names, '\0'}, get_double(cursor));
}

static void add_doubles(cJSON *tree, const char *name, struct cursor *cursor, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(tree, name);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber(get_double(cursor)));
}

static void add_floats(cJSON *tree, const char *name, struct cursor *cursor)
{
    cJSON *array = cJSON_AddArrayToObject(tree, name);
    uint32_t count = get_u32(cursor);
    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber((double)get_float(cursor)));
}

cJSON *cjson_from_odometry(const uint8_t *bytes)
{
    struct cursor cursor = {bytes};
    cJSON *tree = cJSON_CreateObject();
    add_header(tree, &cursor);
    cJSON_AddItemToObject(tree, "child_frame_id", get_string(&cursor));
    cJSON *pose = cJSON_AddObjectToObject(tree, "pose");
    cJSON *inner = cJSON_AddObjectToObject(pose, "pose");
    add_numbers(inner, "position", "xyz", &cursor);
    add_numbers(inner, "orientation", "xyzw", &cursor);
    add_doubles(pose, "covariance", &cursor, COVARIANCE);
    cJSON *twist = cJSON_AddObjectToObject(tree, "twist");
    inner = cJSON_AddObjectToObject(twist, "twist");
    add_numbers(inner, "linear", "xyz", &cursor);
    add_numbers(inner, "angular", "xyz", &cursor);
    add_doubles(twist, "covariance", &cursor, COVARIANCE);
    return tree;
}

cJSON *cjson_from_odometry_flat(const uint8_t *bytes, uint64_t sequence)
{
    static const char *const names[] = {"posex",   "posey",   "posez",  "orientx",
                                        "orienty", "orientz", "orientw"};
    struct cursor cursor = {bytes + 12};
    uint32_t frame = get_u32(&cursor);
    cursor.at += frame;
    uint32_t child = get_u32(&cursor);
    cursor.at += child;
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddNumberToObject(tree, "id", (double)sequence);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cJSON_AddNumberToObject(tree, names[i], rint(get_double(&cursor) * 1e5) / 1e5);
    return tree;
}

cJSON *cjson_from_laser_scan(const uint8_t *bytes)
{
    static const char *const names[] = {"angle_min",      "angle_max", "angle_increment",
                                        "time_increment", "scan_time", "range_min",
                                        "range_max"};
    struct cursor cursor = {bytes};
    cJSON *tree = cJSON_CreateObject();
    add_header(tree, &cursor);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cJSON_AddNumberToObject(tree, names[i], (double)get_float(&cursor));
    add_floats(tree, "ranges", &cursor);
    add_floats(tree, "intensities", &cursor);
    return tree;
}

cJSON *cjson_from_joint_state(const uint8_t *bytes)
{
    static const char *const names[] = {"position", "velocity", "effort"};
    struct cursor cursor = {bytes};
    cJSON *tree = cJSON_CreateObject();
    add_header(tree, &cursor);
    cJSON *joints = cJSON_AddArrayToObject(tree, "name");
    for (uint32_t left = get_u32(&cursor); left > 0; left--)
        cJSON_AddItemToArray(joints, get_string(&cursor));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t count = get_u32(&cursor);
        add_doubles(tree, names[i], &cursor, count);
    }
    return tree;
}

static const cJSON *member(const cJSON *tree, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(tree, name);
}

static void put_numbers(struct serial_writer *writer, const cJSON *object, const char *names)
{
    for (; *names; names++)
        put_double(writer, cJSON_GetNumberValue(member(object, (char[]){*names, '\0'})));
}

static void put_array(struct serial_writer *writer, const cJSON *array)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, array) put_double(writer, cJSON_GetNumberValue(item));
}

enum error_code cjson_to_odometry(const cJSON *tree, struct buffer *out)
{
    struct serial_writer writer;
    serial_writer_init(&writer, out);
    const cJSON *header = member(tree, "header");
    const cJSON *stamp = member(header, "stamp");
    put_u32(&writer, (uint32_t)cJSON_GetNumberValue(member(header, "seq")));
    put_u32(&writer, (uint32_t)cJSON_GetNumberValue(member(stamp, "secs")));
    put_u32(&writer, (uint32_t)cJSON_GetNumberValue(member(stamp, "nsecs")));
    put_string(&writer, cJSON_GetStringValue(member(header, "frame_id")));
    put_string(&writer, cJSON_GetStringValue(member(tree, "child_frame_id")));
    const cJSON *pose = member(tree, "pose"), *inner = member(pose, "pose");
    put_numbers(&writer, member(inner, "position"), "xyz");
    put_numbers(&writer, member(inner, "orientation"), "xyzw");
    put_array(&writer, member(pose, "covariance"));
    const cJSON *twist = member(tree, "twist");
    inner = member(twist, "twist");
    put_numbers(&writer, member(inner, "linear"), "xyz");
    put_numbers(&writer, member(inner, "angular"), "xyz");
    put_array(&writer, member(twist, "covariance"));
    return writer.code;
}
