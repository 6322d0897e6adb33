#!/usr/bin/python3
"""Writes, for routes of a configuration, schemas and the records that the bridge makes of random
messages.

usage: schema_records.py SCHEMA_TOOL RECORD_TOOL CONFIG.yaml DIRECTORY [--messages N] [--seed N]

For the route to Kafka topic T: DIRECTORY/T.spark.json, T.schema.json, T.jsonl. Routes of
`format: text` are left out.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import struct
import subprocess
import sys

import genmsg
import genpy.dynamic
import yaml
from genmsg import gentools, msg_loader
from genpy_conformance import Maker, installed_types, serialize


def messages(name: str, count: int, seed: int) -> bytes:
    """`count` random messages of type `name`, each behind its length (uint32 little endian)."""
    search_path, _ = installed_types()
    context = genmsg.MsgContext.create_default()
    spec = msg_loader.load_msg_by_type(context, name, search_path)
    msg_loader.load_depends(context, spec, search_path)
    classes = genpy.dynamic.generate_dynamic(name, gentools.compute_full_text(context, spec))
    maker = Maker(classes, random.Random("%s %s" % (seed, name)), True, 0)
    made = [serialize(maker.message(name)) for _ in range(count)]
    return b"".join(struct.pack("<I", len(one)) + one for one in made)


def record_type(route: dict[str, object]) -> str:
    """The type of what a record is made of: with `each` of the array's elements."""
    name = str(route["ros_type"])
    if "each" not in route:
        return name
    spec = msg_loader.load_msg_by_type(
        genmsg.MsgContext.create_default(), name, installed_types()[0]
    )
    element = dict(zip(spec.names, spec.types))[route["each"]].split("[")[0]
    return element if "/" in element else "std_msgs/" + element.capitalize()


def write(tool: str, config: str, route: str, reader: str, path: pathlib.Path) -> None:
    with open(path, "wb") as file:
        subprocess.run([tool, config, "--route", route, "--as", reader], stdout=file, check=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("schema_tool")
    parser.add_argument("record_tool")
    parser.add_argument("config")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with open(given.config, encoding="utf-8") as file:
        routes = yaml.safe_load(file)["ros_to_kafka"]
    for route in routes:
        topic = route["kafka_topic"]
        if route.get("format") == "text":
            continue
        base = given.directory / topic
        spark = base.with_name(topic + ".spark.json")
        write(given.schema_tool, given.config, topic, "spark", spark)
        schema = base.with_name(topic + ".schema.json")
        write(given.schema_tool, given.config, topic, "jsonschema", schema)
        with open(base.with_name(topic + ".jsonl"), "wb") as file:
            subprocess.run(
                [given.record_tool, given.config, "--route", topic, "--as", "spark"],
                input=messages(record_type(route), given.messages, given.seed),
                stdout=file,
                check=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
