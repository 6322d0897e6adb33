#include "base/help.h"

#include <stdio.h>
#include <string.h>

bool help_asked(int argc, char **argv, const char *text)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0)
            continue;
        (void)fputs(text, stdout);
        return true;
    }
    return false;
}
