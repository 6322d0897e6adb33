// What the whole of rosc needs of its log.
#ifndef ROSC_LOG_HPP
#define ROSC_LOG_HPP

namespace rosc
{

// Has INFO lines, which go to stdout, written at once to files and pipes too (docker logs, systemd,
// tee), not by blocks of 4096 bytes, unless ROSCONSOLE_STDOUT_LINE_BUFFERED says what is wanted.
// Before the first line.
void log_lines_at_once();

} // namespace rosc

#endif
