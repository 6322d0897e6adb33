#!/usr/bin/env python3
"""Prints the records that the bridge wrote to a Kafka topic: key, headers, JSON.

usage: read_records.py BOOTSTRAP_SERVERS TOPIC
"""

import json
import sys

from confluent_kafka import Consumer


def show(record):
    headers = {name: value.decode() for name, value in record.headers() or []}
    print("key     ", record.key().decode())
    print("headers ", headers)
    print("value   ", json.loads(record.value()), flush=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bootstrap_servers, topic = sys.argv[1:]
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "read_records",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,  # so that the next run begins with the first record, too
        }
    )
    consumer.subscribe([topic])
    try:
        while True:
            record = consumer.poll(1)
            if record is None:
                continue
            if record.error():
                print(record.error(), file=sys.stderr)
            else:
                show(record)
    except KeyboardInterrupt:
        consumer.close()


if __name__ == "__main__":
    main()
