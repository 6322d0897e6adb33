"""Cassandra as a sink. An insert there is an upsert by primary key: a batch may come again."""

from __future__ import annotations

from pyspark.sql import DataFrame


def properties(address: str) -> dict[str, str]:
    """The session's properties for a Cassandra at `address`, HOST or HOST:PORT."""
    host, _, port = address.partition(":")
    return {
        "spark.cassandra.connection.host": host,
        "spark.cassandra.connection.port": port or "9042",
        # A crash in the middle leaves nothing that the same batch does not write again.
        "spark.cassandra.output.consistency.level": "LOCAL_QUORUM",
    }


def append(rows: DataFrame, keyspace: str, table: str) -> None:
    """Writes `rows`, whose columns are the table's, and returns when Cassandra has them."""
    target = rows.write.format("org.apache.spark.sql.cassandra").mode("append")
    target.options(keyspace=keyspace, table=table).save()
