"""What is wrong with a value that is no record: for dead letters, in the bridge's words."""

from __future__ import annotations

import json
import math
import struct
from typing import NamedTuple

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructType,
)

_BITS = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


class Fault(NamedTuple):
    """`reason`: syntax, type, range, duplicate or missing; `text`: what was found and what would be
    right; `path`: `$.a.b`, or empty; `position`: the byte of the value, 0 where there is none."""

    reason: str
    text: str
    path: str = ""
    position: int = 0


class _Duplicate(ValueError):
    pass


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Duplicate(twice)
    return found


def _refuse_constant(name: str) -> None:
    raise json.JSONDecodeError("found %s, which is not JSON" % name, name, 0)


def find(value: bytes | None, schema: StructType | None) -> Fault:
    """The first fault of `value`, which `schema` (None: UTF-8 text) was found not to fit."""
    if value is None:
        return Fault("missing", "found no value (a tombstone), a record needs one")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        found = "found byte 0x%02x, UTF-8 is needed" % value[error.start]
        return Fault("syntax", found, position=error.start)
    if schema is None:
        return Fault("syntax", "found text that is not UTF-8")
    return _in_json(text, schema)


def read(value: bytes | None, schema: StructType) -> dict[str, object] | None:
    """The JSON object in `value`, None where it has any fault that `find` would name."""
    try:
        text = (value or b"").decode("utf-8")
        tree = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return tree if _in_value(tree, schema, "$") is None else None


def _in_json(text: str, schema: StructType) -> Fault:
    try:
        tree = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        position = len(text[: error.pos].encode("utf-8"))
        return Fault("syntax", "not JSON: %s" % error.msg, "$", position)
    except _Duplicate as error:
        return Fault("duplicate", "found it twice, once is needed", "$.%s" % error)
    except RecursionError:
        return Fault("limit", "found JSON nested too deep", "$")
    fault = _in_value(tree, schema, "$")
    return fault or Fault("syntax", "Spark's JSON reader did not take it as %s" % _name(schema))


def _in_value(value: object, kind: DataType, path: str) -> Fault | None:
    if isinstance(kind, StructType):
        return _in_object(value, kind, path)
    if isinstance(kind, ArrayType):
        return _in_array(value, kind, path)
    if isinstance(kind, BooleanType):
        return None if isinstance(value, bool) else _type_fault(value, kind, path)
    if isinstance(kind, StringType):
        return _type_fault(value, kind, path) if value is None else None
    return _in_number(value, kind, path)


def _in_object(value: object, kind: StructType, path: str) -> Fault | None:
    if not isinstance(value, dict):
        return _type_fault(value, kind, path)
    for field in kind.fields:
        where = "%s.%s" % (path, field.name)
        if field.name not in value:
            return Fault("missing", "found none, %s is needed" % _name(field.dataType), where)
        fault = _in_value(value[field.name], field.dataType, where)
        if fault:
            return fault
        bounds = (field.metadata.get("minimum"), field.metadata.get("maximum"))
        if bounds[0] is not None and not bounds[0] <= value[field.name] <= bounds[1]:
            found = (_show(value[field.name]), *bounds)
            return Fault("range", "found %s, %.15g to %.15g is possible" % found, where)
    return None


def _in_array(value: object, kind: ArrayType, path: str) -> Fault | None:
    if not isinstance(value, list):
        return _type_fault(value, kind, path)
    for index, element in enumerate(value):
        fault = _in_value(element, kind.elementType, "%s[%d]" % (path, index))
        if fault:
            return fault
    return None


def _in_number(value: object, kind: DataType, path: str) -> Fault | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _type_fault(value, kind, path)
    bits = _BITS.get(type(kind))
    if bits is None:
        return _range_fault(value, kind, path) if not _is_finite(value, kind) else None
    if not isinstance(value, int):
        return _type_fault(value, kind, path)
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        return _range_fault(value, kind, path)
    return None


def _is_finite(value: int | float, kind: DataType) -> bool:
    try:
        if isinstance(kind, FloatType):
            struct.pack("<f", value)
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _type_fault(value: object, kind: DataType, path: str) -> Fault:
    return Fault("type", "found %s, %s is needed" % (_show(value), _name(kind)), path)


def _range_fault(value: object, kind: DataType, path: str) -> Fault:
    return Fault("range", "found %s, which is outside of %s" % (_show(value), _name(kind)), path)


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _name(kind: DataType) -> str:
    names = {StructType: "an object", ArrayType: "an array", DoubleType: "a double"}
    return names.get(type(kind), "a " + kind.simpleString())
