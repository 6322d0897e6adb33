/* Where ROS packages are on this machine: finds the .msg file of a type.
 *
 * Each root is looked at directly (ROOT/PACKAGE/msg/TYPE.msg), then, where it is a source tree, by
 * its package.xml files, read once. The caller owns the struct. Threads: one at a time.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_PACKAGE_PATH_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_PACKAGE_PATH_H

#include "base/buffer.h"
#include "message/values/arena.h"

#define PACKAGE_PATH_DEPTH 6    /* levels of directories below a root that are searched */
#define PACKAGE_PATH_ROOTS 256  /* directories in the path */
#define PACKAGE_PATH_LIMIT 4096 /* bytes of a file's path */

struct package_root {
    const char *directory;
    bool is_tree;  /* packages may be deeper than one level */
    bool searched; /* its packages are known */
};

struct package_found {
    const struct package_root *root;
    const char *name;
    const char *directory;
    struct package_found *next;
};

struct package_path {
    struct arena arena;
    struct package_root *roots;
    size_t count;
    struct package_found *found;
    struct package_found **last;
};

/* `path`: directories separated by ':', or NULL for the environment's ROS_PACKAGE_PATH,
 * CMAKE_PREFIX_PATH and /usr/share. ERROR_LIMIT or ERROR_MEMORY; package_path_fini may be called
 * after either. */
enum error_code package_path_init(struct package_path *package_path, const char *path) MUST_CHECK;
void package_path_fini(struct package_path *package_path);

/* Appends the file's path and a NUL. ERROR_UNKNOWN where there is none; ERROR_MEMORY, ERROR_LIMIT.
 */
enum error_code package_path_find(struct package_path *package_path, const char *package,
                                  size_t package_length, const char *type,
                                  struct buffer *file) MUST_CHECK;

#endif
