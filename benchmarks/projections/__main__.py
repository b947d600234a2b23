"""What projected tables are worth, against today's table and base rates.

    uv run python -m benchmarks.projections --data DIR [--seasons 10] [--simulations 2000] [--out FILE] [--speed]

Each of the last seasons of the five big leagues is projected as it stood after 0, 10, 20 and 30 match days, by a model
fitted on the seasons before; what came of it is scored. Takes some minutes on one core. `--speed` needs no data: it
tells how long the five take to project as they begin, and how long the reader of the shipped bundle takes.
"""

from pathlib import Path

import click

from benchmarks.projections.report import page
from benchmarks.projections.seasons import said
from benchmarks.projections.speed import taken
from sabiscore.data import catalogue
from sabiscore.data.parse import read_matches


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Season files.")
@click.option(
    "--seasons", default=10, show_default=True, type=click.IntRange(1, 10), help="The last so many."
)
@click.option("--simulations", default=2_000, show_default=True, type=click.IntRange(100))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the page there, too.")
@click.option("--speed", is_flag=True, help="How long it takes, instead of what it is worth.")
def main(data: Path | None, seasons: int, simulations: int, out: Path | None, *, speed: bool) -> None:
    """Print the page of figures."""
    if speed:
        click.echo(taken())
        return
    if data is None:
        raise click.UsageError("--data DIR has the season files: sabiscore pull --into DIR")
    known = catalogue.load()
    frame = read_matches(data, known)
    last = int(frame["season"].max() or 0)  # type: ignore[arg-type]
    found = list(
        said(
            frame,
            known,
            range(last + 1 - seasons, last + 1),
            simulations,
            lambda what: click.echo(what, err=True),
        )
    )
    text = page(found, simulations)
    if out:
        out.write_text(text)
    click.echo(text)


if __name__ == "__main__":
    main()
