#include "bridge/config/config_spool.h"

#include "bridge/config/config_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GIB        (UINT64_C(1) << 30)
#define MIB        (UINT64_C(1) << 20)
#define PATH_LIMIT 4000

static const char *const durabilities[] = {
    [DURABILITY_WRITE_AHEAD] = "write_ahead",
    [DURABILITY_SPILL] = "spill",
    [DURABILITY_NONE] = "none",
};

static const char *const policies[] = {
    [WHEN_FULL_BLOCK] = "block",
    [WHEN_FULL_DROP_OLDEST] = "drop_oldest",
    [WHEN_FULL_DROP_NEWEST] = "drop_newest",
};

static const char *const syncs[] = {"normal", "full"};
static const char *const deliveries[] = {"at_least_once", "exactly_once"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *join(struct config *config, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *path = malloc(size);
    if (path)
        (void)snprintf(path, size, "%s%s", first, second);
    return config_own(config, path);
}

/* Where ROS keeps what its nodes write: $ROS_HOME, else ~/.ros (ROS wiki, EnvironmentVariables). */
static const char *default_directory(struct config *config, const char *home)
{
    const char *ros_home = getenv("ROS_HOME");
    if (ros_home && *ros_home)
        return join(config, ros_home, "/kafka_bridge");
    return home ? join(config, home, "/.ros/kafka_bridge") : NULL;
}

static const char *read_directory(struct config *config, struct config_reader *reader)
{
    const char *home = getenv("HOME");
    const char *written = config_read_text(reader, "directory", NULL);
    const char *directory = written;
    if (home && !*home)
        home = NULL;
    if (!written)
        directory = default_directory(config, home);
    else if (written[0] == '~' && (written[1] == '/' || written[1] == '\0'))
        directory = home ? join(config, home, written + 1) : NULL;
    if (!directory)
        config_reader_problem(reader, "directory",
                              "the environment has no HOME, where %s would be: write a directory",
                              written ? written : "the default");
    else if (*directory != '/')
        config_reader_problem(reader, "directory",
                              "found \"%s\"; a path that begins with / or ~/ is expected, since "
                              "nodes may be started anywhere",
                              directory);
    else if (strlen(directory) > PATH_LIMIT)
        config_reader_problem(reader, "directory", "longer than %d bytes", PATH_LIMIT);
    return directory;
}

void config_read_spool(struct config *config, struct config_reader *top)
{
    struct config_reader reader;
    struct config_spool *spool = &config->spool;
    config_reader_init(&reader, config_read_any(top, "spool"), "spool", top->problems);
    spool->directory = read_directory(config, &reader);
    spool->durability = (enum durability)config_read_choice(
        &reader, "durability", DURABILITY_WRITE_AHEAD, durabilities, COUNT_OF(durabilities));
    spool->when_full = (enum when_full)config_read_choice(&reader, "when_full", WHEN_FULL_BLOCK,
                                                          policies, COUNT_OF(policies));
    spool->max_bytes = config_read_bytes(&reader, "max_bytes", 2 * GIB, MIB, 1024 * GIB);
    spool->sync_full = config_read_choice(&reader, "sync", 0, syncs, COUNT_OF(syncs)) == 1;
    spool->cluster = config_read_text(&reader, "cluster", NULL);
    if (spool->cluster && !*spool->cluster)
        config_reader_problem(&reader, "cluster",
                              "found \"\"; the id of a Kafka cluster is expected, or any");
    config_reader_finish(&reader);

    config->exactly_once =
        config_read_choice(top, "delivery", 0, deliveries, COUNT_OF(deliveries)) == 1;
    if (config->exactly_once && spool->durability != DURABILITY_WRITE_AHEAD)
        config_reader_problem(top, "delivery",
                              "exactly_once needs spool: {durability: write_ahead}; found \"%s\"",
                              durabilities[spool->durability]);
}
