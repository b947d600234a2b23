"""Many fixtures at once: files of them."""

from pathlib import Path

import click

from sabiscore.cli.options import BUNDLE, FILE, USUAL, forecaster_of


@click.command("score")
@click.option("--in", "given", type=FILE, required=True, help="Fixtures, a row each: .csv or .parquet.")
@click.option("--out", type=FILE, required=True, help="Where predictions go: .csv or .parquet.")
@click.option(
    "--bundle", type=BUNDLE, show_default=USUAL, help="Directory or packed file of the bundle to ask."
)
@click.option(
    "--strict", is_flag=True, help="End at the first row that cannot be predicted, and write nothing."
)
def score_command(given: Path, out: Path, bundle: Path | None, *, strict: bool) -> None:
    """Predict a file of fixtures, of any length.

    A row has kickoff_time (or date), league, home_team and away_team, as people write them, and perhaps odds_home,
    odds_draw and odds_away; fixtures.csv of football-data.co.uk will do. OUT has the same rows with all their columns,
    and what is said of each; `refused` says why nothing is, and then the exit status is 1. It is written whole or not
    at all.

    Example: sabiscore score --in fixtures.csv --out predictions.parquet
    """
    from sabiscore.bulk.score import score
    from sabiscore.data.rows import check_place
    from sabiscore.progress import bars

    check_place(out)
    with bars() as tell:
        scored = score(given, out, forecaster_of(bundle), tell, strict=strict)
    click.echo(f"{out}: {scored.fixtures - scored.refused:,} of {scored.fixtures:,} fixtures predicted")
    if scored.refused:
        click.echo(f"{scored.refused:,} refused; the first is {scored.first}", err=True)
        raise SystemExit(1)
