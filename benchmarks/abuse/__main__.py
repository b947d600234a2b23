"""Attack a service in every way that was ever seen to hurt it, and print what others noticed.

    uv run python -m benchmarks.abuse [--only NAME]... [--workers N]... [--scale X] [--proxy] [--markdown] [--json FILE]

With `--proxy` all goes through a real HAProxy (Debian: `haproxy`) with the shipped configuration.
Each attack has a real `sabiscore serve` of its own, once with one worker and once with two. Exits with 1 where memory,
outage or latency of another client is out of the attack's bounds, or the service did not do as it must.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.abuse import clients, machine
from benchmarks.abuse.measure import Attack, Row, measure

ATTACKS: tuple[Attack, ...] = (*clients.ATTACKS, *machine.ATTACKS)
COLUMNS = ("workers", "MB before", "peak", "after", "probes", "failed", "outage s", "p99 ms")
WIDTH = 160


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(dict.fromkeys(each.name for each in ATTACKS))),
    help="May be repeated.",
)
@click.option("--workers", multiple=True, type=int, help="1 or 2; may be repeated. [default: both]")
@click.option("--scale", default=1.0, show_default=True, help="How much of each attack.")
@click.option("--proxy", is_flag=True, help="Attack through HAProxy with deploy/haproxy.cfg.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows there, too."
)
def main(
    only: tuple[str, ...],
    workers: tuple[int, ...],
    scale: float,
    file: Path | None,
    *,
    proxy: bool,
    markdown: bool,
) -> None:
    """Print the table of attacks."""
    attacks = [each for each in ATTACKS if not only or each.name in only]
    rows = asyncio.run(_rows(attacks, workers, scale, proxy=proxy))
    if file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    Console(width=WIDTH).print(_table(rows, markdown=markdown))
    short = [
        f"{row.attack}, {row.workers} workers: {', '.join(row.shortfalls)}" for row in rows if row.shortfalls
    ]
    if short:
        raise click.ClickException("\n".join(short))


async def _rows(attacks: Sequence[Attack], workers: Sequence[int], scale: float, *, proxy: bool) -> list[Row]:
    rows = []
    for attack in attacks:
        for number in attack.workers:
            if not workers or number in workers:
                row = await measure(attack, workers=number, scale=scale, proxy=proxy)
                click.echo(f"{row.attack}, {number}: {', '.join(row.shortfalls) or row.came_of_it}", err=True)
                rows.append(row)
    return rows


def _table(rows: list[Row], *, markdown: bool) -> Table:
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    table.add_column("attack", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    table.add_column("what came of it")
    for row in rows:
        figures = [f"{mb:.0f}" for mb in (row.before, row.peak, row.after)]
        counts = [f"{row.probes:,}", str(row.failed), f"{row.outage:.2f}", f"{row.p99:.0f}"]
        table.add_row(row.attack, str(row.workers), *figures, *counts, row.came_of_it)
    return table


if __name__ == "__main__":
    main()
