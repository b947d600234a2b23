"""A receiver of OTLP over HTTP: what is sent to it, decoded by OpenTelemetry's own protobufs."""

import gzip
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver:
    """Where it listens, and what came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[Span] = []
        self.exports: list[dict[str, Metric]] = []
        self.services: set[str] = set()

    def take(self, path: str, body: bytes) -> None:
        """What was posted there."""
        if path == "/v1/traces":
            for traces in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.services.add(str(attributes(traces.resource.attributes)["service.name"]))
                self.spans += [span for scope in traces.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                found = [metric for scope in metrics.scope_metrics for metric in scope.metrics]
                self.exports.append({metric.name: metric for metric in found})

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]


def attributes(pairs: Iterable[KeyValue]) -> dict[str, str | int]:
    """As a dictionary; texts and whole numbers."""
    found: dict[str, str | int] = {}
    for pair in pairs:
        value = pair.value
        found[pair.key] = value.int_value if value.HasField("int_value") else value.string_value
    return found


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port that is free."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.take(
                self.path, gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()
