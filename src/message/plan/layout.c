#include "message/plan/layout.h"

#include "message/definitions/field_size.h"
#include "message/values/bytes.h"

#include <stdlib.h>

enum layout_op {
    LAYOUT_FIXED,  /* `size` bytes */
    LAYOUT_STRING, /* a count and as many bytes */
    LAYOUT_ARRAY,  /* a count and as many times `size` bytes */
    LAYOUT_LOOP,   /* a count on the wire, or `size` where that is not COUNT_ON_WIRE; the body
                      follows, `target` is behind it */
    LAYOUT_NEXT,   /* ends the body that begins at `target` */
    LAYOUT_END,
};

#define COUNT_ON_WIRE SIZE_MAX
#define NO_SLOT       UINT32_MAX
#define NO_STEP       SIZE_MAX

struct layout_step {
    enum layout_op op;
    uint32_t slot; /* where the step's first byte is noted, or NO_SLOT */
    size_t size;
    size_t target;
};

struct layout {
    struct layout_step *steps;
    size_t count;
};

struct compiler {
    struct layout *layout;
    size_t capacity;
    size_t open; /* the LAYOUT_FIXED step that still grows, or NO_STEP */
    struct layout_target *targets;
    size_t target_count;
    uint32_t slots;
    enum error_code code;
};

static struct layout_step *add_step(struct compiler *compiler, enum layout_op op, size_t size)
{
    struct layout *layout = compiler->layout;
    if (layout->count == compiler->capacity) {
        size_t capacity = compiler->capacity ? 2 * compiler->capacity : 16;
        struct layout_step *steps = realloc(layout->steps, capacity * sizeof *steps);
        if (!steps) {
            compiler->code = ERROR_MEMORY;
            return NULL;
        }
        layout->steps = steps;
        compiler->capacity = capacity;
    }
    compiler->open = op == LAYOUT_FIXED ? layout->count : NO_STEP;
    struct layout_step *step = &layout->steps[layout->count++];
    *step = (struct layout_step){.op = op, .slot = NO_SLOT, .size = size};
    return step;
}

static void add_fixed(struct compiler *compiler, size_t size)
{
    if (compiler->open != NO_STEP)
        compiler->layout->steps[compiler->open].size += size;
    else
        (void)add_step(compiler, LAYOUT_FIXED, size);
}

/* Notes that the target's value begins here. A fixed step is there to carry the slot. */
static void note(struct compiler *compiler, struct layout_target *target, uint32_t part)
{
    add_fixed(compiler, 0);
    if (compiler->code != ERROR_NONE)
        return;
    struct layout_step *step = &compiler->layout->steps[compiler->open];
    if (step->slot == NO_SLOT) {
        if (compiler->slots == LAYOUT_SLOTS_LIMIT) {
            compiler->code = ERROR_LIMIT;
            return;
        }
        step->slot = compiler->slots++;
    }
    target->slot = step->slot;
    target->offset = step->size;
    target->part = part;
}

/* Whether any target leads through `field`, the part `depth` of its path: it is noted where it ends
 * here or an array begins, and followed where it goes on in a single message. */
static bool meet_targets(struct compiler *compiler, const struct field *field, uint32_t depth)
{
    bool followed = false;
    for (size_t i = 0; i < compiler->target_count; i++) {
        struct layout_target *target = &compiler->targets[i];
        if (target->part != depth || target->slot != NO_SLOT ||
            target->path->parts[depth].field != field)
            continue;
        if (depth + 1 == target->path->count || field->array != ARRAY_NONE) {
            note(compiler, target, depth);
        } else {
            target->part = depth + 1;
            followed = true;
        }
    }
    return followed;
}

static void compile_type(struct compiler *compiler, const struct message_type *type, uint32_t depth,
                         bool followed);

static void compile_value(struct compiler *compiler, const struct field *field, uint32_t depth,
                          bool followed)
{
    if (field->kind == KIND_STRING)
        (void)add_step(compiler, LAYOUT_STRING, 0);
    else if (field->kind == KIND_MESSAGE)
        compile_type(compiler, field->message, depth + 1, followed);
    else
        add_fixed(compiler, field_kind_size(field->kind));
}

static void compile_loop(struct compiler *compiler, const struct field *field, uint32_t depth)
{
    size_t count = field->array == ARRAY_VARIABLE ? COUNT_ON_WIRE : (size_t)field->array;
    size_t loop = compiler->layout->count;
    if (!add_step(compiler, LAYOUT_LOOP, count))
        return;
    compile_value(compiler, field, depth, false);
    struct layout_step *next = add_step(compiler, LAYOUT_NEXT, 0);
    if (!next)
        return;
    next->target = loop + 1;
    compiler->layout->steps[loop].target = compiler->layout->count;
}

static void compile_field(struct compiler *compiler, const struct field *field, uint32_t depth,
                          bool followed)
{
    bool follow = followed && meet_targets(compiler, field, depth);
    size_t size = field_value_size(field);
    if (field->array == ARRAY_NONE)
        compile_value(compiler, field, depth, follow);
    else if (field->array == 0)
        return;
    else if (size == SIZE_MAX)
        compile_loop(compiler, field, depth);
    else if (field->array == ARRAY_VARIABLE)
        (void)add_step(compiler, LAYOUT_ARRAY, size);
    else
        add_fixed(compiler, size * (size_t)field->array);
}

static void compile_type(struct compiler *compiler, const struct message_type *type, uint32_t depth,
                         bool followed)
{
    if (!followed && type->fixed_size != SIZE_MAX) {
        add_fixed(compiler, type->fixed_size);
        return;
    }
    for (size_t i = 0; i < type->field_count && compiler->code == ERROR_NONE; i++)
        compile_field(compiler, &type->fields[i], depth, followed);
}

enum error_code layout_create(const struct message_type *type, struct layout_target *targets,
                              size_t count, struct layout **layout)
{
    struct compiler compiler = {
        .open = NO_STEP, .targets = targets, .target_count = count, .code = ERROR_NONE};
    compiler.layout = calloc(1, sizeof *compiler.layout);
    if (!compiler.layout)
        return ERROR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        targets[i].slot = NO_SLOT;
        targets[i].part = 0;
    }
    compile_type(&compiler, type, 0, count > 0);
    if (compiler.code == ERROR_NONE)
        (void)add_step(&compiler, LAYOUT_END, 0);
    if (compiler.code == ERROR_NONE)
        *layout = compiler.layout;
    else
        layout_destroy(compiler.layout);
    return compiler.code;
}

void layout_destroy(struct layout *layout)
{
    if (!layout)
        return;
    free(layout->steps);
    free(layout);
}

enum error_code layout_walk(const struct layout *layout, const uint8_t *bytes, size_t length,
                            const uint8_t **slots)
{
    bytes = bytes_begin(bytes);
    const uint8_t *end = bytes + length;
    uint32_t left[DEFINITION_DEPTH_LIMIT + 1] = {0};
    size_t depth = 0;
    const struct layout_step *step = layout->steps;
    for (;;) {
        size_t rest = (size_t)(end - bytes);
        uint64_t size = step->size;
        switch (step->op) {
        case LAYOUT_FIXED:
            if (step->slot != NO_SLOT)
                slots[step->slot] = bytes;
            if (rest < size)
                return ERROR_TRUNCATED;
            bytes += size;
            step++;
            break;
        case LAYOUT_STRING:
        case LAYOUT_ARRAY: {
            if (rest < sizeof(uint32_t))
                return ERROR_TRUNCATED;
            uint32_t count = bytes_u32(bytes);
            if (step->op == LAYOUT_ARRAY && size == 0 && count > LAYOUT_EMPTY_LIMIT)
                return ERROR_LIMIT;
            /* A type's fixed size is below 2^32, so the product is exact. */
            size = step->op == LAYOUT_STRING ? count : count * size;
            if (rest - sizeof(uint32_t) < size)
                return ERROR_TRUNCATED;
            bytes += sizeof(uint32_t) + size;
            step++;
            break;
        }
        case LAYOUT_LOOP: {
            uint32_t count = (uint32_t)size;
            if (step->size == COUNT_ON_WIRE) {
                if (rest < sizeof(uint32_t))
                    return ERROR_TRUNCATED;
                count = bytes_u32(bytes);
                bytes += sizeof(uint32_t);
            }
            if (count == 0) {
                step = layout->steps + step->target;
            } else {
                left[depth++] = count;
                step++;
            }
            break;
        }
        case LAYOUT_NEXT:
            if (--left[depth - 1] > 0) {
                step = layout->steps + step->target;
            } else {
                depth--;
                step++;
            }
            break;
        case LAYOUT_END:
            return rest == 0 ? ERROR_NONE : ERROR_TRAILING;
        }
    }
}
