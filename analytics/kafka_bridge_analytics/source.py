"""Kafka as a source: read once for all jobs, parsed so that nothing becomes null without a word.

`read` gives Kafka's own columns. `records` and `texts` add what is in the value and, as the column
`original`, the whole Kafka record where it is not what it should be, null where it is. So a batch
falls into rows (`original is null`) and dead letters by one look at each record.
"""

from __future__ import annotations

from typing import Mapping, NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    FloatType,
    StringType,
    StructField,
    StructType,
)

# The columns of Kafka that a dead letter needs.
ORIGINAL = ("topic", "partition", "offset", "timestamp", "key", "headers", "value")

# Measured: the wait removes a stall of half a second a batch, the sizes help large batches.
FETCH = {
    "kafka.fetch.max.wait.ms": "50",
    "kafka.max.poll.records": "50000",
    "kafka.max.partition.fetch.bytes": "8388608",
    # What the bridge's `delivery: exactly_once` did not commit is not there.
    "kafka.isolation.level": "read_committed",
    # A broker that is away is known to be after a quarter of a minute, not after three.
    "kafka.request.timeout.ms": "10000",
    "kafka.default.api.timeout.ms": "15000",
}

_END = "_kafka_bridge_end"
_CORRUPT = "_kafka_bridge_corrupt"
_STRICT = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": _CORRUPT,
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
}


class Source(NamedTuple):
    """Which records, and how many at once.

    `starting_offsets`: where a query without a checkpoint begins, `earliest`, `latest` or Spark's
    JSON. `max_records`: of a batch, which bounds what it takes of memory. `fail_on_data_loss`: what
    was deleted in Kafka before it was read ends the query (True) or is passed over (False).
    `properties`: Kafka's own, as `security.protocol`.
    """

    bootstrap_servers: str
    topic: str
    starting_offsets: str = "earliest"
    max_records: int = 200_000
    fail_on_data_loss: bool = True
    properties: Mapping[str, str] = {}


def options(source: Source) -> dict[str, str]:
    """The options of Spark's Kafka source."""
    chosen = dict(FETCH)
    chosen.update({"kafka." + name: value for name, value in source.properties.items()})
    chosen.update(
        {
            "kafka.bootstrap.servers": source.bootstrap_servers,
            "subscribe": source.topic,
            "startingOffsets": source.starting_offsets,
            "maxOffsetsPerTrigger": str(source.max_records),
            "failOnDataLoss": str(source.fail_on_data_loss).lower(),
            "includeHeaders": "true",
            # The query is started again anyway; until then nothing would be said.
            "fetchOffset.numRetries": "1",
        }
    )
    return chosen


def read(spark: SparkSession, source: Source) -> DataFrame:
    """A stream of Kafka's columns: key, value (bytes), topic, partition, offset, timestamp,
    headers."""
    return spark.readStream.format("kafka").options(**options(source)).load()


def records(raw: DataFrame, schema: StructType) -> DataFrame:
    """The fields of `schema` from JSON objects in `value`, and `original`.

    Wrong is what is no JSON object, has text behind it, lacks a field of `schema` or has null
    there, or holds a value of another type, outside the range, or not finite. Fields that are not
    in `schema` are passed over.
    """
    # from_json stops at the end of the first value. Wrapped like this, what stands behind it
    # breaks the whole.
    text = f.concat(f.lit('{"record":'), f.col("value").cast("string"), f.lit(',"%s":true}' % _END))
    wrapped = StructType(
        [
            StructField("record", schema),
            StructField(_END, BooleanType()),
            StructField(_CORRUPT, StringType()),
        ]
    )
    parsed = raw.withColumn("_parsed", f.from_json(text, wrapped, _STRICT))
    whole = f.col("_parsed")
    record = whole["record"]
    right = whole[_CORRUPT].isNull() & whole[_END] & _complete(record, schema)
    fields = [record[field.name].alias(field.name) for field in schema.fields]
    return parsed.select(*fields, _original_unless(right))


def texts(raw: DataFrame) -> DataFrame:
    """`text`, the value as UTF-8, and `original`. Wrong is what has no value or is not UTF-8."""
    text = f.decode(f.col("value"), "UTF-8")
    right = f.encode(text, "UTF-8") == f.col("value")
    return raw.select(text.alias("text"), _original_unless(right))


def _original_unless(right: Column) -> Column:
    known = f.coalesce(right, f.lit(False))
    return f.when(~known, f.struct(*ORIGINAL)).alias("original")


def _complete(column: Column, kind: DataType) -> Column:
    """Nothing in `column` is null, NaN, infinite or out of its field's bounds."""
    complete = column.isNotNull()
    if isinstance(kind, StructType):
        for field in kind.fields:
            complete = complete & _complete(column[field.name], field.dataType)
            if "minimum" in field.metadata:
                bounds = (field.metadata["minimum"], field.metadata["maximum"])
                complete = complete & column[field.name].between(*bounds)
    elif isinstance(kind, ArrayType):
        element = kind.elementType
        complete = complete & f.forall(column, lambda one: _complete(one, element))
    elif isinstance(kind, (FloatType, DoubleType)):
        infinity = f.lit(float("inf")).cast(kind)
        complete = complete & ~f.isnan(column) & (f.abs(column) != infinity)
    return complete
