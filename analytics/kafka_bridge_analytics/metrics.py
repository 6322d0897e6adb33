"""What a job has counted, for Prometheus: its text format (0.0.4) at http://ADDRESS:PORT/metrics.

`name` is the job's and `query` one of its queries, as in the lines that it says; `what` is one of
the counts of a batch (records, malformed, words, written ...):

    kafka_bridge_job_batches_total{name,query}        batches with something in them
    kafka_bridge_job_batch_seconds_total{name,query}  the time that they took
    kafka_bridge_job_counted_total{name,query,what}   the counts of all batches
    kafka_bridge_job_last_batch{name,query,what}      those of the newest one

All are of this process: a counter begins at 0 again when the job is started again.
"""

from __future__ import annotations

import http.server
import threading

BATCHES = "kafka_bridge_job_batches_total"
SECONDS = "kafka_bridge_job_batch_seconds_total"
COUNTED = "kafka_bridge_job_counted_total"
LAST = "kafka_bridge_job_last_batch"
# Name, type, help.
FAMILIES = (
    (BATCHES, "counter", "Batches with something in them."),
    (SECONDS, "counter", "Seconds that they took."),
    (COUNTED, "counter", "Counts of all batches."),
    (LAST, "gauge", "Counts of the newest batch."),
)


class Metrics:
    """The figures of one job; its methods may be called from any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._values: dict[tuple[str, str, str], float] = {}

    def add(self, query: str, counts: dict[str, int], seconds: float) -> None:
        """A batch of a query was done in `seconds`; `counts` is what was in it."""
        with self._lock:
            self._add(BATCHES, query, "", 1)
            self._add(SECONDS, query, "", seconds)
            for what, count in counts.items():
                self._add(COUNTED, query, what, count)
                self._values[LAST, query, what] = count

    def _add(self, family: str, query: str, what: str, value: float) -> None:
        key = (family, query, what)
        self._values[key] = self._values.get(key, 0) + value

    def text(self) -> str:
        """All of them in Prometheus' text format."""
        with self._lock:
            values = dict(self._values)
        lines = []
        for family, kind, told in FAMILIES:
            lines += ["# HELP %s %s" % (family, told), "# TYPE %s %s" % (family, kind)]
            for (other, query, what), value in values.items():
                if other == family:
                    lines.append("%s{%s} %.15g" % (family, self._labels(query, what), value))
        return "\n".join(lines) + "\n"

    def _labels(self, query: str, what: str) -> str:
        # Names of this package's own: nothing in them needs an escape.
        labels = 'name="%s",query="%s"' % (self._name, query)
        return labels + (',what="%s"' % what if what else "")

    def serve(self, address: str, port: int) -> int:
        """Serves them until the process ends, from threads of its own. Returns the port, which is a
        free one for 0. OSError where it is taken."""
        metrics = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10  # seconds, of a client that says nothing

            def do_GET(self) -> None:
                if self.path.split("?")[0] != "/metrics":
                    self.send_error(404, "there is /metrics")
                    return
                body = metrics.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: a scrape is no news."""

        server = http.server.ThreadingHTTPServer((address, port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]
