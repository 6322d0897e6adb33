#include "tools/command/named_spool.h"

#include "tools/command/spool_path.h"

#include <string.h>

const char *named_spool_directory(const struct options *options, const struct config *config)
{
    return options->directory ? options->directory : config->spool.directory;
}

static enum error_code open_file(const char *path, struct spool **spool, struct error *error)
{
    const char *slash = strrchr(path, '/');
    bool set_aside = false;
    (void)spool_path_is_spool(slash ? slash + 1 : path, &set_aside);
    enum error_code code = spool_open_read_only(path, spool, error);
    if (code == ERROR_IO && set_aside)
        return error_set(error, code, path, 0,
                         "%s was set aside and gives nothing more: what could be read of it is in "
                         "the spool that took its place",
                         path);
    return code;
}

enum error_code named_spool_open(const struct options *options, const struct config *config,
                                 struct spool **spool, struct error *error)
{
    char path[SPOOL_PATH_SIZE];
    enum error_code code = spool_path_find(options->place, named_spool_directory(options, config),
                                           path, sizeof path, error);
    return code == ERROR_NONE ? open_file(path, spool, error) : code;
}
