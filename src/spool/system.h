/* Files and directories of a spool, and what the operating system says of them. */
#ifndef KAFKA_BRIDGE_SPOOL_SYSTEM_H
#define KAFKA_BRIDGE_SPOOL_SYSTEM_H

#include "base/error.h"
#include "spool/spool.h"

#define SPOOL_NAME_SIZE (SPOOL_PATH_SIZE + 64)

/* `path` with `suffix` behind it. */
void spool_name(char name[static SPOOL_NAME_SIZE], const char *path, const char *suffix);

bool spool_is_full_errno(int number);

/* "PATH WHAT: strerror", with what would be right; ERROR_FULL where the disk is full, else
 * ERROR_IO. */
enum error_code spool_system_error(struct error *error, int number, const char *path,
                                   const char *what);

/* "no room on the disk of PATH (N bytes free): …". */
enum error_code spool_full_error(struct error *error, const char *path);

/* Makes the directory, which is its owner's alone, with its parents. */
enum error_code spool_make_directory(const char *path, struct error *error) MUST_CHECK;

/* Bytes free on the disk of `path`'s directory for who we are; UINT64_MAX where it is not said. */
uint64_t spool_free_bytes(const char *path);

/* 0 where there is no such file. */
uint64_t spool_file_size(const char *path);

/* What it takes on the disk, with what is reserved behind its end; 0 where there is no such file.
 */
uint64_t spool_disk_size(const char *path);

/* A name that is not taken: PATH.damaged-20240131T235959Z, with -2 and so on behind it. */
void spool_damaged_name(char name[static SPOOL_NAME_SIZE], const char *path);

/* So that a rename outlasts a power loss. */
void spool_sync_directory(const char *path);

/* A number of this boot of the machine; 0 where that is not known. */
uint64_t spool_boot(void);

#endif
