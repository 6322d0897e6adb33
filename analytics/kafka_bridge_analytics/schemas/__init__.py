"""The records' schemas, as `rosrun kafka_bridge schema CONFIG.yaml --as spark` prints them."""

from __future__ import annotations

import json
import pathlib

from pyspark.sql.types import StructType


def load(name: str) -> StructType:
    """The schema in `NAME.json` beside this file. Every field of it is required (see source)."""
    text = (pathlib.Path(__file__).parent / (name + ".json")).read_text(encoding="utf-8")
    return StructType.fromJson(json.loads(text))
