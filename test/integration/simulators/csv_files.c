#include "csv_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

int csv_files_begin(void **state)
{
    static struct csv_files files;
    (void)snprintf(files.directory, sizeof files.directory, "/tmp/csv_files.XXXXXX");
    *state = &files;
    return mkdtemp(files.directory) ? 0 : -1;
}

int csv_files_end(void **state)
{
    const struct csv_files *files = *state;
    DIR *directory = opendir(files->directory);
    if (!directory)
        return -1;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    (void)closedir(directory);
    return rmdir(files->directory);
}

const char *csv_files_write(struct csv_files *files, const char *name, const char *text,
                            size_t size)
{
    (void)snprintf(files->path, sizeof files->path, "%s/%s", files->directory, name);
    FILE *file = fopen(files->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return files->path;
}
