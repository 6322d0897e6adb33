#include "base/one_line.h"

#include <stdbool.h>

void one_line(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        bool c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        if (!c1 && *at >= 0x20 && *at != 0x7f)
            continue;
        *at = '?';
        if (c1)
            *++at = '?';
    }
}
