"""The documents name what the code reads: every configuration key, parameter, default and link.

usage: documents.py SOURCE_DIRECTORY

Keys are taken from the calls config_read_...(reader, "key", ...), librdkafka defaults from conf.c:
each has a row in docs/configuration.md. Parameters and their defaults are taken from the
simulators' options (docs/nodes.md) and the launch files (docs/launch.md). Each relative link leads
to a file and to a heading of it, and the README to each page. Each row of a table has as many cells
as its head. Of docs/losses.md and
docs/troubleshooting.md, the tests and lines that they quote are there; those of
docs/troubleshooting.md are asked for by their tests. What docs/testing.md quotes of
examples/my_robot is as it stands there. A picture is of the source
beside it. The packages that the README lists are those that scripts/build installs.
"""

import hashlib
import pathlib
import re
import subprocess
import sys

KEY = re.compile(r'config_read_\w+\(\s*&?\w+,\s*"(\w+)"')
DEFAULT = re.compile(r'^    \{"([\w.]+)", "([\w.]+)"\},', re.MULTILINE)
OPTION = re.compile(r'read_(?!settings)\w+\(\s*&?reader, "(\w+)"(?:,\s*([\d.]+)[,)])?')
ARGUMENT = re.compile(r'<arg name="(\w+)" default="([^"]*)"')
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)")
QUOTE = re.compile(r"^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")


def documents_of(root):
    documents = [root / name for name in DOCUMENTS] + sorted((root / "src").rglob("README.md"))
    for directory in ("docs", "examples"):
        documents += sorted((root / directory).rglob("*.md"))
    return documents


def missing_keys(root):
    code = "".join(path.read_text() for path in sorted((root / "src").rglob("config*.c")))
    keys = sorted(set(KEY.findall(code)))
    assert len(keys) > 30, "the pattern for configuration keys finds too few: %s" % keys
    text = (root / "docs/configuration.md").read_text()
    missing = [key for key in keys if "\n| `%s` |" % key not in text]
    return ["docs/configuration.md: has no row `%s`" % key for key in missing]


def wrong_defaults(root):
    source = next((root / "src/kafka").rglob("conf.c"))
    defaults = DEFAULT.findall(source.read_text())
    assert len(defaults) > 10, "the pattern for librdkafka defaults finds too few: %s" % defaults
    text = (root / "docs/configuration.md").read_text()
    rows = [re.compile(r"^\| `%s` \| `?%s`? \|" % d, re.MULTILINE) for d in defaults]
    return [
        "docs/configuration.md: has no row `%s` with %s" % default
        for default, row in zip(defaults, rows)
        if not row.search(text)
    ]


def sections(text):
    """{heading without its quotes: what stands below it, to the next one}."""
    parts = re.split(r"^##+ `?([^`\n]*)`?$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def table(text):
    """{name: its default} of the rows that have names and defaults in two cells side by side."""
    found = {}
    for cells in rows_of(text, ""):
        for names, defaults in zip(cells, cells[1:]):
            names = re.findall(r"`~?(\w+)`", names)
            defaults = defaults.replace("`", "").split(", ")
            if len(defaults) != len(names):
                defaults = defaults[:1] * len(names)
            for name, default in zip(names, defaults):
                found.setdefault(name, default)
    return found


def is_same(default, written):
    """Whether the default is the written one; of a path or none, which a document says in words,
    that something is written."""
    if default in ("", "0", None) or "$" in default:
        return bool(written)
    return written == default or (
        bool(re.match(r"[\d.]+$", default + written)) and float(written) == float(default)
    )


def untrue_table(document, heading, text, wanted):
    """Names with defaults that are wanted, and that the section's table has not, or otherwise."""
    found = table(text)
    where = "%s: %s" % (document, heading)
    return [
        "%s: has no row `%s` with %s" % (where, name, default or "a default")
        for name, default in wanted
        if name not in found or not is_same(default, found[name])
    ]


def untrue_parameters(root):
    document = "docs/nodes.md"
    text = sections((root / document).read_text())
    shared = OPTION.findall((root / "src/simulators/source_settings.c").read_text())
    assert len(shared) == 3, "the sources' own parameters are found: %s" % shared
    found, count = [], 0
    sources = sorted((root / "src/simulators").glob("*_options.c"))
    for path in sources + [root / "src/viewers/chamber_plot_options.c"]:
        node = path.name[: -len("_options.c")]
        wanted = OPTION.findall(path.read_text())
        if "source_read_settings" in path.read_text():
            wanted += shared
        count += len(wanted)
        found += untrue_table(document, node, text.get(node, ""), wanted)
    assert count > 40, "the pattern for parameters finds too few: %d" % count
    return found


def untrue_arguments(root):
    document = "docs/launch.md"
    text = sections((root / document).read_text())
    found, count = [], 0
    for launch in sorted((root / "launch").rglob("*.launch")):
        heading, rows = launch.name, text.get(launch.name)
        if launch.parent.name == "pipelines":
            heading, rows = launch.name, pipeline_rows(text["pipelines/"], launch.name)
        wanted = ARGUMENT.findall(launch.read_text())
        count += len(wanted)
        found += untrue_table(document, heading, rows or "", wanted)
    assert count > 70, "the pattern for arguments finds too few: %d" % count
    return found


def pipeline_rows(text, name):
    """The rows for all files, and those of the file: its name stands in the first of them alone."""
    kept, file = [], ""
    for row in text.splitlines():
        cells = row.split(" | ")
        if row.startswith("| ") and cells[0].strip("| "):
            file = cells[0].strip("| `")
        if row.startswith("| ") and file in ("all", name):
            kept.append("| " + " | ".join(cells[1:]))
    return "\n".join(kept)


def anchors(path):
    """The anchors that GitHub makes of a document's headings."""
    headings = HEADING.findall(FENCE.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def broken_links(root):
    found = []
    for document in documents_of(root):
        for link, anchor in LINK.findall(FENCE.sub("", document.read_text())):
            target = document.parent / link if link else document
            name = document.relative_to(root)
            if not target.exists():
                found.append("%s: links to %s, which is not there" % (name, link))
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                found.append("%s: links to %s#%s, which has no such heading" % (name, link, anchor))
    return found


def pages_without_a_link(root):
    """Pages that the README does not lead to."""
    links = {link for link, _ in LINK.findall((root / "README.md").read_text())}
    pages = [str(path.relative_to(root)) for path in sorted((root / "docs").glob("*.md"))]
    return ["README.md: has no link to " + page for page in pages if page not in links]


def ragged_rows(root):
    found = []
    for document in documents_of(root):
        for table in TABLE.findall(FENCE.sub("", document.read_text())):
            rows = table.splitlines()
            cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
            found += [
                "%s: has more or fewer cells than its head: %s" % (document.relative_to(root), row)
                for row, count in zip(rows, cells)
                if count != cells[0]
            ]
    return found


def stale_pictures(root):
    found = []
    for source in sorted((root / "docs").glob("*.dot")):
        sum_ = hashlib.sha256(source.read_bytes()).hexdigest()
        picture = source.with_suffix(".svg")
        if not picture.exists() or "sha256 %s " % sum_ not in picture.read_text():
            found.append("%s: is not of %s: scripts/pictures" % (picture.name, source.name))
    return found


def missing_packages(root):
    """Packages of scripts/build that the README's lines with apt-get do not have, and others."""
    text = (root / "README.md").read_text().replace("\\\n", " ")
    text = re.sub(r"(\S*)\{(.*?)\}", lambda m: " ".join(m[1] + n for n in m[2].split(",")), text)
    lists = [set(line.split()) for line in re.findall(r"apt-get install (.*)", text)]
    found = []
    for prefix in ("", "ros-noetic"):
        script = ". scripts/lib/common.sh; . scripts/lib/packages.sh; ros_prefix() { echo %s; }; "
        done = subprocess.run(
            ["bash", "-c", script % prefix + "packages_for build"],
            cwd=str(root),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        names = [entry.split("|") for entry in done.stdout.split()]
        if not any(
            all(one & set(entry) for entry in names) and len(one) == len(names) for one in lists
        ):
            found.append("README.md: no apt-get line has just the packages of %s" % (prefix or "-"))
    return found


def wrong_quotes(root):
    quotes = QUOTE.findall((root / "docs/testing.md").read_text())
    assert len(quotes) > 2, "the pattern for quotes finds too few: %s" % quotes
    return [
        "docs/testing.md: quotes examples/my_robot/%s otherwise than it is" % path
        for path, text in quotes
        if text != (root / "examples/my_robot" / path).read_text()
    ]


def texts_of(code):
    """The code with texts that follow each other as one."""
    return re.sub(r'"\s*\n\s*"', "", code).replace('\\"', '"')


def said_in(root):
    """What the nodes can say: every text of the sources."""
    code = "\n".join(
        path.read_text()
        for path in sorted((root / "src").rglob("*"))
        if path.suffix in (".c", ".cpp")
    )
    return texts_of(code)


def tests_in(root):
    return "".join(
        path.read_text()
        for path in sorted((root / "test").rglob("*"))
        if path.suffix in (".c", ".py")
    )


def untrue_rows(root, document, rows, line, test):
    """Names of tests that are none, and lines that no node says, in cells `line` and `test`."""
    tests, said = tests_in(root), said_in(root)
    found = []
    for row in rows:
        names = re.findall(r"`(\w+)`", row[test])
        found += ["no test is named in: " + row[0]] if not names else []
        found += ["no test `%s`" % n for n in names if not re.search(r"\b%s\b" % n, tests)]
        for words in re.findall(r"`([^`]+)`", row[line]):
            parts = [part.strip() for part in re.split(r"…|\b[A-Z]\b", words)]
            found += ["no node says `%s`" % part for part in parts if part not in said]
    return ["%s: %s" % (document, one) for one in found]


def unasked_rows(root, document, rows):
    """Lines no part of which stands in the files of the tests that are to provoke them."""
    files = [
        texts_of(path.read_text())
        for path in sorted((root / "test").rglob("test_*"))
        if path.suffix in (".c", ".py")
    ]
    found = []
    for row in rows:
        names = re.findall(r"`(\w+)`", row[2])
        asking = [file for file in files if any(re.search(r"\b%s\b" % n, file) for n in names)]
        for words in re.findall(r"`([^`]+)`", row[0]):
            parts = [part.strip(" :") for part in words.split("…") if len(part) > 8]
            if not any(part in file for part in parts for file in asking):
                found.append("%s: %s do not ask for `%s`" % (document, " and ".join(names), words))
    return found


def rows_of(text, first):
    """The cells of each row of the text's tables, whose heads begin with `first`."""
    rows = [re.split(r" \| ?", r[2:].rstrip("| ")) for r in text.splitlines() if r.startswith("| ")]
    return [row for row in rows if row[0] != first]


def untrue_losses(root):
    """The tables of what is lost."""
    document = "docs/losses.md"
    rows = rows_of((root / document).read_text(), "what")
    assert len(rows) > 20 and all(len(row) == 5 for row in rows), "rows of five cells are expected"
    return untrue_rows(root, document, rows, 3, 4)


def untrue_troubles(root):
    """The tables of what a node says when nothing arrives."""
    document = "docs/troubleshooting.md"
    rows = rows_of((root / document).read_text(), "it says")
    assert len(rows) > 20 and all(len(row) == 3 for row in rows), "rows of three cells are expected"
    return untrue_rows(root, document, rows, 0, 2) + unasked_rows(root, document, rows)


def main():
    root = pathlib.Path(sys.argv[1])
    found = missing_keys(root) + wrong_defaults(root) + untrue_parameters(root)
    found += untrue_arguments(root) + broken_links(root) + pages_without_a_link(root)
    found += ragged_rows(root) + stale_pictures(root) + missing_packages(root)
    found += wrong_quotes(root) + untrue_losses(root) + untrue_troubles(root)
    print("\n".join(found) or "the documents name every key, default and parameter")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
