#!/usr/bin/env python3
"""The rooms of the house know each other in one direction: each file of src/ includes headers of
its own room and of the rooms below it, and of libraries from outside only its own room's. No two
headers include each other, by whatever way round (calls.py looks for the same in what they call).
base and message know neither ROS nor Kafka; kafka knows no ROS; rosc, bridge and what is above know
librdkafka only through kafka.

A room is a directory of src/, or of one of src/'s houses (message, kafka, bridge, tools).

usage: includes.py SOURCE_DIRECTORY
"""

import re
import sys
from pathlib import Path

# Which rooms each room may know; a house's name stands for all of its rooms. rosc is known by its
# public headers, <rosc/...>.
MAY_KNOW = {
    "base": "",
    "message/values": "base",
    "message/definitions": "base message/values",
    "message/plan": "base message/values message/definitions",
    "message/json": "base message/values message/definitions message/plan",
    "message/mapping": "base message",
    "kafka/settings": "base",
    "kafka/record": "base",
    "kafka/connection": "base kafka/settings kafka/record",
    "kafka/producer": "base kafka/settings kafka/record kafka/connection",
    "kafka/consumer": "base kafka/settings kafka/record kafka/connection",
    "kafka/reading": "base kafka/settings kafka/record kafka/connection kafka/consumer",
    "rosc": "base message/values",
    "spool": "base",
    "metrics": "base message/values",
    "bridge/flow": "base message kafka/record rosc",
    "bridge/config": "base message kafka metrics rosc bridge/flow",
    "bridge/report": "base message kafka/connection metrics rosc bridge/flow bridge/config",
    "bridge/outbox": "base spool rosc bridge/flow bridge/config",
    "bridge/send": "base kafka spool rosc bridge/flow bridge/config bridge/outbox",
    "bridge/to_kafka": (
        "base message spool rosc bridge/flow bridge/config bridge/outbox bridge/send"
    ),
    "bridge/publish": "base message kafka rosc bridge/flow bridge/config",
    "bridge/to_ros": "base message kafka rosc bridge/flow bridge/config bridge/publish",
    "nodes": "base message kafka spool rosc bridge",
    "simulators": "base message rosc",
    "viewers": "base message rosc simulators",
    "schema": "base message bridge",
    "tools/command": "base message kafka spool rosc bridge",
    "tools/resend": "base message kafka rosc bridge tools/command",
    "tools/spool": "base message kafka spool rosc bridge tools/command tools/resend",
    "tools/schema": "base message bridge schema tools/command",
}
# Libraries from outside that only some rooms may know: what their headers begin with, and who.
OUTSIDE = {
    "ROS": (re.compile(r"(ros|rosc|topic_tools|xmlrpcpp|\w+_msgs|\w+_srvs)/"), "rosc"),
    "Kafka": (re.compile(r"librdkafka/"), "kafka"),
    "SQLite": (re.compile(r"sqlite3"), "spool"),
    "libmicrohttpd": (re.compile(r"microhttpd\.h"), "metrics"),
    "cairo": (re.compile(r"cairo"), "viewers"),
    "YAML": (re.compile(r"yaml\.h"), "bridge/config"),
}
# The one program that is not a client of Kafka but serves it.
EXCEPTIONS = {("nodes/embedded_broker.c", "Kafka")}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path):
    """[(line number, quote, header)] of one file."""
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start()) + 1, *m.groups()) for m in INCLUDE.finditer(text)]


def room_of(name):
    """The room of a file that is named from src/ on; None: there is no such room."""
    parts = name.split("/")[:-1]
    rooms = ("/".join(parts[:length]) for length in (2, 1))
    return next((room for room in rooms if room in MAY_KNOW), None)


def is_among(room, rooms):
    """Whether `room`, or its house, is one of the names in the text `rooms`."""
    return bool({room, room.split("/")[0]} & set(rooms.split()))


def problem(source, room, path, quote, header):
    """What is wrong with `header` in `path` of `room`, or None."""
    if quote == '"':
        if (path.parent / header).is_file():
            return None
        if not (source / "src" / header).is_file():
            return "no such file in src/ or beside it"
        if room_of(header) == room or is_among(room_of(header), MAY_KNOW[room]):
            return None
        return "%s may know %s" % (room, MAY_KNOW[room] or "no other room")
    if header.startswith("rosc/"):
        return (
            None if is_among("rosc", "%s %s" % (room, MAY_KNOW[room])) else "%s knows no ROS" % room
        )
    name = path.relative_to(source / "src").as_posix()
    for library, (pattern, rooms) in OUTSIDE.items():
        if (
            pattern.match(header)
            and not is_among(room, rooms)
            and (name, library) not in EXCEPTIONS
        ):
            return "only %s may know %s" % (rooms, library)
    return None


def circles(files):
    """The headers that include each other by whatever way, each with the way: files is {name: names
    that it includes}, names from src/ on."""
    found = []
    finished = set()

    def visit(name, way):
        if name in way:
            found.append(way[way.index(name) :] + [name])
        elif name not in finished:
            for included in files.get(name, ()):
                visit(included, way + [name])
            finished.add(name)

    for name in sorted(files):
        visit(name, [])
    return found


def check(source):
    """Prints every include that points backwards; returns (files read, problems found)."""
    files, problems = {}, 0
    for path in sorted((source / "src").rglob("*")):
        if path.suffix not in {".c", ".h", ".cpp", ".hpp"}:
            continue
        name = path.relative_to(source / "src").as_posix()
        room = room_of(name)
        files[name] = []
        if room is None:
            print("%s: in no room of the house that this check knows" % path)
            problems += 1
            continue
        for line, quote, header in includes(path):
            wrong = problem(source, room, path, quote, header)
            if wrong:
                print("%s:%d: includes %s; %s" % (path.relative_to(source), line, header, wrong))
                problems += 1
            elif quote == '"':
                files[name].append(header)
    for way in circles(files):
        print("a circle of includes: " + " → ".join(way))
        problems += 1
    return len(files), problems


def main(source):
    files, problems = check(Path(source))
    print("%d files, %d includes that point backwards or in a circle" % (files, problems))
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
