/* Shows that rosc can be used from C as installed: starts without a master and says who it is. */
#include <rosc/rosc.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct rosc_error error;
    if (rosc_init(&argc, argv, "rosc_consumer", ROSC_INIT_DEFAULT, &error) != ROSC_OK) {
        (void)fprintf(stderr, "rosc_init: %s\n", error.text);
        return 1;
    }
    char resolved[64];
    if (rosc_name_resolve("~status", resolved, sizeof resolved, &error) != ROSC_OK) {
        (void)fprintf(stderr, "rosc_name_resolve: %s\n", error.text);
        return 1;
    }
    (void)puts(resolved);
    return strcmp(resolved, "/rosc_consumer/status") == 0 ? 0 : 1;
}
