#include "message/definitions/package_path.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_SIZE  (64U << 10) /* bytes of a package.xml that are read */
#define NAME_BEGIN     "<name>"
#define NAME_END       "</name>"
#define INSTALL_PREFIX "/usr/share"

static enum error_code add_root(struct package_path *package_path, const char *directory,
                                size_t length, const char *below)
{
    if (length == 0)
        return ERROR_NONE;
    if (package_path->count == PACKAGE_PATH_ROOTS)
        return ERROR_LIMIT;
    char *copy = arena_alloc(&package_path->arena, length + strlen(below) + 1, 1);
    if (!copy)
        return ERROR_MEMORY;
    memcpy(copy, directory, length);
    memcpy(copy + length, below, strlen(below) + 1);
    const char *name = strrchr(copy, '/');
    struct package_root *root = &package_path->roots[package_path->count++];
    root->directory = copy;
    /* An install space keeps its packages side by side in share/. */
    root->is_tree = !name || strcmp(name, "/share") != 0;
    return ERROR_NONE;
}

static enum error_code add_roots(struct package_path *package_path, const char *path,
                                 const char *below)
{
    enum error_code code = ERROR_NONE;
    while (path && code == ERROR_NONE) {
        size_t length = strcspn(path, ":");
        code = add_root(package_path, path, length, below);
        path = path[length] == ':' ? path + length + 1 : NULL;
    }
    return code;
}

enum error_code package_path_init(struct package_path *package_path, const char *path)
{
    *package_path = (struct package_path){0};
    package_path->last = &package_path->found;
    package_path->roots =
        arena_alloc(&package_path->arena, PACKAGE_PATH_ROOTS, sizeof *package_path->roots);
    if (!package_path->roots)
        return ERROR_MEMORY;
    if (path)
        return add_roots(package_path, path, "");
    enum error_code code = add_roots(package_path, getenv("ROS_PACKAGE_PATH"), "");
    if (code == ERROR_NONE)
        code = add_roots(package_path, getenv("CMAKE_PREFIX_PATH"), "/share");
    if (code == ERROR_NONE)
        code = add_root(package_path, INSTALL_PREFIX, strlen(INSTALL_PREFIX), "");
    return code;
}

void package_path_fini(struct package_path *package_path)
{
    arena_fini(&package_path->arena);
    *package_path = (struct package_path){0};
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether DIRECTORY/NAME is a file. */
static bool has_file(const char *directory, const char *name)
{
    char path[PACKAGE_PATH_LIMIT];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    return length > 0 && (size_t)length < sizeof path && is_file(path);
}

/* Reads the package's name out of its package.xml; NULL where it has none or memory is out. */
static const char *read_name(struct package_path *package_path, const char *directory)
{
    char path[PACKAGE_PATH_LIMIT];
    int length = snprintf(path, sizeof path, "%s/package.xml", directory);
    if (length < 0 || (size_t)length >= sizeof path)
        return NULL;
    FILE *file = fopen(path, "re");
    char *text = file ? malloc(MANIFEST_SIZE + 1) : NULL;
    const char *name = NULL;
    if (text) {
        text[fread(text, 1, MANIFEST_SIZE, file)] = '\0';
        const char *begin = strstr(text, NAME_BEGIN);
        const char *end = begin ? strstr(begin, NAME_END) : NULL;
        if (end) {
            begin += strlen(NAME_BEGIN);
            begin += strspn(begin, " \t\r\n");
            size_t size = strcspn(begin, " \t\r\n<");
            name = arena_copy(&package_path->arena, begin, size);
        }
    }
    free(text);
    if (file)
        (void)fclose(file);
    return name;
}

static enum error_code add_found(struct package_path *package_path, const struct package_root *root,
                                 const char *directory)
{
    const char *name = read_name(package_path, directory);
    if (!name)
        return ERROR_NONE;
    struct package_found *found = arena_alloc(&package_path->arena, 1, sizeof *found);
    if (!found)
        return ERROR_MEMORY;
    found->root = root;
    found->name = name;
    found->directory = arena_copy(&package_path->arena, directory, strlen(directory));
    if (!found->directory)
        return ERROR_MEMORY;
    *package_path->last = found;
    package_path->last = &found->next;
    return ERROR_NONE;
}

/* Notes the packages in `directory` and below; like rospack it goes no deeper than a package and
 * stays out of what is marked CATKIN_IGNORE. */
static enum error_code search(struct package_path *package_path, const struct package_root *root,
                              const char *directory, int depth)
{
    if (has_file(directory, "CATKIN_IGNORE"))
        return ERROR_NONE;
    if (has_file(directory, "package.xml"))
        return add_found(package_path, root, directory);
    DIR *listing = depth > 0 ? opendir(directory) : NULL;
    if (!listing)
        return ERROR_NONE;
    enum error_code code = ERROR_NONE;
    struct dirent *entry = NULL;
    while (code == ERROR_NONE && (entry = readdir(listing))) {
        char path[PACKAGE_PATH_LIMIT];
        struct stat status;
        int length = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] == '.' || length < 0 || (size_t)length >= sizeof path ||
            lstat(path, &status) != 0 || !S_ISDIR(status.st_mode))
            continue;
        code = search(package_path, root, path, depth - 1);
    }
    (void)closedir(listing);
    return code;
}

/* Appends DIRECTORY/msg/TYPE.msg where it is there. */
static enum error_code try_directory(const char *directory, size_t package_length,
                                     const char *package, const char *type, struct buffer *file)
{
    size_t before = file->length;
    enum error_code code =
        buffer_append_format(file, "%s%s%.*s/msg/%s.msg", directory, package ? "/" : "",
                             (int)package_length, package ? package : "", type);
    if (code == ERROR_NONE)
        code = buffer_append(file, "", 1);
    if (code == ERROR_NONE && !is_file(file->data + before))
        code = ERROR_UNKNOWN;
    if (code != ERROR_NONE)
        file->length = before;
    return code;
}

enum error_code package_path_find(struct package_path *package_path, const char *package,
                                  size_t package_length, const char *type, struct buffer *file)
{
    enum error_code code = ERROR_UNKNOWN;
    for (size_t i = 0; i < package_path->count && code == ERROR_UNKNOWN; i++) {
        struct package_root *root = &package_path->roots[i];
        code = try_directory(root->directory, package_length, package, type, file);
        if (code != ERROR_UNKNOWN || !root->is_tree)
            continue;
        if (!root->searched) {
            enum error_code searched =
                search(package_path, root, root->directory, PACKAGE_PATH_DEPTH);
            if (searched != ERROR_NONE)
                return searched;
            root->searched = true;
        }
        for (const struct package_found *found = package_path->found;
             found && code == ERROR_UNKNOWN; found = found->next) {
            if (found->root == root && strlen(found->name) == package_length &&
                memcmp(found->name, package, package_length) == 0)
                code = try_directory(found->directory, 0, NULL, type, file);
        }
    }
    return code;
}
