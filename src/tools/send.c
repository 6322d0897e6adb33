#include "tools/send.h"

#include "tools/complaint.h"

#include <stdlib.h>

int send_run(const struct options *options, FILE *out)
{
    (void)options;
    (void)out;
    complain("send is not there yet");
    return EXIT_FAILURE;
}
