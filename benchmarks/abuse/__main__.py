"""Attack a service in every way that was ever seen to hurt it, and print what others noticed.

    uv run python -m benchmarks.abuse [--only NAME]... [--workers N]... [--scale X] [--proxy | --write] [--markdown]

With `--proxy` all goes through a real HAProxy (Debian: `haproxy`) with the shipped configuration. `--write` does both,
and writes ATTACKS.md: without a proxy on one worker and on two, through it on two. That takes some thirteen minutes.
Each attack has a real `sabiscore serve` of its own, once with one worker and once with two. Exits with 1 where memory,
outage or latency of another client is out of the attack's bounds, or the service did not do as it must. That client
goes before all others on their cores where that is allowed (root), as if it had one of its own.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.abuse import clients, machine, page, reads
from benchmarks.abuse.measure import Attack, Row, measure

ATTACKS: tuple[Attack, ...] = (*clients.ATTACKS, *reads.ATTACKS, *machine.ATTACKS)
WIDTH = 160
BEHIND_THE_PROXY = 2
"""Workers, for the page: with one and with two it is the same proxy."""


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
@click.option("--write", is_flag=True, help="Attack without the proxy and through it, and write ATTACKS.md.")
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
    write: bool,
    markdown: bool,
) -> None:
    """Print the table of attacks."""
    if write and (only or workers or proxy):
        raise click.UsageError("--write takes all attacks, without the proxy and through it.")
    attacks = [each for each in ATTACKS if not only or each.name in only]
    rows = asyncio.run(_rows(attacks, workers, scale, proxy=proxy))
    _print(rows, markdown=markdown)
    if write:
        proxied = asyncio.run(_rows(attacks, (BEHIND_THE_PROXY,), scale, proxy=True))
        _print(proxied, markdown=markdown)
        page.ATTACKS.write_text(page.page(rows, proxied, scale), encoding="utf-8")
        rows += proxied
    if file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    short = [
        f"{row.attack}, {row.workers} workers: {', '.join(row.shortfalls)}" for row in rows if row.shortfalls
    ]
    if short:
        raise click.ClickException("\n".join(short))


async def _rows(attacks: Sequence[Attack], workers: Sequence[int], scale: float, *, proxy: bool) -> list[Row]:
    rows = []
    for attack in attacks:
        if proxy and not attack.behind_proxy:
            continue
        for number in attack.workers:
            if not workers or number in workers:
                row = await measure(attack, workers=number, scale=scale, proxy=proxy)
                click.echo(f"{row.attack}, {number}: {', '.join(row.shortfalls) or row.came_of_it}", err=True)
                rows.append(row)
    return rows


def _print(rows: Sequence[Row], *, markdown: bool) -> None:
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    first, *figures, last = page.COLUMNS
    table.add_column(first, no_wrap=True)
    for column in figures:
        table.add_column(column, justify="right")
    table.add_column(last)
    for row in rows:
        table.add_row(*page.cells(row))
    Console(width=WIDTH).print(table, page.looks(rows))


if __name__ == "__main__":
    main()
