#include "message/plan/json_program.h"

#include "base/buffer.h"
#include "message/definitions/field_size.h"
#include "message/values/number.h"

#include <stdlib.h>
#include <string.h>

#define NO_STEP SIZE_MAX

struct compiler {
    struct json_program *program;
    size_t capacity;
    struct buffer texts;
    size_t pending; /* where the text begins that no step has yet */
    size_t run;     /* the JSON_STEP_RUN step that still grows, or NO_STEP */
    enum error_code code;
};

size_t json_value_width(enum field_kind kind)
{
    static const uint8_t widths[] = {
        [KIND_BOOL] = 5,
        [KIND_INT8] = 4,
        [KIND_UINT8] = 3,
        [KIND_INT16] = 6,
        [KIND_UINT16] = 5,
        [KIND_INT32] = 11,
        [KIND_UINT32] = 10,
        [KIND_INT64] = 20,
        [KIND_UINT64] = 20,
        [KIND_FLOAT32] = NUMBER_TEXT_SIZE,
        [KIND_FLOAT64] = NUMBER_TEXT_SIZE,
        [KIND_STRING] = 0,
        [KIND_TIME] = sizeof "{\"secs\":4294967295,\"nsecs\":4294967295}",
        [KIND_DURATION] = sizeof "{\"secs\":-2147483648,\"nsecs\":-2147483648}",
        [KIND_MESSAGE] = 0,
    };
    return widths[kind];
}

static void add_text(struct compiler *compiler, const char *text)
{
    if (compiler->code == ERROR_NONE)
        compiler->code = buffer_append_text(&compiler->texts, text);
}

/* Adds a step that takes all pending text, which must fit. */
static struct json_step *add_step(struct compiler *compiler, int op)
{
    struct json_program *program = compiler->program;
    if (compiler->code != ERROR_NONE)
        return NULL;
    if (!program->steps || program->count == compiler->capacity) {
        size_t capacity = compiler->capacity ? 2 * compiler->capacity : 16;
        struct json_step *steps = realloc(program->steps, capacity * sizeof *steps);
        if (!steps) {
            compiler->code = ERROR_MEMORY;
            return NULL;
        }
        program->steps = steps;
        compiler->capacity = capacity;
    }
    struct json_step *step = &program->steps[program->count++];
    *step = (struct json_step){
        .op = (uint8_t)op,
        .text = (uint32_t)compiler->pending,
        .text_length = (uint16_t)(compiler->texts.length - compiler->pending),
    };
    compiler->pending = compiler->texts.length;
    return step;
}

/* Gives long texts steps of their own. */
static void flush_text(struct compiler *compiler)
{
    while (compiler->code == ERROR_NONE &&
           compiler->texts.length - compiler->pending > JSON_TEXT_LIMIT) {
        size_t begin = compiler->pending;
        struct json_step *step = add_step(compiler, JSON_STEP_TEXT);
        if (!step)
            return;
        step->text_length = JSON_TEXT_LIMIT;
        compiler->pending = begin + JSON_TEXT_LIMIT;
        compiler->run = NO_STEP;
    }
}

/* Adds a step that is no part of a run. */
static struct json_step *add_single(struct compiler *compiler, int op)
{
    flush_text(compiler);
    compiler->run = NO_STEP;
    return add_step(compiler, op);
}

/* Adds `count` values of `kind` to the run, a new one where it has no room. */
static struct json_step *add_to_run(struct compiler *compiler, int op, enum field_kind kind,
                                    size_t count)
{
    flush_text(compiler);
    size_t text = compiler->texts.length - compiler->pending;
    size_t needed = text + count * (json_value_width(kind) + 1);
    struct json_step *run = NULL;
    if (compiler->run != NO_STEP)
        run = &compiler->program->steps[compiler->run];
    if (!run || run->reserve + needed > JSON_RUN_LIMIT) {
        size_t pending = compiler->pending;
        run = add_step(compiler, JSON_STEP_RUN);
        if (!run)
            return NULL;
        run->text_length = 0;
        run->reserve = (uint32_t)(2 * JSON_TEXT_BLOCK);
        compiler->pending = pending;
        compiler->run = compiler->program->count - 1;
    }
    run->size += count * field_kind_size(kind);
    run->reserve += (uint32_t)needed;
    struct json_step *step = add_step(compiler, op);
    if (step)
        step->kind = (uint8_t)kind;
    return step;
}

static void compile_type(struct compiler *compiler, const struct message_type *type);

static void compile_single(struct compiler *compiler, const struct field *field)
{
    if (field->kind == KIND_MESSAGE)
        compile_type(compiler, field->message);
    else if (field->kind == KIND_STRING)
        (void)add_single(compiler, JSON_STEP_STRING);
    else
        (void)add_to_run(compiler, (int)field->kind, field->kind, 1);
}

static void compile_loop(struct compiler *compiler, const struct field *field, size_t count)
{
    struct json_step *loop = add_single(compiler, JSON_STEP_LOOP);
    if (!loop)
        return;
    loop->size = count;
    loop->reserve = (uint32_t)field_value_minimum(field);
    size_t begin = compiler->program->count;
    compile_single(compiler, field);
    struct json_step *next = add_single(compiler, JSON_STEP_NEXT);
    if (!next)
        return;
    next->target = (uint32_t)begin;
    compiler->program->steps[begin - 1].target = (uint32_t)compiler->program->count;
}

static void compile_array(struct compiler *compiler, const struct field *field)
{
    size_t count = field->array == ARRAY_VARIABLE ? JSON_COUNT_ON_WIRE : (size_t)field->array;
    if (field->kind == KIND_UINT8) {
        struct json_step *step = add_single(compiler, JSON_STEP_BYTES);
        if (step)
            step->size = count;
        return;
    }
    add_text(compiler, "[");
    if (count == 0) {
        add_text(compiler, "]");
        return;
    }
    struct json_step *step = NULL;
    if (field->kind == KIND_MESSAGE || field->kind == KIND_STRING)
        compile_loop(compiler, field, count);
    else if (count < JSON_RUN_LIMIT / 2 / (json_value_width(field->kind) + 1))
        step = add_to_run(compiler, JSON_STEP_RUN_ARRAY, field->kind, count);
    else
        step = add_single(compiler, JSON_STEP_ARRAY);
    if (step) {
        step->kind = (uint8_t)field->kind;
        step->size = count;
    }
    add_text(compiler, "]");
}

static void compile_type(struct compiler *compiler, const struct message_type *type)
{
    add_text(compiler, "{");
    for (size_t i = 0; i < type->field_count && compiler->code == ERROR_NONE; i++) {
        const struct field *field = &type->fields[i];
        add_text(compiler, i > 0 ? ",\"" : "\"");
        add_text(compiler, field->name);
        add_text(compiler, "\":");
        if (field->array == ARRAY_NONE)
            compile_single(compiler, field);
        else
            compile_array(compiler, field);
    }
    add_text(compiler, "}");
}

static void begin(struct compiler *compiler, struct json_program *program)
{
    *program = (struct json_program){0};
    *compiler = (struct compiler){.program = program, .run = NO_STEP};
    buffer_init(&compiler->texts, JSON_PROGRAM_TEXT);
}

static enum error_code finish(struct compiler *compiler)
{
    (void)add_single(compiler, JSON_STEP_END);
    if (compiler->code == ERROR_NONE)
        compiler->code = buffer_reserve(&compiler->texts, JSON_TEXT_BLOCK);
    if (compiler->code != ERROR_NONE) {
        buffer_fini(&compiler->texts);
        return compiler->code;
    }
    memset(compiler->texts.data + compiler->texts.length, 0, JSON_TEXT_BLOCK);
    compiler->program->texts = compiler->texts.data;
    return ERROR_NONE;
}

enum error_code json_program_init(struct json_program *program, const struct message_type *type)
{
    struct compiler compiler;
    begin(&compiler, program);
    compile_type(&compiler, type);
    return finish(&compiler);
}

enum error_code json_program_init_value(struct json_program *program, const struct field *field,
                                        bool element)
{
    struct compiler compiler;
    begin(&compiler, program);
    if (element || field->array == ARRAY_NONE)
        compile_single(&compiler, field);
    else
        compile_array(&compiler, field);
    return finish(&compiler);
}

void json_program_fini(struct json_program *program)
{
    free(program->steps);
    free(program->texts);
    *program = (struct json_program){0};
}
