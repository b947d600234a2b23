"""What it costs to be seen: CPU of a worker for a stored answer, with nothing on, and with timings, logs and traces.

    uv run python -m benchmarks.watched [--rounds 10] [--markdown]

Services of one worker, one with each setting and two with nothing on, stand side by side; in turn wrk asks each for the
same fixture for a second. What its worker spent is divided by the answers, and the least of all rounds counts: others
on the machine make it more, never less. The two with nothing on say how far that can be trusted. Beside them stands
what looking whether anything is on takes. Traces go to a receiver that throws them away.
"""

import timeit
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import SimpleNamespace

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import drive, fixtures
from benchmarks.process import cpu_seconds_of
from benchmarks.serving import Service, started
from benchmarks.workloads import LEAGUES, ONE

CONNECTIONS = 8
SECONDS = 1.0

LOOKS = "told.watcher; it.watched; it.watched; it.watched; told.watcher"
"""What a stored answer does where nothing is on."""

NOTHING = "nothing"
AGAIN = "nothing, again"

SETTINGS: Mapping[str, Mapping[str, str]] = {
    NOTHING: {},
    "Server-Timing": {"SABISCORE_SERVER_TIMING": "true"},
    "logs, 100 a second": {"SABISCORE_LOG_REQUESTS": "100"},
    "traces, one in a hundred": {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"},
    "traces, all": {"OTEL_TRACES_SAMPLER": "always_on"},
    AGAIN: {},
}


class _Sink(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@contextmanager
def sink() -> Iterator[str]:
    """The address of a receiver of OTLP that keeps nothing."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sink) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def with_setting(chosen: Mapping[str, str], receiver: str) -> AbstractContextManager[Service]:
    """A service of one worker."""
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver} if "OTEL_TRACES_SAMPLER" in chosen else {}
    return started(environment={**chosen, **traced})


def spent(service: Service, body: Path) -> float:
    """Microseconds of CPU of its worker for each answer."""
    [worker] = service.workers()
    before = cpu_seconds_of(worker)
    driven = drive.wrk(
        service.url + ONE, body, first=0, repeats=True, seconds=SECONDS, connections=CONNECTIONS
    )
    return 1e6 * (cpu_seconds_of(worker) - before) / driven.requests


def looking() -> float:
    """Microseconds of `LOOKS`."""
    names = {"told": SimpleNamespace(watcher=None), "it": SimpleNamespace(watched=None)}
    return min(timeit.repeat(LOOKS, globals=names, number=100_000)) * 1e6 / 100_000


@click.command()
@click.option("--rounds", default=10, show_default=True, type=click.IntRange(1))
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def main(rounds: int, *, markdown: bool) -> None:
    """Print what each costs."""
    found: dict[str, list[float]] = {name: [] for name in SETTINGS}
    with ExitStack() as stack:
        receiver = stack.enter_context(sink())
        body = Path(stack.enter_context(TemporaryDirectory())) / "body"
        asked = next(iter(fixtures.coming(fixtures.pairs(LEAGUES), fixtures.midnight())))
        body.write_bytes(msgspec.json.encode(asked) + b"\n")
        services = {
            name: stack.enter_context(with_setting(chosen, receiver)) for name, chosen in SETTINGS.items()
        }
        for service in services.values():
            service.wait_until_ready()
        for _ in range(rounds + 1):  # the first one makes the answers
            for name, service in services.items():
                found[name].append(spent(service, body))
    least = {name: min(values[1:]) for name, values in found.items()}
    nothing = min(least[NOTHING], least[AGAIN])
    least["looking whether anything is on"] = looking()
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    for column in ("what is on", "us of CPU an answer", "of nothing"):
        table.add_column(column, justify="left" if column == "what is on" else "right")
    for name, value in least.items():
        table.add_row(name, f"{value:.2f}", f"{value / nothing:.3f}x")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
