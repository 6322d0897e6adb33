// How many files, and so connections, this process may have open.
#ifndef ROSC_FILE_LIMIT_HPP
#define ROSC_FILE_LIMIT_HPP

#include <cstddef>

namespace rosc
{

// Raises the limit to the hard one, but not above what roscpp bears.
void file_limit_raise() noexcept;

// The limit of now; 0 where it is not known.
size_t file_limit() noexcept;

// Whether one more connection leaves the rest of the process (Kafka, the spool, the servers) enough
// files.
bool file_limit_has_room() noexcept;

} // namespace rosc

#endif
