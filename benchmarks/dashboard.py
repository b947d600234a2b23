"""Run every query of the Grafana dashboard against a Prometheus that scrapes a service under load.

    uv run python -m benchmarks.dashboard [--seconds S]

Prometheus is Debian's, with the rules of `deploy/`. Exits with 1 where a query finds nothing.
"""

import asyncio
import itertools
import math
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import httpx
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.process import free_port
from benchmarks.serving import Service, serving, started

DEPLOY = Path(__file__).parents[1] / "deploy"
BOARD = DEPLOY / "grafana" / "sabiscore.json"

SOON = 60.0
"""Seconds in which a query has to find something."""

VARIABLES = {"$__rate_interval": "10s", "$instance": ".*"}
"""What Grafana puts in their place."""

FIXTURE = {"home_team": "Arsenal", "away_team": "Chelsea", "league": "EPL"}


class Query(NamedTuple):
    """What a panel asks."""

    panel: str
    expr: str


class Found(NamedTuple):
    """What it is told: how many series, and the value of the first."""

    query: Query
    series: int
    value: float


@click.command()
@click.option("--seconds", default=SOON, show_default=True, help="How long a query may find nothing.")
def main(seconds: float) -> None:
    """Print what every query finds."""
    found = asyncio.run(look(seconds))
    table = Table(box=box.SIMPLE)
    for name in ("panel", "series", "value", "query"):
        table.add_column(name)
    for each in found:
        table.add_row(each.query.panel, f"{each.series}", f"{each.value:.4g}", each.query.expr)
    Console(width=160).print(table)
    if nothing := [each.query.panel for each in found if not each.series]:
        raise click.ClickException(f"nothing in {', '.join(nothing)}")


async def look(seconds: float = SOON) -> list[Found]:
    """What every query of the dashboard finds, of a service of two workers under load."""
    async with serving(started(workers=2)) as service, prometheus(service.url) as url:
        load = asyncio.create_task(_load(service))
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20) as client:
                return [await _ask(client, query, time.monotonic() + seconds) for query in queries()]
        finally:
            load.cancel()


def queries() -> Iterator[Query]:
    """Those of all panels, with a value for each variable."""
    for panel in msgspec.json.decode(BOARD.read_bytes())["panels"]:
        for target in panel["targets"]:
            expr = target["expr"]
            for name, value in VARIABLES.items():
                expr = expr.replace(name, value)
            yield Query(panel["title"], expr)


@asynccontextmanager
async def prometheus(scraped: str) -> AsyncIterator[str]:
    """The address of a Prometheus that scrapes this service every second, and knows our rules."""
    with TemporaryDirectory(prefix="sabi") as name:
        directory = Path(name)
        shutil.copy(DEPLOY / "rules.yaml", directory)
        target = {"targets": [scraped.removeprefix("http://")]}
        config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": "sabiscore", "static_configs": [target]}],
        }
        (directory / "prometheus.yml").write_bytes(msgspec.yaml.encode(config))
        address = f"127.0.0.1:{free_port()}"
        options = (
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            f"--web.listen-address={address}",
            "--enable-feature=exemplar-storage",
        )
        with subprocess.Popen(  # noqa: ASYNC220 - it starts at once
            ["prometheus", *options],
            cwd=directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                await _ready(f"http://{address}")
                yield f"http://{address}"
            finally:
                process.terminate()


async def _ready(url: str) -> None:
    deadline = time.monotonic() + SOON
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline:
            try:
                if (await client.get(f"{url}/-/ready")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError(f"Prometheus at {url} is not ready")


async def _ask(client: httpx.AsyncClient, query: Query, deadline: float) -> Found:
    while True:
        answer = await client.get("/api/v1/query", params={"query": query.expr})
        answer.raise_for_status()
        values = [float(each["value"][1]) for each in answer.json()["data"]["result"]]
        known = [value for value in values if not math.isnan(value)]
        if known or time.monotonic() > deadline:
            return Found(query, len(known), known[0] if known else math.nan)
        await asyncio.sleep(0.5)


async def _load(service: Service) -> None:
    """Hits, misses, batches and refusals, over and over."""
    async with httpx.AsyncClient(base_url=service.url, timeout=20) as client:
        for turn in itertools.count():
            new = FIXTURE | {"kickoff_time": f"2025-09-{turn % 28 + 1:02}T{turn // 28 % 24:02}:30:00Z"}
            same = FIXTURE | {"kickoff_time": "2025-08-30T16:30:00Z"}
            for asked in (new, same, same, same | {"home_team": "Arsenol"}):
                await client.post("/api/v1/predict", json=asked)
            await client.post("/api/v1/predict/batch", json={"fixtures": [new, same]})
            await client.get("/nowhere")
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    main()
