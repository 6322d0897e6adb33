"""The records' schemas, as `rosrun kafka_bridge schema CONFIG.yaml --as spark` prints them."""

from __future__ import annotations

import json
import pathlib

from pyspark.sql.types import StructField, StructType


def load(name: str) -> StructType:
    """The schema in `NAME.json` beside this file. Every field of it is required (see source)."""
    text = (pathlib.Path(__file__).parent / (name + ".json")).read_text(encoding="utf-8")
    return StructType.fromJson(json.loads(text))


def bounded(schema: StructType, ranges: dict[str, tuple[float, float]]) -> StructType:
    """`schema` with the least and greatest value of its fields that are in `ranges`, which `source`
    holds records to."""
    fields = []
    for field in schema.fields:
        metadata = dict(field.metadata)
        if field.name in ranges:
            metadata["minimum"], metadata["maximum"] = ranges[field.name]
        fields.append(StructField(field.name, field.dataType, field.nullable, metadata))
    return StructType(fields)
