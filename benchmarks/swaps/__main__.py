"""Swaps under full load: what those who ask notice of bundles that are published one after another.

    uv run python -m benchmarks.swaps [--swaps 20] [--workers N]... [--markdown] [--json FILE]

A real `sabiscore serve`, once with one worker and once with two, is driven by wrk as fast as it answers. Windows of two
seconds in which nothing happens and such in which a bundle is published that says something else take turns; meanwhile
another client looks at answers. Exits with 1 where a request failed, an answer was not wholly of one bundle, a swap
took more than two seconds, p99 of the windows with one was more than twice the ordinary, or memory grew by a tenth.
"""

from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.swaps.measure import Row, measure

COLUMNS = (
    *("swaps", "non-2xx", "mixed", "looked at", "slowest s", "p99 ms", "with a swap", "worst"),
    *("hit rate", "with a swap", "requests/s", "with a swap", "MB before", "after"),
)
WIDTH = 170


@click.command()
@click.option(
    "--swaps", default=20, show_default=True, type=click.IntRange(1), help="With each number of workers."
)
@click.option(
    "--workers", multiple=True, type=int, default=(1, 2), show_default=True, help="May be repeated."
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows there, too."
)
def main(swaps: int, workers: tuple[int, ...], file: Path | None, *, markdown: bool) -> None:
    """Print the table of swaps."""
    rows = [measure(number, swaps) for number in workers]
    if file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    Console(width=WIDTH).print(_table(rows, markdown=markdown))
    short = [f"{row.workers} workers: {', '.join(row.shortfalls())}" for row in rows if row.shortfalls()]
    if short:
        raise click.ClickException("\n".join(short))


def _table(rows: list[Row], *, markdown: bool) -> Table:
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    for column in ("workers", *COLUMNS):
        table.add_column(column, justify="right")
    for row in rows:
        usual, during = row.ordinary, row.during
        table.add_row(
            *map(str, (row.workers, row.swaps, row.failed, row.mixed, row.looked_at)),
            f"{row.slowest:.2f}",
            f"{usual.p99:.1f}",
            f"{during.p99:.1f}",
            f"{during.worst:.1f}",
            f"{usual.hits:.1%}",
            f"{during.hits:.1%}",
            f"{usual.rate:,.0f}",
            f"{during.rate:,.0f}",
            f"{row.before:.0f}",
            f"{row.after:.0f}",
        )
    return table


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.swaps")
