#include "message/mapping/record_paths.h"

#include <string.h>

/* One place: a step of a path, below that of `$`. */
struct record_place {
    const char *name; /* of a member; NULL for an element and for `$` */
    size_t index;
    size_t number;
    struct record_place *child;   /* the first of the places inside this one */
    struct record_place *sibling; /* the next inside the same one */
};

static struct record_place *make_place(struct record_paths *sources,
                                       const struct json_path_step *step)
{
    struct record_place *place = arena_alloc(sources->arena, 1, sizeof *place);
    if (!place)
        return NULL;
    place->number = sources->count++;
    if (step) {
        place->name = step->name;
        place->index = step->index;
    }
    return place;
}

static bool is_step(const struct record_place *place, const struct json_path_step *step)
{
    if (step->name && place->name)
        return strcmp(step->name, place->name) == 0;
    return !step->name && !place->name && step->index == place->index;
}

bool record_paths_add(struct record_paths *sources, const struct json_path *path, size_t *number)
{
    if (!sources->root)
        sources->root = make_place(sources, NULL);
    struct record_place *place = sources->root;
    for (size_t i = 0; place && i < path->count; i++) {
        struct record_place **slot = &place->child;
        while (*slot && !is_step(*slot, &path->steps[i]))
            slot = &(*slot)->sibling;
        if (!*slot)
            *slot = make_place(sources, &path->steps[i]);
        place = *slot;
    }
    if (place)
        *number = place->number;
    return place != NULL;
}

static enum error_code scan_place(struct json_reader *reader, const struct record_place *place,
                                  uint32_t *starts);

static enum error_code skip(struct json_reader *reader)
{
    enum error_code code = json_scan_skip(&reader->scan, json_reader_depth_left(reader));
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_scan(reader, code);
}

static enum error_code scan_object(struct json_reader *reader, const struct record_place *places,
                                   struct json_place *here, uint32_t *starts)
{
    struct json_series series = {false};
    for (;;) {
        struct json_string name;
        bool more;
        enum error_code code = json_reader_next_member(reader, &series, here, &name, &more);
        if (code != ERROR_NONE || !more)
            return code;
        const struct record_place *place = places;
        while (place && !(place->name && json_string_is(&name, place->name)))
            place = place->sibling;
        if (place && starts[place->number] != RECORD_ABSENT)
            return json_reader_fail_found(reader, ERROR_DUPLICATE,
                                          json_reader_name_position(reader, &name),
                                          "a member that is mapped may be there once");
        code = place ? scan_place(reader, place, starts) : skip(reader);
        if (code != ERROR_NONE)
            return code;
    }
}

static enum error_code scan_array(struct json_reader *reader, const struct record_place *places,
                                  struct json_place *here, uint32_t *starts)
{
    struct json_series series = {false};
    for (;;) {
        bool more;
        enum error_code code = json_reader_next_element(reader, &series, here, &more);
        if (code != ERROR_NONE || !more)
            return code;
        const struct record_place *place = places;
        while (place && (place->name || place->index != here->index))
            place = place->sibling;
        code = place ? scan_place(reader, place, starts) : skip(reader);
        if (code != ERROR_NONE)
            return code;
    }
}

/* Whether one of the places is a member (`named`) or an element. */
static bool any_of(const struct record_place *places, bool named)
{
    while (places && (places->name != NULL) != named)
        places = places->sibling;
    return places != NULL;
}

static enum error_code scan_place(struct json_reader *reader, const struct record_place *place,
                                  uint32_t *starts)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    starts[place->number] = (uint32_t)reader->scan.position;
    const struct record_place *inside = place->child;
    if (!inside || kind == JSON_NULL)
        return skip(reader);
    bool fits = (kind == JSON_OBJECT && any_of(inside, true)) ||
                (kind == JSON_ARRAY && any_of(inside, false));
    if (!fits)
        return json_reader_fail_kind(reader, kind, "a mapped path",
                                     inside->name ? "an object here" : "an array here");
    struct json_place here;
    json_reader_enter(reader, &here);
    enum error_code code = kind == JSON_OBJECT ? scan_object(reader, inside, &here, starts)
                                               : scan_array(reader, inside, &here, starts);
    json_reader_leave(reader);
    return code;
}

enum error_code record_paths_scan(const struct record_paths *sources, struct json_reader *reader,
                                  uint32_t *starts)
{
    for (size_t i = 0; i < sources->count; i++)
        starts[i] = RECORD_ABSENT;
    (void)json_scan_peek(&reader->scan);
    enum error_code code = sources->root ? scan_place(reader, sources->root, starts) : skip(reader);
    if (code != ERROR_NONE)
        return code;
    code = json_scan_finish(&reader->scan);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_scan(reader, code);
}
