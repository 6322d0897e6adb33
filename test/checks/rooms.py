#!/usr/bin/env python3
"""Each room of src/ has a page, README.md: what it is for, what it uses (as includes.py allows it),
its threads, the file to begin with. Between them they answer, once each, where to add a format, a
metric, a configuration key, a ROS function for C and a reason for dead letters; every file that a
page names is there, and every name of C that it tells to change is in src/, include/ or test/.

usage: rooms.py SOURCE_DIRECTORY
"""

import re
import sys
from pathlib import Path

from includes import MAY_KNOW

QUESTIONS = (
    "a format",
    "a metric",
    "a configuration key",
    "a ROS function for C",
    "a reason for dead letters",
)
PART = re.compile(r"^\*\*(Uses|Threads|Begin with|Add [^*]+):\*\* (.+?)(?=\n\n|\n*\Z)", re.M | re.S)
FILE = re.compile(r"`?\b([\w./]+\.(?:c|h|hpp|cpp|msg|txt|py|md))\b")
NAME = re.compile(r"`([\w./]+)`")
WORD = re.compile(r"`(?:struct |enum )?([A-Za-z]\w*_\w+)`")


def parts(text):
    """{"Uses": its text, …, "Add a metric": its text} of a page."""
    return dict(PART.findall(text))


def missing_files(source, room, text):
    """The files that the text names and that are not there."""
    roots = (source / "src" / room, source / "src", source)
    return [
        name for name in FILE.findall(text) if not any((root / name).exists() for root in roots)
    ]


def missing_words(code, text):
    """The names of C in a text that the code does not have."""
    return [word for word in WORD.findall(text) if not re.search(r"\b%s\b" % word, code)]


def page_problems(source, room, code):
    """What is wrong with the page of a room, and which of its parts are there."""
    path = source / "src" / room / "README.md"
    if not path.is_file():
        return ["it has no page"], {}
    text = path.read_text(encoding="utf-8")
    found = parts(text)
    problems = ["it does not say: %s" % part for part in ("Uses", "Threads", "Begin with")]
    problems = [one for one in problems if one.rsplit(": ", 1)[1] not in found]
    used = set(NAME.findall(found.get("Uses", "").split(";")[0]))
    allowed = set(MAY_KNOW[room].split())
    if used != allowed:
        problems.append("it uses %s, and its page says %s" % (sorted(allowed), sorted(used)))
    if not FILE.search(found.get("Begin with", "")) and "Begin with" in found:
        problems.append("it names no file to begin with")
    missing = missing_files(source, room, text)
    for part, words in found.items():
        missing += missing_words(code, words) if part.startswith("Add ") else []
    problems += ["it names %s, which is not there" % name for name in missing]
    return problems, found


def main(source):
    source = Path(source)
    files = (
        file for room in ("src", "include", "test") for file in (source / room).rglob("*.[ch]*")
    )
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    answers = {}
    count = 0
    for room in MAY_KNOW:
        problems, found = page_problems(source, room, code)
        for one in problems:
            print("src/%s/README.md: %s" % (room, one))
        count += len(problems)
        for part, text in found.items():
            if part.startswith("Add "):
                answers.setdefault(part[4:], []).append((room, text))
    for question in QUESTIONS:
        pages = answers.get(question, [])
        if len(pages) != 1 or not FILE.search(pages[0][1]):
            print("where to add %s: %d pages say it; one is right" % (question, len(pages)))
            count += 1
    print("%d rooms, %d problems" % (len(MAY_KNOW), count))
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
