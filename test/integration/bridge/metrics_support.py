"""A scrape of Prometheus' text format, taken apart."""

import re
import shutil
import subprocess
import urllib.request

SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')
ESCAPED = re.compile(r"\\(.)")


def fetch(port, path="/metrics"):
    """The text at `path` of a node at loopback's `port`. Raises OSError (HTTPError among them)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open("http://127.0.0.1:%d%s" % (port, path), timeout=60) as answer:
        return answer.read().decode()


def labels_of(text):
    return {
        name: ESCAPED.sub(lambda m: "\n" if m.group(1) == "n" else m.group(1), value)
        for name, value in LABEL.findall(text or "")
    }


def parse(text):
    """[(family, {label: value}, number)] of every sample; a line that is none raises ValueError."""
    samples = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = SAMPLE.match(line)
        if not found:
            raise ValueError("no sample: %r" % line)
        samples.append((found.group(1), labels_of(found.group(2)), float(found.group(3))))
    return samples


def lint(text):
    """What `promtool check metrics` finds wrong; None where there is no promtool."""
    if not shutil.which("promtool"):
        return None
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=90,
    )
    return done.stdout if done.returncode else ""
