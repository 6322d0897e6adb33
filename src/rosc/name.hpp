// Names of topics, services and parameters.
#ifndef ROSC_NAME_HPP
#define ROSC_NAME_HPP

#include <rosc/error.h>

#include <string>

namespace rosc
{

// Resolves `name` (may be NULL: an error) with namespace, node name and remappings into `resolved`.
// `what` is the public function, for the error's text. Throws what roscpp throws.
rosc_status resolve(const char *what, const char *name, std::string &resolved, rosc_error *error);

// The full name of `name`, which resolve() found good, before any remapping. For roscpp's functions
// that remap themselves: remapping twice would be wrong where names are swapped.
std::string expand(const char *name);

} // namespace rosc

#endif
