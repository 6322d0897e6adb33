#include "tools/command/progress_bar.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET_MS    1000  /* what is done by then needs no bar */
#define REDRAW_MS   200   /* on a terminal */
#define LINES_MS    10000 /* elsewhere */
#define BAR_WIDTH   20
#define LINE_SIZE   256
#define NUMBER_SIZE 32
#define ERASE_LINE  "\r\x1b[K" /* ECMA-48: carriage return, erase in line */

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_bar_begin(struct progress_bar *progress, FILE *out, const char *unit, uint64_t total)
{
    int64_t now = now_ms();
    *progress = (struct progress_bar){.out = out,
                                      .terminal = isatty(fileno(out)) == 1,
                                      .unit = unit,
                                      .total = total,
                                      .began = now,
                                      .drawn = now};
}

const char *progress_bar_number(uint64_t number, char *text)
{
    char digits[NUMBER_SIZE];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *at = text;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return text;
}

static void append(char *text, size_t size, const char *part)
{
    size_t length = strlen(text);
    if (length < size - 1)
        strncat(text, part, size - 1 - length);
}

static void append_bar(char *text, size_t size, uint64_t done, uint64_t total)
{
    char bar[BAR_WIDTH + 4] = " [";
    size_t full = (size_t)((double)done / (double)total * BAR_WIDTH);
    memset(bar + 2, '#', full);
    memset(bar + 2 + full, '.', BAR_WIDTH - full);
    memcpy(bar + 2 + BAR_WIDTH, "]", 2);
    append(text, size, bar);
}

static void append_rest(char *text, size_t size, double rate, uint64_t left)
{
    char part[NUMBER_SIZE];
    double seconds = (double)left / rate;
    if (seconds >= 100.0 * 3600)
        return; /* an estimate that nobody plans with */
    unsigned long rest = (unsigned long)(seconds + 0.5);
    if (rest >= 3600)
        (void)snprintf(part, sizeof part, ", %lu:%02lu:%02lu left", rest / 3600, rest / 60 % 60,
                       rest % 60);
    else
        (void)snprintf(part, sizeof part, ", %lu:%02lu left", rest / 60, rest % 60);
    append(text, size, part);
}

void progress_bar_format(const struct progress_bar *progress, uint64_t done, int64_t elapsed,
                         bool bar, char *text, size_t size)
{
    char number[NUMBER_SIZE], all[NUMBER_SIZE], part[2 * NUMBER_SIZE];
    uint64_t total = progress->total;
    double rate = elapsed > 0 ? (double)done * 1000 / (double)elapsed : 0;
    if (done > total && total > 0)
        done = total; /* more came than there was to begin with */
    if (total == 0) {
        (void)snprintf(text, size, "%s %s", progress_bar_number(done, number), progress->unit);
    } else {
        (void)snprintf(text, size, "%s of %s %s", progress_bar_number(done, number),
                       progress_bar_number(total, all), progress->unit);
        if (bar)
            append_bar(text, size, done, total);
        (void)snprintf(part, sizeof part, ", %d %%", (int)((double)done / (double)total * 100));
        append(text, size, part);
    }
    if (rate < 1)
        return;
    (void)snprintf(part, sizeof part, ", %s/s", progress_bar_number((uint64_t)rate, number));
    append(text, size, part);
    if (total > 0)
        append_rest(text, size, rate, total - done);
}

void progress_bar_update(struct progress_bar *progress, uint64_t done)
{
    int64_t now = now_ms();
    char text[LINE_SIZE];
    if (now - progress->began < QUIET_MS ||
        now - progress->drawn < (progress->terminal ? REDRAW_MS : LINES_MS))
        return;
    progress_bar_format(progress, done, now - progress->began, progress->terminal, text,
                        sizeof text);
    progress->drawn = now;
    progress->on_line = progress->terminal;
    if (progress->terminal)
        (void)fprintf(progress->out, ERASE_LINE "%s", text);
    else
        (void)fprintf(progress->out, "%s\n", text);
    (void)fflush(progress->out);
}

void progress_bar_clear(struct progress_bar *progress)
{
    if (!progress->on_line)
        return;
    (void)fputs(ERASE_LINE, progress->out);
    (void)fflush(progress->out);
    progress->on_line = false;
}
