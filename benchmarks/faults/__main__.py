"""What a failing Valkey does to those who ask: each fault is brought on while requests run, held, and removed.

    uv run python -m benchmarks.faults [--only NAME]... [--markdown] [--json FILE]

A real `sabiscore serve` with one worker, its in-process layers off so that every request asks Valkey (but
for the last row), answers 100 fixtures in turn, 300 requests a second. Exits with 1 where a request was not
answered with 2xx, p99 was not under 100 ms, or answers were not found again within 5 seconds.
"""

import asyncio
from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.faults.measure import SETUPS, Plan, Row, measure

NAMES = [name for setup in SETUPS.values() for name in setup.faults]
COLUMNS = ("requests", "non-2xx", "p99 ms", "max ms", "recovery s", "hit rate before", "during", "after")
WIDTH = 130


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice(NAMES), help="A fault; may be repeated. [default: all]"
)
@click.option("--seconds", default=Plan().held, show_default=True, help="How long a fault lasts.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows there, too."
)
def main(only: tuple[str, ...], seconds: float, file: Path | None, *, markdown: bool) -> None:
    """Print the table of faults."""
    rows = asyncio.run(_rows(only or NAMES, Plan(held=seconds)))
    if file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    Console(width=WIDTH).print(_table(rows, markdown=markdown))
    short = [f"{row.fault}: {', '.join(row.shortfalls())}" for row in rows if row.shortfalls()]
    if short:
        raise click.ClickException("\n".join(short))


async def _rows(only: tuple[str, ...] | list[str], plan: Plan) -> list[Row]:
    rows = []
    for setup in SETUPS.values():
        async for row in measure(setup, plan, only):
            click.echo(f"{row.fault}: {', '.join(row.shortfalls()) or 'survived'}", err=True)
            rows.append(row)
    return rows


def _table(rows: list[Row], *, markdown: bool) -> Table:
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    table.add_column("fault", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row.fault, *_figures(row))
    return table


def _figures(row: Row) -> list[str]:
    recovery = "never" if row.recovery is None else f"{row.recovery:.1f}"
    rates = (f"{rate:.0%}" for rate in (row.before, row.during, row.after))
    failed = sum(row.failed.values())
    return [f"{row.requests:,}", str(failed), f"{row.p99:.0f}", f"{row.slowest:.0f}", recovery, *rates]


if __name__ == "__main__":
    main()
