#!/usr/bin/env python3
"""No two files of src/ need each other: what each object file of a library defines and what it
needs of the others, by its symbols, leads in one direction.

usage: calls.py LIBRARY.a...
"""

import subprocess
import sys


def objects(library):
    """{object: (names that it defines, names that it needs)} of a static library."""
    found = {}
    listed = subprocess.run(["nm", "--extern-only", library], capture_output=True, check=True)
    for line in listed.stdout.decode("utf-8").splitlines():
        parts = line.split()
        if len(parts) == 1 and parts[0].endswith(".o:"):
            defines, needs = found.setdefault(parts[0][:-1], (set(), set()))
        elif len(parts) >= 2:
            (needs if parts[-2] == "U" else defines).add(parts[-1])
    return found


def circle(needs):
    """Names that need each other, each the next and the last the first; None: there are none."""
    finished = set()

    def visit(name, way):
        if name in way:
            return way[way.index(name) :]
        if name in finished:
            return None
        finished.add(name)
        ways = (visit(other, way + [name]) for other in sorted(needs[name]))
        return next((one for one in ways if one), None)

    return next((one for one in (visit(name, []) for name in sorted(needs)) if one), None)


def main(*libraries):
    problems = 0
    for library in libraries:
        found = objects(library)
        where = {name: one for one, (defines, _) in found.items() for name in defines}
        needs = {
            one: {where[name] for name in wanted if where.get(name, one) != one}
            for one, (_, wanted) in found.items()
        }
        way = circle(needs)
        if way:
            problems += 1
            print("%s: files that need each other: %s" % (library, " → ".join(way + way[:1])))
    print("%d libraries, %d with files that need each other" % (len(libraries), problems))
    return 1 if problems or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
