#include "tools/spool/send.h"

#include "bridge/send/home_cluster.h"
#include "spool/holder.h"
#include "tools/command/interrupt.h"
#include "tools/command/named_spool.h"
#include "tools/command/print_error.h"
#include "tools/command/settings.h"
#include "tools/command/spool_path.h"
#include "tools/spool/drain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCOUNT_SIZE 256
#define ROBOT_SIZE   256

/* Directory and robot of a path, as spool_open takes them. */
static enum error_code split(const char *path, char *directory, char *robot, struct error *error)
{
    const char *slash = strrchr(path, '/');
    bool damaged;
    if (!spool_path_is_spool(slash ? slash + 1 : path, &damaged))
        return error_set(error, ERROR_RANGE, path, 0,
                         "%s is no spool's name: ROBOT" PLACE_SUFFIX " is expected", path);
    spool_path_robot(path, robot, ROBOT_SIZE);
    if (slash)
        (void)snprintf(directory, SPOOL_PATH_SIZE, "%.*s", (int)(slash - path), path);
    else
        (void)snprintf(directory, SPOOL_PATH_SIZE, ".");
    return ERROR_NONE;
}

static void say_found(const char *path, const struct spool_findings *found)
{
    if (*found->damage)
        print_error("%s was damaged (%s): %llu records of it are lost%s%s", path, found->damage,
                    (unsigned long long)found->lost_records,
                    *found->set_aside ? "; it was set aside as " : "", found->set_aside);
}

/* What can be said without Kafka. */
static enum error_code look(const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    bool set_aside = false;
    long holder = 0;
    if (access(path, F_OK) != 0)
        return error_set(error, ERROR_MISSING, path, 0, "there is no file %s", path);
    if (spool_holder_find(path, &holder))
        return error_set(error, ERROR_DUPLICATE, path, 0,
                         "%s is in use by process %ld, which sends it; stop that first", path,
                         holder);
    (void)spool_path_is_spool(slash ? slash + 1 : path, &set_aside);
    if (set_aside)
        return error_set(error, ERROR_RANGE, path, 0,
                         "%s was set aside: what could be read of it is in the spool that took its "
                         "place; spool export shows what it still gives",
                         path);
    return ERROR_NONE;
}

/* Opens it as its node would. */
static enum error_code open_spool(const char *path, const struct config *config,
                                  struct spool **spool, struct spool_findings *found,
                                  struct error *error)
{
    char directory[SPOOL_PATH_SIZE];
    char robot[ROBOT_SIZE];
    enum error_code code = split(path, directory, robot, error);
    if (code != ERROR_NONE)
        return code;
    const struct spool_options options = {.directory = directory,
                                          .robot = robot,
                                          .max_bytes = config->spool.max_bytes,
                                          .sync = config->spool.sync_full ? SPOOL_SYNC_FULL
                                                                          : SPOOL_SYNC_NORMAL};
    code = spool_open(&options, spool, found, error);
    if (code == ERROR_NONE)
        say_found(path, found);
    return code;
}

/* Whether the spool's records are for the cluster that is there. */
static enum error_code check_cluster(const char *path, const struct options *options,
                                     const struct config *config, struct spool *spool,
                                     const struct spool_cluster *there, struct error *error)
{
    struct spool_cluster own;
    char why[ERROR_TEXT_SIZE];
    const char *wanted = config->spool.cluster ? config->spool.cluster : "";
    spool_cluster(spool, &own);
    const struct home_cluster_words words = {
        options->bootstrap_servers ? "--bootstrap-servers" : "bootstrap.servers of --config",
        options->cluster ? "--cluster" : "spool.cluster of --config", "--cluster "};
    if (!home_cluster_explain(&words, wanted, path, &own, there, why, sizeof why))
        return ERROR_NONE;
    return error_set(error, ERROR_RANGE, path, 0, "%s", why);
}

static enum error_code open_and_drain(const char *path, const struct options *options,
                                      const struct config *config,
                                      const struct spool_cluster *there,
                                      struct send_account *account, struct error *error)
{
    struct spool_findings found = {0};
    struct spool *spool = NULL;
    enum error_code code = open_spool(path, config, &spool, &found, error);
    if (code == ERROR_NONE)
        code = check_cluster(path, options, config, spool, there, error);
    if (code == ERROR_NONE)
        code = drain_run(config, spool, &found, account, error);
    account->lost += found.lost_records;
    account->records += found.lost_records;
    spool_close(spool);
    return code;
}

static bool is_all(const struct send_account *account)
{
    return account->failed == 0 && account->lost == 0 &&
           account->delivered + account->dead_lettered == account->records;
}

/* Finds the spool and sends it. ERROR_IO where Kafka does not answer, too, which is said. */
static enum error_code find_and_send(const struct options *options, const struct config *config,
                                     struct send_account *account, struct error *error)
{
    char path[SPOOL_PATH_SIZE];
    struct spool_cluster there = {0};
    enum error_code code = spool_path_find(options->place, named_spool_directory(options, config),
                                           path, sizeof path, error);
    if (code == ERROR_NONE)
        code = look(path, error);
    if (code == ERROR_NONE)
        code = settings_check_kafka(config, &there, error);
    return code == ERROR_NONE ? open_and_drain(path, options, config, &there, account, error)
                              : code;
}

int send_run(const struct options *options, FILE *out)
{
    char text[ACCOUNT_SIZE];
    struct send_account account = {0};
    struct error error;
    struct config *config = settings_read(options, true);
    if (!config)
        return EXIT_FAILURE;
    config->spool.durability = DURABILITY_WRITE_AHEAD; /* what is not sent stays in the spool */
    enum error_code code = find_and_send(options, config, &account, &error);
    if (code != ERROR_NONE)
        print_error_of(&error);
    if (code == ERROR_NONE || account.records > 0) {
        send_account_format(&account, text, sizeof text);
        (void)fprintf(out, "%s\n", text);
    }
    bool all = code == ERROR_NONE && is_all(&account);
    if (interrupt_asked() && !all)
        print_error("stopped; the next run goes on from here");
    config_destroy(config);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
