"""Writes the files that a page prints whole (`PATH`: and a block of code) into a directory.

usage: page_files.py PAGE DIRECTORY
"""

import pathlib
import sys

from documents import QUOTE


def main():
    page, directory = map(pathlib.Path, sys.argv[1:])
    files = QUOTE.findall(page.read_text())
    assert files, "%s prints no file" % page
    for name, text in files:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)


if __name__ == "__main__":
    main()
