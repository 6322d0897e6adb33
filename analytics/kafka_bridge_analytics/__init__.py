"""The pipelines' Spark jobs: Kafka records in; Cassandra, MySQL, Kafka, files and the console out.

One module a job (`python -m kafka_bridge_analytics.odometry --help`), and what they share once:
`session` (Spark), `source` (Kafka in, strict parsing), `faults` and `dead_letters` (what is not a
record), `sinks` (out), `runner` (arguments, batches, accounts, ends and restarts).
"""
