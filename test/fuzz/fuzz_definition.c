/* Any text as a definition: it is refused with a path or becomes a plan, whose empty message (all
 * zero, of the least size) is one. */
#include "message/json/to_json.h"
#include "message/plan/plan.h"

#include <stdlib.h>

#define OUT_LIMIT (1U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_zero_message(const struct plan *plan)
{
    size_t size = plan_message(plan)->minimum_size;
    if (size > OUT_LIMIT)
        return;
    uint8_t *zeros = calloc(1, size + 1);
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    if (plan_validate(plan, zeros, size, NULL) != ERROR_NONE)
        abort();
    enum error_code code = to_json(plan, zeros, size, NULL, &out, NULL, NULL);
    if (code != ERROR_NONE && code != ERROR_LIMIT)
        abort();
    if (plan_validate(plan, zeros, size + 1, NULL) != ERROR_TRAILING)
        abort();
    buffer_fini(&out);
    free(zeros);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan *plan = NULL;
    struct error error = {0};
    if (plan_create("fuzz_msgs/Fuzz", (const char *)data, size, NULL, &plan, &error) !=
        ERROR_NONE) {
        if (error.path[0] == '\0' || error.text[0] == '\0')
            abort();
        return 0;
    }
    check_zero_message(plan);
    plan_destroy(plan);
    return 0;
}
