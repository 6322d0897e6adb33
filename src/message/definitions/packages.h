/* Message definitions from the ROS packages installed on this machine.
 *
 * Looks for PACKAGE/msg/TYPE.msg under each directory of ROS_PACKAGE_PATH, under DIRECTORY/share
 * for each of CMAKE_PREFIX_PATH, and under /usr/share; source trees in ROS_PACKAGE_PATH are
 * searched for package.xml as rospack does, bounded in depth. Threads: a struct is used by one at a
 * time.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_PACKAGES_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_PACKAGES_H

#include "base/buffer.h"
#include "base/error.h"

struct packages;

/* `path`: directories separated by ':' (as ROS_PACKAGE_PATH), or NULL for the environment's. */
enum error_code packages_create(const char *path, struct packages **packages,
                                struct error *error) MUST_CHECK;
void packages_destroy(struct packages *packages);

/* Appends the concatenated definition of `type` ("package/Type"), equal to what `gendeps --cat`
 * prints, so that its md5sum is the package's. ERROR_UNKNOWN names the type that was not found and
 * the directories that were searched; ERROR_SYNTAX a name that is no type. */
enum error_code packages_definition(struct packages *packages, const char *type,
                                    struct buffer *text, struct error *error) MUST_CHECK;

#endif
