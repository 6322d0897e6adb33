"""Reads records as their schemas say, with a JSON Schema validator and with Spark's from_json, and
compares what Spark gives with the records themselves.

usage: schema_readers.py DIRECTORY, as schema_records.py has filled it; with the Python environment
of `scripts/engine spark fetch`
"""

from __future__ import annotations

import copy
import datetime
import decimal
import json
import pathlib
import struct
import sys
from typing import Any

import jsonschema
from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

CORRUPT = "_corrupt"
EPOCH = datetime.datetime(1970, 1, 1)


def session() -> SparkSession:
    made = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.caseSensitive", "true")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("ERROR")
    return made


def float32(value: float) -> float:
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def microseconds(text: str) -> int:
    """Of an ISO 8601 text in UTC with nine decimals, cut after six as Spark's timestamps are."""
    seconds = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S") - EPOCH
    return round(seconds.total_seconds()) * 10**6 + int(text[20:26])


def same(kind: t.DataType, found: Any, value: Any, path: str) -> list[str]:
    """What of `found`, which Spark has read, is not `value` of the record."""
    if found is None or value is None:
        right = found is None and value is None
    elif isinstance(kind, t.StructType):
        return [
            problem
            for field in kind.fields
            for problem in same(
                field.dataType, found[field.name], value[field.name], path + "." + field.name
            )
        ]
    elif isinstance(kind, t.ArrayType):
        if len(found) != len(value):
            return ["%s: %d elements, not %d" % (path, len(found), len(value))]
        return [
            problem
            for i, (one, other) in enumerate(zip(found, value))
            for problem in same(kind.elementType, one, other, "%s[%d]" % (path, i))
        ]
    elif isinstance(kind, t.StringType) and not isinstance(value, str):
        right = json.loads(found) == value
    elif isinstance(kind, t.FloatType):
        right = repr(found) == repr(float32(float(value)))
    elif isinstance(kind, t.DoubleType):
        right = repr(found) == repr(float(value))
    elif isinstance(kind, t.DecimalType):
        right = found == decimal.Decimal(value)
    elif isinstance(kind, t.TimestampType):
        right = (found - EPOCH) // datetime.timedelta(microseconds=1) == microseconds(value)
    else:
        right = found == value
    return [] if right else ["%s: Spark has %.80r, the record %.80r" % (path, found, value)]


def check_spark(spark: SparkSession, topic: str, directory: pathlib.Path) -> list[str]:
    with open(directory / (topic + ".spark.json"), encoding="utf-8") as file:
        schema = t.StructType.fromJson(json.load(file))
    lines = (directory / (topic + ".jsonl")).read_text(encoding="utf-8").split("\n")[:-1]
    with_corrupt = copy.deepcopy(schema).add(CORRUPT, t.StringType())
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT}
    frame = spark.createDataFrame([(line,) for line in lines], "value string")
    rows = frame.select(f.from_json("value", with_corrupt, options).alias("r")).collect()
    problems = []
    for number, (line, row) in enumerate(zip(lines, rows)):
        if row.r[CORRUPT] is not None:
            problems.append("line %d: does not fit: %.200s" % (number + 1, line))
        else:
            problems += same(schema, row.r, json.loads(line), "line %d: $" % (number + 1))
    return problems


def check_json_schema(topic: str, directory: pathlib.Path) -> list[str]:
    """The records fit; with a member more, less, or of another type they do not."""
    with open(directory / (topic + ".schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = (directory / (topic + ".jsonl")).read_text(encoding="utf-8").split("\n")[:-1]
    problems = []
    for number, line in enumerate(lines):
        record = json.loads(line)
        problems += [
            "line %d: %s: %.200s" % (number + 1, error.json_path, error.message)
            for error in validator.iter_errors(record)
        ]
        wrong = [dict(record, unknown_member=1)]
        wrong += [{k: v for k, v in record.items() if k != name} for name in record]
        wrong += [dict(record, **{name: {"no": "such"}}) for name in record]
        taken = sum(validator.is_valid(one) for one in wrong)
        if taken:
            problems.append("line %d: %d wrong records are taken" % (number + 1, taken))
    return problems


def main(directory: pathlib.Path) -> int:
    spark = session()
    failed = records = 0
    topics = sorted(path.name[: -len(".jsonl")] for path in directory.glob("*.jsonl"))
    for topic in topics:
        for reader, problems in (
            ("JSON Schema", check_json_schema(topic, directory)),
            ("Spark", check_spark(spark, topic, directory)),
        ):
            for problem in problems[:5]:
                print("%s: %s: %s" % (reader, topic, problem))
            failed += bool(problems)
        records += len((directory / (topic + ".jsonl")).read_bytes().splitlines())
    spark.stop()
    print("%d routes, %d records, %d failed" % (len(topics), records, failed))
    return 1 if failed or not records else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
