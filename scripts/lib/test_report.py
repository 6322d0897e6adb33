#!/usr/bin/env python3
"""Counts what ctest did, shows what failed and what took longest: the last line is "N passed,
N failed", with ", N skipped" where some were.

usage: test_report.py RESULTS LAST_TEST_LOG EXPECTED

RESULTS is ctest's own output, run without --output-on-failure so that it holds result lines alone;
LAST_TEST_LOG is its Testing/Temporary/LastTest.log with the tests' output; EXPECTED is the number
of tests that were to run: one without a result (ctest was killed) has failed. ctest writes these
alike from CMake 3.10 on. Exit status 1 where a test failed or none was run.
"""

import re
import sys

RESULT = re.compile(
    r"^ *\d+/\d+ +Test +#\d+: +(\S+) [ .]*(?:(Passed)|\*\*\*([A-Za-z ]+))(?:.*?(\d+\.\d+) +sec)?"
)
BLOCK = re.compile(
    r"^\d+/\d+ Test(?:ing)?: (\S+)\n.*?^Output:\n-+\n(.*?)^<end of output>$",
    re.MULTILINE | re.DOTALL,
)
TELLING = re.compile(
    r"\*\*\*Failed|Error\b|ERROR|FAILED|\berror:|Sanitizer|[Aa]ssert|[Tt]imed? ?out"
)
TELLING_COUNT = 16  # of the last such lines of a test that failed
SLOW_COUNT = 12
SLOW_SECONDS = 5.0


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def results(text):
    """{test: "Passed", "Skipped" or what went wrong} and {test: seconds} of ctest's output."""
    found, seconds = {}, {}
    for line in text.splitlines():
        match = RESULT.match(line)
        if match:
            found[match.group(1)] = match.group(2) or match.group(3).strip()
            seconds[match.group(1)] = float(match.group(4) or 0)
    return found, seconds


def outputs(text):
    """{test: its output} of LastTest.log."""
    return dict(BLOCK.findall(text))


def telling(text):
    """The last lines that say what went wrong."""
    return [line for line in text.splitlines() if TELLING.search(line)][-TELLING_COUNT:]


def show_slowest(seconds):
    slow = sorted((time, name) for name, time in seconds.items() if time >= SLOW_SECONDS)
    if slow:
        print("\nthe slowest:")
    for time, name in reversed(slow[-SLOW_COUNT:]):
        print("%8.1f s  %s" % (time, name))


def main(results_path, log_path, expected):
    verdicts, seconds = results(read(results_path))
    said = outputs(read(log_path))
    passed = [name for name, verdict in verdicts.items() if verdict == "Passed"]
    skipped = [name for name, verdict in verdicts.items() if verdict == "Skipped"]
    failed = [name for name in verdicts if name not in passed and name not in skipped]
    lost = max(0, int(expected) - len(verdicts))
    for name in failed:
        print("\n---- %s: %s" % (name, verdicts[name]))
        print(said.get(name, "(no output)\n"), end="")
    show_slowest(seconds)
    print()
    for name in failed:
        print("failed: %s (%s)" % (name, verdicts[name]))
        # Once more, as a log that is cut in the middle keeps its end.
        for line in telling(said.get(name, "")):
            print("    " + line.strip()[:200])
    if lost:
        print("failed: %d tests have no result: ctest was ended before they were" % lost)
    for name in skipped:
        reason = said.get(name, "").strip().splitlines()
        print("skipped: %s: %s" % (name, reason[-1] if reason else "it does not say why"))
    if not verdicts and not lost:
        print("failed: there was no test to run")
        lost = 1
    line = "%d passed, %d failed" % (len(passed), len(failed) + lost)
    print(line + (", %d skipped" % len(skipped) if skipped else ""))
    return 1 if failed or lost else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
