#!/usr/bin/env python3
"""No include points backwards in the house: each room of src/ includes its own headers and those of
the rooms it may know. base and message know neither ROS nor Kafka; kafka knows no ROS; rosc, bridge
and what is above know librdkafka only through kafka.

usage: includes.py SOURCE_DIRECTORY
"""

import re
import sys
from pathlib import Path

# Which rooms each room may know. rosc is known by its public headers, <rosc/...>.
MAY_KNOW = {
    "base": set(),
    "message": {"base"},
    "kafka": {"base"},
    "rosc": {"base"},
    "spool": {"base"},
    "metrics": {"base", "message"},
    "bridge": {"base", "message", "kafka", "spool", "metrics", "rosc"},
    "nodes": {"base", "message", "kafka", "spool", "rosc", "bridge"},
    "simulators": {"base", "message", "rosc"},
    "viewers": {"base", "message", "rosc", "simulators"},
    "schema": {"base", "message", "bridge"},
    "tools": {"base", "message", "kafka", "spool", "rosc", "bridge", "schema"},
}
# Libraries from outside that only some rooms may know: what their headers begin with, and who.
OUTSIDE = {
    "ROS": (re.compile(r"(ros|rosc|topic_tools|xmlrpcpp|\w+_msgs|\w+_srvs)/"), {"rosc"}),
    "Kafka": (re.compile(r"librdkafka/"), {"kafka"}),
    "SQLite": (re.compile(r"sqlite3"), {"spool"}),
    "libmicrohttpd": (re.compile(r"microhttpd\.h"), {"metrics"}),
    "cairo": (re.compile(r"cairo"), {"viewers"}),
    "YAML": (re.compile(r"yaml\.h"), {"bridge"}),
}
# The one program that is not a client of Kafka but serves it.
EXCEPTIONS = {("nodes/embedded_broker.c", "Kafka")}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path):
    """[(line number, quote, header)] of one file."""
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start()) + 1, *m.groups()) for m in INCLUDE.finditer(text)]


def problem(source, room, path, quote, header):
    """What is wrong with `header` in `path` of `room`, or None."""
    target = header.split("/")[0]
    if quote == '"':
        if not ((source / "src" / header).is_file() or (path.parent / header).is_file()):
            return "no such file in src/ or beside it"
        if "/" not in header or target == room or target in MAY_KNOW[room]:
            return None
        return "%s may know %s" % (room, ", ".join(sorted(MAY_KNOW[room])) or "no other room")
    if target == "rosc":
        return None if room == "rosc" or "rosc" in MAY_KNOW[room] else "%s knows no ROS" % room
    name = path.relative_to(source / "src").as_posix()
    for library, (pattern, rooms) in OUTSIDE.items():
        if pattern.match(header) and room not in rooms and (name, library) not in EXCEPTIONS:
            return "only %s may know %s" % (", ".join(sorted(rooms)), library)
    return None


def check(source):
    """Prints every include that points backwards; returns (files read, problems found)."""
    files = problems = 0
    for path in sorted((source / "src").rglob("*")):
        if path.suffix not in {".c", ".h", ".cpp", ".hpp"}:
            continue
        files += 1
        room = path.relative_to(source / "src").parts[0]
        if room not in MAY_KNOW:
            print("%s: src/%s is no room of the house that this check knows" % (path, room))
            problems += 1
            continue
        for line, quote, header in includes(path):
            wrong = problem(source, room, path, quote, header)
            if wrong:
                print("%s:%d: includes %s; %s" % (path.relative_to(source), line, header, wrong))
                problems += 1
    return files, problems


def main(source):
    files, problems = check(Path(source))
    print("%d files, %d includes that point backwards" % (files, problems))
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
