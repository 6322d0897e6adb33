#include "tools/source.h"

#include "tools/place.h"

#include <stdio.h>
#include <stdlib.h>

/* Where ROS keeps what its nodes write (ROS wiki, EnvironmentVariables). */
static const char *default_directory(void)
{
    static char path[SPOOL_PATH_SIZE];
    const char *ros_home = getenv("ROS_HOME");
    const char *home = getenv("HOME");
    bool given = ros_home && *ros_home;
    (void)snprintf(path, sizeof path, "%s%s/kafka_bridge",
                   given  ? ros_home
                   : home ? home
                          : "",
                   given ? "" : "/.ros");
    return path;
}

const char *source_directory(const struct options *options, const struct config *config)
{
    (void)config;
    return options->directory ? options->directory : default_directory();
}

enum error_code source_open(const struct options *options, const struct config *config,
                            struct spool **spool, struct error *error)
{
    char path[SPOOL_PATH_SIZE];
    enum error_code code =
        place_find(options->place, source_directory(options, config), path, sizeof path, error);
    return code == ERROR_NONE ? spool_open_read_only(path, spool, error) : code;
}
