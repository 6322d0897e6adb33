#include "rostest_report.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char option[] = "--gtest_output=xml:";

static bool has_failures(const char *file)
{
    FILE *results = fopen(file, "r");
    if (results == NULL)
        return false;
    char line[4096];
    bool failures = false;
    while (!failures && fgets(line, sizeof line, results) != NULL)
        failures = strstr(line, "<failure") != NULL || strstr(line, "<error") != NULL;
    (void)fclose(results);
    return failures;
}

/* Waits for the tests, and ends as they did. */
static _Noreturn void supervise(pid_t tests, const char *file)
{
    int status = 0;
    (void)signal(SIGINT, SIG_IGN); /* roslaunch stops the whole process group */
    (void)signal(SIGTERM, SIG_IGN);
    if (waitpid(tests, &status, 0) != tests)
        _exit(1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        _exit(0);
    if (!has_failures(file)) {
        (void)fprintf(stderr, "the tests passed, but the program ended with status 0x%x\n",
                      (unsigned)status);
        (void)unlink(file);
    }
    _exit(1);
}

void rostest_report(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], option, sizeof option - 1) == 0) {
            const char *file = argv[i] + sizeof option - 1;
            (void)unlink(file); /* cmocka does not write over a file */
            (void)setenv("CMOCKA_XML_FILE", file, 1);
            cmocka_set_message_output(CM_OUTPUT_XML);
            const pid_t tests = fork();
            if (tests > 0)
                supervise(tests, file);
            return;
        }
}
