#include "base/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool home_expand(const char *path, char *expanded, size_t size)
{
    const char *home = strncmp(path, "~/", 2) == 0 ? getenv("HOME") : NULL;
    int length = snprintf(expanded, size, "%s%s", home ? home : "", home ? path + 1 : path);
    return length >= 0 && (size_t)length < size;
}
