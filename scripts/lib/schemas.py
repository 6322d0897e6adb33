"""What deploy/ and analytics/ say of records, made by the tool `schema` (see scripts/schemas).

usage: schemas.py SOURCE_DIRECTORY SCHEMA_TOOL [--check]
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

JOBS = "analytics/kafka_bridge_analytics/schemas"
# What each job reads: file → the tool's arguments. The truck's job computes with all digits; its
# table has floats, as it always had.
SCHEMAS = {
    "detector.json": "detector.yaml",
    "odometry.json": "odometry.yaml",
    "phone_orientation.json": "truck.yaml --route phone-orientation",
    "truck.json": "truck.yaml --route truck --column distance_covered=double"
    " --column engine_speed=double --column fuel_consumed=double",
}
SECTION = re.compile(r"^-- <schema (.*)>\n(.*?)^-- </schema>\n", re.MULTILINE | re.DOTALL)


class Maker:
    """Makes the files' texts with the tool."""

    def __init__(self, root: pathlib.Path, tool: str) -> None:
        self.root = root
        self.tool = tool
        self.sections = 0

    def schema(self, arguments: str) -> str:
        """What the tool prints; `arguments` begin with the name of a file in config/."""
        config, *options = arguments.split()
        command = [self.tool, str(self.root / "config" / config), *options]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise SystemExit("schema %s:\n%s" % (arguments, made.stderr))
        return made.stdout

    def statements(self, text: str) -> str:
        """`text` of a file with its sections made anew."""

        def section(found: re.Match[str]) -> str:
            self.sections += 1
            arguments = found.group(1)
            return "-- <schema %s>\n%s-- </schema>\n" % (arguments, self.schema(arguments))

        return SECTION.sub(section, text)

    def texts(self) -> dict[pathlib.Path, str]:
        """Every file, and what it should be."""
        made = {
            self.root / JOBS / name: self.schema(arguments + " --as spark")
            for name, arguments in SCHEMAS.items()
        }
        for directory, ending in (("deploy/cassandra", "cql"), ("deploy/mysql", "sql")):
            for path in sorted((self.root / directory).glob("*." + ending)):
                made[path] = self.statements(path.read_text(encoding="utf-8"))
        return made


def main(root: pathlib.Path, tool: str, check: bool) -> int:
    maker = Maker(root, tool)
    texts = maker.texts()
    differ = [
        path
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    unknown = sorted(set((root / JOBS).glob("*.json")) - set(texts))
    for path in differ:
        if not check:
            path.write_text(texts[path], encoding="utf-8")
        name = path.relative_to(root)
        print("%s: %s" % (name, "differs; scripts/schemas makes it anew" if check else "written"))
    for path in unknown:
        print("%s: scripts/lib/schemas.py does not say what it is of" % path.relative_to(root))
    print("%d schemas and %d tables of config/" % (len(SCHEMAS), maker.sections))
    return 1 if unknown or (check and differ) or not maker.sections else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], "--check" in sys.argv[3:]))
