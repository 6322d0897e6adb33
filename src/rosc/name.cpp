#include "name.hpp"

#include "guard.hpp"

#include <rosc/init.h>

#include <cstring>

#include <ros/names.h>
#include <ros/this_node.h>

namespace rosc
{

namespace
{

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_inner(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '/';
}

// Our own check, since roscpp's depends on the locale and lets an empty name pass.
rosc_status check(const char *what, const char *name, rosc_error *error)
{
    if (name == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the name is NULL", what);
    if (name[0] == '\0')
        return fail(error, ROSC_ERROR_NAME, "%s: the name is empty", what);
    if (!is_letter(name[0]) && name[0] != '/' && name[0] != '~')
        return fail(error, ROSC_ERROR_NAME,
                    "%s: the name '%s' begins with '%c'; it may begin with a letter, '/' or '~'",
                    what, name, name[0]);
    for (size_t i = 1; name[i] != '\0'; i++)
        if (!is_inner(name[i]))
            return fail(error, ROSC_ERROR_NAME,
                        "%s: the name '%s' has '%c' at position %zu; allowed are letters, digits, "
                        "'_' and '/'",
                        what, name, name[i], i);
    return ROSC_OK;
}

} // namespace

rosc_status resolve(const char *what, const char *name, std::string &resolved, rosc_error *error)
{
    const rosc_status status = check(what, name, error);
    if (status != ROSC_OK)
        return status;
    // `~` alone is the node's own namespace: roscpp appends nothing to it and does not remap it.
    resolved = std::strcmp(name, "~") == 0 ? ros::this_node::getName() : ros::names::resolve(name);
    return ROSC_OK;
}

std::string expand(const char *name)
{
    return ros::names::resolve(name, false);
}

} // namespace rosc

extern "C" rosc_status rosc_name_resolve(const char *name, char *resolved, size_t size,
                                         rosc_error *error)
{
    return rosc::guard("rosc_name_resolve", error, [&] {
        rosc_status status = rosc::require(rosc::Phase::initialized, "rosc_name_resolve", error);
        if (status != ROSC_OK)
            return status;
        std::string full;
        status = rosc::resolve("rosc_name_resolve", name, full, error);
        if (status != ROSC_OK)
            return status;
        if (resolved == nullptr || size <= full.size())
            return rosc::fail(error, ROSC_ERROR_ARGUMENT,
                              "rosc_name_resolve: '%s' needs %zu bytes, the buffer has %zu",
                              full.c_str(), full.size() + 1, resolved == nullptr ? 0 : size);
        std::memcpy(resolved, full.c_str(), full.size() + 1);
        return ROSC_OK;
    });
}
