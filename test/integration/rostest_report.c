#include "rostest_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void rostest_report(int argc, char **argv)
{
    static const char option[] = "--gtest_output=xml:";
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], option, sizeof option - 1) == 0) {
            const char *file = argv[i] + sizeof option - 1;
            (void)unlink(file); /* cmocka does not write over a file */
            (void)setenv("CMOCKA_XML_FILE", file, 1);
            cmocka_set_message_output(CM_OUTPUT_XML);
        }
}
