#include "tools/resend/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK  "spool resend 1"
#define HOLES "holes="

static struct checkpoint_reason *find_reason(struct checkpoint *checkpoint, const char *name)
{
    for (size_t i = 0; i < checkpoint->reason_count; i++)
        if (strcmp(checkpoint->reasons[i].name, name) == 0)
            return &checkpoint->reasons[i];
    return NULL;
}

static int64_t next_of(const struct checkpoint *checkpoint, const char *reason)
{
    for (size_t i = 0; i < checkpoint->reason_count; i++)
        if (strcmp(checkpoint->reasons[i].name, reason) == 0 &&
            checkpoint->reasons[i].next > checkpoint->next)
            return checkpoint->reasons[i].next;
    return checkpoint->next;
}

/* Moves `*text` behind the number. */
static bool read_offset(const char **text, int64_t *offset)
{
    char *end;
    errno = 0;
    *offset = strtoll(*text, &end, 10);
    bool good = end != *text && **text >= '0' && **text <= '9' && errno == 0;
    *text = end;
    return good;
}

/* "17+2,11": where the first begins, how far the others are from the end of the one before, and how
 * many offsets follow. */
static bool read_holes(struct checkpoint *checkpoint, const char **text)
{
    for (int64_t end = 0;; ++*text) {
        int64_t gap;
        int64_t more = 0;
        if (checkpoint->hole_count == CHECKPOINT_HOLES_LIMIT || !read_offset(text, &gap))
            return false;
        if (**text == '+' && (++*text, !read_offset(text, &more)))
            return false;
        if ((gap == 0 && checkpoint->hole_count > 0) || gap > INT64_MAX - end ||
            more > INT64_MAX - end - gap)
            return false;
        struct checkpoint_hole hole = {.first = end + gap, .last = end + gap + more};
        checkpoint->holes[checkpoint->hole_count++] = hole;
        end = hole.last;
        if (**text != ',')
            return true;
    }
}

static bool read_reason(struct checkpoint *checkpoint, const char **text)
{
    size_t length = strcspn(*text, "=;");
    struct checkpoint_reason *reason = &checkpoint->reasons[checkpoint->reason_count];
    if (checkpoint->reason_count == CHECKPOINT_REASONS_LIMIT || length == 0 ||
        length >= OPTIONS_REASON_SIZE || (*text)[length] != '=')
        return false;
    *reason = (struct checkpoint_reason){.next = 0};
    memcpy(reason->name, *text, length);
    *text += length + 1;
    checkpoint->reason_count++;
    return read_offset(text, &reason->next);
}

static bool read_text(struct checkpoint *checkpoint, const char *text)
{
    if (strncmp(text, MARK, strlen(MARK)) != 0)
        return false;
    text += strlen(MARK);
    while (*text == ';') {
        text++;
        bool holes = strncmp(text, HOLES, strlen(HOLES)) == 0;
        text += holes ? strlen(HOLES) : 0;
        if (!(holes ? read_holes(checkpoint, &text) : read_reason(checkpoint, &text)))
            return false;
    }
    return *text == '\0';
}

enum error_code checkpoint_read(struct checkpoint *checkpoint, int64_t place, const char *text)
{
    *checkpoint = (struct checkpoint){.next = place > 0 ? place : 0};
    if (!*text || read_text(checkpoint, text))
        return ERROR_NONE;
    checkpoint->hole_count = 0;
    checkpoint->reason_count = 0;
    return ERROR_SYNTAX;
}

/* Appends to `text`; false where it does not fit. */
static bool add(char *text, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
static bool add(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
    return written >= 0 && (size_t)written < size - length;
}

static bool write_text(const struct checkpoint *checkpoint, char *text, size_t size)
{
    int64_t end = 0;
    *text = '\0';
    bool fits = add(text, size, MARK);
    for (size_t i = 0; i < checkpoint->reason_count && fits; i++)
        fits = add(text, size, ";%s=%" PRId64, checkpoint->reasons[i].name,
                   checkpoint->reasons[i].next);
    size_t length = strlen(text);
    for (size_t i = 0; i < checkpoint->hole_count && fits; i++) {
        const struct checkpoint_hole *hole = &checkpoint->holes[i];
        /* From here on: there may be many. */
        fits = add(text + length, size - length, "%s%" PRId64, i == 0 ? ";" HOLES : ",",
                   hole->first - end);
        if (fits && hole->last > hole->first)
            fits = add(text + length, size - length, "+%" PRId64, hole->last - hole->first);
        length += strlen(text + length);
        end = hole->last;
    }
    return fits;
}

static void remove_hole(struct checkpoint *checkpoint, size_t i)
{
    checkpoint->hole_count--;
    memmove(&checkpoint->holes[i], &checkpoint->holes[i + 1],
            (checkpoint->hole_count - i) * sizeof checkpoint->holes[0]);
}

/* The two holes that are nearest to each other become one. */
static void join_nearest(struct checkpoint *checkpoint)
{
    size_t best = 0;
    int64_t least = INT64_MAX;
    for (size_t i = 0; i + 1 < checkpoint->hole_count; i++) {
        int64_t between = checkpoint->holes[i + 1].first - checkpoint->holes[i].last - 1;
        if (between < least) {
            least = between;
            best = i;
        }
    }
    checkpoint->holes[best].last = checkpoint->holes[best + 1].last;
    checkpoint->joined += (uint64_t)least;
    remove_hole(checkpoint, best + 1);
}

enum error_code checkpoint_write(struct checkpoint *checkpoint, char *text, size_t size)
{
    bool fits = write_text(checkpoint, text, size);
    while (!fits && checkpoint->hole_count > 1) {
        join_nearest(checkpoint);
        fits = write_text(checkpoint, text, size);
    }
    return fits ? ERROR_NONE : ERROR_LIMIT;
}

static bool is_hole(const struct checkpoint *checkpoint, int64_t offset)
{
    for (size_t i = 0; i < checkpoint->hole_count; i++)
        if (offset >= checkpoint->holes[i].first && offset <= checkpoint->holes[i].last)
            return true;
    return false;
}

bool checkpoint_is_done(const struct checkpoint *checkpoint, int64_t offset, const char *reason)
{
    return offset < next_of(checkpoint, reason) && !is_hole(checkpoint, offset);
}

/* The lowest of the places that the filter's letters have. */
static int64_t lowest_next(const struct checkpoint *checkpoint,
                           const struct checkpoint_filter *filter)
{
    int64_t lowest = filter->count == 0 ? checkpoint->next : INT64_MAX;
    for (int i = 0; i < filter->count; i++) {
        int64_t next = next_of(checkpoint, filter->reasons[i]);
        lowest = next < lowest ? next : lowest;
    }
    return lowest;
}

int64_t checkpoint_first(const struct checkpoint *checkpoint,
                         const struct checkpoint_filter *filter)
{
    int64_t lowest = lowest_next(checkpoint, filter);
    return checkpoint->hole_count > 0 && checkpoint->holes[0].first < lowest
               ? checkpoint->holes[0].first
               : lowest;
}

bool checkpoint_follows(const struct checkpoint *checkpoint, const struct checkpoint_filter *filter,
                        int64_t from)
{
    return from <= lowest_next(checkpoint, filter);
}

static enum error_code insert_hole(struct checkpoint *checkpoint, size_t i,
                                   struct checkpoint_hole hole)
{
    if (checkpoint->hole_count == CHECKPOINT_HOLES_LIMIT)
        return ERROR_LIMIT;
    memmove(&checkpoint->holes[i + 1], &checkpoint->holes[i],
            (checkpoint->hole_count - i) * sizeof checkpoint->holes[0]);
    checkpoint->holes[i] = hole;
    checkpoint->hole_count++;
    return ERROR_NONE;
}

enum error_code checkpoint_leave_out(struct checkpoint *checkpoint,
                                     const struct checkpoint_filter *filter, int64_t from)
{
    struct checkpoint_hole hole = {.first = checkpoint->next, .last = from - 1};
    size_t count = checkpoint->hole_count;
    bool is_last = count == 0 || checkpoint->holes[count - 1].last < hole.first;
    if (filter->count > 0 || checkpoint->reason_count > 0 || !is_last)
        return ERROR_LIMIT;
    bool joins = count > 0 && checkpoint->holes[count - 1].last == hole.first - 1;
    if (joins)
        checkpoint->holes[count - 1].last = hole.last;
    else if (insert_hole(checkpoint, count, hole) != ERROR_NONE)
        return ERROR_LIMIT;
    checkpoint->next = from;
    return ERROR_NONE;
}

void checkpoint_mend(struct checkpoint *checkpoint, int64_t offset)
{
    size_t i = 0;
    while (i < checkpoint->hole_count && checkpoint->holes[i].last < offset)
        i++;
    if (i == checkpoint->hole_count || checkpoint->holes[i].first > offset)
        return;
    struct checkpoint_hole *hole = &checkpoint->holes[i];
    struct checkpoint_hole behind = {.first = offset + 1, .last = hole->last};
    if (hole->first == hole->last)
        remove_hole(checkpoint, i);
    else if (offset == hole->first)
        hole->first++;
    else if (offset == hole->last || insert_hole(checkpoint, i + 1, behind) == ERROR_NONE)
        hole->last = offset - 1;
    /* Else there is no room for two in place of one: it is sent once more. */
}

void checkpoint_fail(struct checkpoint *checkpoint, int64_t offset)
{
    if (is_hole(checkpoint, offset))
        return;
    if (checkpoint->hole_count == CHECKPOINT_HOLES_LIMIT)
        join_nearest(checkpoint);
    size_t i = 0;
    while (i < checkpoint->hole_count && checkpoint->holes[i].last < offset)
        i++;
    bool below = i > 0 && checkpoint->holes[i - 1].last == offset - 1;
    bool above = i < checkpoint->hole_count && checkpoint->holes[i].first == offset + 1;
    if (below && above) {
        checkpoint->holes[i - 1].last = checkpoint->holes[i].last;
        remove_hole(checkpoint, i);
    } else if (below) {
        checkpoint->holes[i - 1].last = offset;
    } else if (above) {
        checkpoint->holes[i].first = offset;
    } else if (!is_hole(checkpoint, offset)) {
        /* There is room: one was joined. */
        (void)!insert_hole(checkpoint, i, (struct checkpoint_hole){offset, offset});
    }
}

/* Places that the common one has come up to say nothing any more. */
static void forget_reasons(struct checkpoint *checkpoint)
{
    size_t kept = 0;
    for (size_t i = 0; i < checkpoint->reason_count; i++)
        if (checkpoint->reasons[i].next > checkpoint->next)
            checkpoint->reasons[kept++] = checkpoint->reasons[i];
    checkpoint->reason_count = kept;
}

enum error_code checkpoint_advance(struct checkpoint *checkpoint,
                                   const struct checkpoint_filter *filter, int64_t next)
{
    if (filter->count == 0 && next > checkpoint->next)
        checkpoint->next = next;
    forget_reasons(checkpoint);
    for (int i = 0; i < filter->count; i++) {
        if (next <= next_of(checkpoint, filter->reasons[i]))
            continue;
        struct checkpoint_reason *reason = find_reason(checkpoint, filter->reasons[i]);
        if (!reason) {
            if (checkpoint->reason_count == CHECKPOINT_REASONS_LIMIT)
                return ERROR_LIMIT;
            reason = &checkpoint->reasons[checkpoint->reason_count++];
            (void)snprintf(reason->name, sizeof reason->name, "%s", filter->reasons[i]);
        }
        reason->next = next;
    }
    return ERROR_NONE;
}
