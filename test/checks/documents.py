"""The documents name what the code reads: every configuration key, parameter, default and link.

usage: documents.py SOURCE_DIRECTORY

What docs/testing.md quotes of examples/my_robot is as it stands there.

Of "What can be lost" in docs/operations.md, and of docs/troubleshooting.md, the tests and lines
that they quote are there; those of docs/troubleshooting.md are asked for by their tests.

Keys are taken from the calls config_read_...(reader, "key", ...) in src/bridge/config, librdkafka
defaults from src/kafka/settings/conf.c, parameters from the launch files and the simulators'
options. Each key must stand in backquotes in README.md and in docs/configuration.md; each relative
link must lead to a file.
"""

import pathlib
import re
import sys

KEY = re.compile(r'config_read_\w+\(\s*&?\w+,\s*"(\w+)"')
DEFAULT = re.compile(r'^    \{"([\w.]+)", "([\w.]+)"\},', re.MULTILINE)
OPTION = re.compile(r'read_(?!settings)\w+\(&?reader, "(\w+)"')
QUOTE = re.compile(r"^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")


def missing_words(root, words, document):
    text = (root / document).read_text()
    return ["%s: does not say `%s`" % (document, w) for w in words if "`%s`" % w not in text]


def missing_keys(root):
    code = "".join(
        path.read_text() for path in sorted((root / "src/bridge/config").glob("config*.c"))
    )
    keys = sorted(set(KEY.findall(code)))
    assert len(keys) > 30, "the pattern for configuration keys finds too few: %s" % keys
    return missing_words(root, keys, "README.md") + missing_words(
        root, keys, "docs/configuration.md"
    )


def wrong_defaults(root):
    defaults = DEFAULT.findall((root / "src/kafka/settings/conf.c").read_text())
    assert len(defaults) > 10, "the pattern for librdkafka defaults finds too few: %s" % defaults
    text = (root / "docs/configuration.md").read_text()
    rows = [re.compile(r"^\| `%s` \| `?%s`? \|" % d, re.MULTILINE) for d in defaults]
    return [
        "docs/configuration.md: has no row `%s` with %s" % default
        for default, row in zip(defaults, rows)
        if not row.search(text)
    ]


def missing_parameters(root):
    sources = sorted((root / "src/simulators").glob("*_options.c"))
    sources.append(root / "src/simulators/source_settings.c")
    sources.append(root / "src/viewers/chamber_plot_options.c")
    options = sorted({o for path in sources for o in OPTION.findall(path.read_text())})
    assert len(options) > 20, "the pattern for parameters finds too few: %s" % options
    arguments = set()
    for launch in (root / "launch").rglob("*.launch"):
        arguments |= set(re.findall(r'<arg name="(\w+)" default', launch.read_text()))
    return missing_words(root, ["~" + option for option in options], "README.md") + missing_words(
        root, sorted(arguments), "README.md"
    )


def broken_links(root):
    documents = [root / name for name in DOCUMENTS]
    for directory in ("docs", "examples"):
        documents += sorted((root / directory).rglob("*.md"))
    return [
        "%s: links to %s, which is not there" % (document.relative_to(root), link)
        for document in documents
        for link in LINK.findall(document.read_text())
        if not (document.parent / link).exists()
    ]


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
    rows = [r.strip("| ").split(" | ") for r in text.splitlines() if r.startswith("| ")]
    return [row for row in rows if row[0] != first]


def untrue_losses(root):
    """The tables of what is lost."""
    document = "docs/operations.md"
    text = (root / document).read_text().split("## What can be lost", 1)[1]
    rows = rows_of(text.split("\n## ", 1)[0], "what")
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
    found = missing_keys(root) + wrong_defaults(root) + missing_parameters(root)
    found += broken_links(root) + wrong_quotes(root) + untrue_losses(root) + untrue_troubles(root)
    print("\n".join(found) or "the documents name every key, default and parameter")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
