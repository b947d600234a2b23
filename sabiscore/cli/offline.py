"""What is done with match files: pull, train, evaluate, backtest."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sabiscore.cli.options import BUNDLE, DATE, DIRECTORY, FILE, USUAL, forecaster_of, other_sources, pulled

if TYPE_CHECKING:
    import polars as pl

    from sabiscore.features import Parameters


@click.command("pull")
@click.option("--into", required=True, type=DIRECTORY, help="Directory of season files; made if missing.")
@click.option(
    "--league", "leagues", multiple=True, show_default="all", help="A league's code or name; may be repeated."
)
@click.option("--from", "since", default="9394", show_default=True, help="First season: 9394 for 1993/94.")
@click.option("--base-url", show_default="football-data.co.uk's", help="Where season files are.")
def pull_command(into: Path, leagues: tuple[str, ...], since: str, base_url: str | None) -> None:
    """Download match files, as football-data.co.uk has them.

    The list of fixtures to come, fixtures.csv, is among them. Unchanged files are not fetched again. A file that does
    not parse, or has fewer matches than before, is refused, and the old one stays (exit status 1).

    Example: sabiscore pull --into matches --league EPL --from 2324
    """
    report = pulled(into, leagues, since, base_url)
    click.echo(", ".join(f"{count} {status}" for status, count in sorted(report.counts.items())))
    if report.refused:
        raise SystemExit(1)


@click.command("train")
@click.option("--data", required=True, type=DIRECTORY, help="Directory of season files, as `pull` makes it.")
@click.option(
    "--out", required=True, type=DIRECTORY, help="Where the bundle goes; an older bundle is replaced."
)
@click.option("--until", type=DATE, help="Train on matches before this date only (YYYY-MM-DD).")
@click.option("--seed", default=2025, show_default=True, help="Seed of the trees.")
@click.option("--tune", is_flag=True, help="First search for better parameters of the ratings.")
@click.option(
    "--trials",
    default=120,
    show_default=True,
    type=click.IntRange(1),
    help="Trials the search has in all, earlier ones included.",
)
@other_sources
def train_command(
    data: Path,
    out: Path,
    until: datetime | None,
    seed: int,
    *,
    tune: bool,
    trials: int,
    sources: Mapping[str, Path | None],
) -> None:
    """Train a bundle on match files.

    The same data, seed and library versions give the same bytes. With --tune better parameters of the ratings are
    searched on the closing odds of 2014/15 to 2021/22, and used only if they are closer to those of 2022/23 too. The
    search is kept beside the bundle, in OUT.tuning, and a later one goes on with it.

    Example: sabiscore train --data matches --out candidate
    """
    from sabiscore.progress import bars, counted
    from sabiscore.training.train import train
    from sabiscore.training.walk_forward import Plan

    plan = Plan(seed=seed)
    frame = _matches(data, sources, _date(until))
    if tune:
        plan = msgspec.structs.replace(plan, features=_tuned(frame, out, trials))
    with bars() as tell:
        step = counted(tell, "training")
        digest = train(frame, out, plan, lambda: step(plan.steps))
    click.echo(f"{out}: bundle {digest}")


@click.command("evaluate")
@click.option(
    "--bundle", type=BUNDLE, show_default=USUAL, help="Directory or packed file of the bundle to score."
)
@click.option("--data", required=True, type=DIRECTORY, help="Directory of season files, as `pull` makes it.")
@click.option(
    "--from", "since", type=DATE, show_default="the first match", help="First day to score (YYYY-MM-DD)."
)
@click.option("--until", type=DATE, help="Score matches before this date only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--predictions",
    type=FILE,
    help="Also write a row for every match to this file, .csv or .parquet.",
)
@other_sources
def evaluate_command(
    bundle: Path | None,
    data: Path,
    since: datetime | None,
    until: datetime | None,
    predictions: Path | None,
    *,
    as_json: bool,
    sources: Mapping[str, Path | None],
) -> None:
    """Score a bundle on matches of the leagues that it knows, beside base rates and the market.

    Its clubs' state is brought up to date after each match day; the model stays as it is. A row of --predictions has
    date, league, clubs, probabilities of home, draw, away and of more than 2.5 goals, those of the market before the
    match and at kick-off, and the result.

    Example: sabiscore evaluate --data matches --from 2025-03-01
    """
    from sabiscore.cli.drawing import standard_output
    from sabiscore.data.rows import check_place
    from sabiscore.evaluation.evaluate import evaluate, walk
    from sabiscore.evaluation.predictions import write_predictions
    from sabiscore.evaluation.tables import print_evaluation
    from sabiscore.progress import bars

    if predictions is not None:
        check_place(predictions)
    with bars() as tell:
        tell("reading matches", 0, 1)
        frame = _matches(data, sources)
        tell("reading matches", 1, 1)
        tell("scoring", 0, 1)
        forecaster = forecaster_of(bundle)
        known = [code for code in frame["league"].unique() if forecaster.rows.has_league(code)]
        frame = frame.filter(frame["league"].is_in(known))
        walked = walk(forecaster, frame, _date(since), _date(until))
        if predictions is not None:
            write_predictions(predictions, walked)
        evaluation = evaluate(forecaster, walked)
        tell("scoring", 1, 1)
    if as_json:
        click.echo(msgspec.json.encode(evaluation))
    else:
        print_evaluation(evaluation, standard_output())


@click.command("backtest")
@click.option("--data", required=True, type=DIRECTORY, help="Directory of season files, as `pull` makes it.")
@click.option(
    "--seasons",
    default="",
    show_default="the last two with odds",
    help="Seasons to test: 2023,2024 for 2023/24 and 2024/25.",
)
@click.option(
    "--leagues",
    "league_names",
    default="",
    show_default="the five big, beside second divisions and others",
    help="Leagues to look at, pooled: E0,SP1; the model learns from all.",
)
@click.option("--ablations", "with_ablations", is_flag=True, help="Also test the model with parts left out.")
@click.option("--quick", is_flag=True, help="Leave Dixon-Coles out, which takes most of the time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print tables as Markdown.")
@click.option("--html", type=FILE, help="Also write a page with pictures to this file; it needs no other.")
@click.option(
    "--months", type=FILE, help="Also write the RPS of each month to this file, as /record has it (JSON)."
)
@other_sources
def backtest_command(
    data: Path,
    seasons: str,
    league_names: str,
    html: Path | None,
    months: Path | None,
    *,
    with_ablations: bool,
    quick: bool,
    as_json: bool,
    as_markdown: bool,
    sources: Mapping[str, Path | None],
) -> None:
    """Retrain season by season and score the model beside base rates, Elo, Dixon-Coles and the market.

    Each season is predicted by a model that is trained on the seasons before it. Says by how much ours is behind the
    market, by results and by the closing line, in all and by season, league, round, month and for clubs that come up.
    Compares and draws with penaltyblog and matplotlib: a checkout has them, elsewhere they are to be installed.

    Example: sabiscore backtest --data matches --leagues E0 --quick
    """
    from sabiscore.cli.drawing import standard_output
    from sabiscore.data import catalogue
    from sabiscore.evaluation.ablations import ABLATIONS
    from sabiscore.evaluation.command import command
    from sabiscore.evaluation.rivals import Company
    from sabiscore.evaluation.season import forecast_season

    known = catalogue.load()
    command(
        _matches(data, sources),
        forecast_season,
        seasons=_years(seasons),
        leagues=[known.league(name.strip()).code for name in league_names.split(",") if name.strip()],
        ablations=ABLATIONS if with_ablations else {},
        company=Company(dixon_coles=() if quick else None),
        as_json=as_json,
        as_markdown=as_markdown,
        html=html,
        months=months,
        console=standard_output(),
    )


def _tuned(frame: "pl.DataFrame", out: Path, trials: int) -> "Parameters":
    """Search beside the bundle, in a journal that a later search goes on with."""
    from sabiscore.features import Parameters
    from sabiscore.progress import bars
    from sabiscore.training.tune import RANGES, closing_error, tune

    with bars() as tell:
        tuned = tune(
            frame,
            closing_error,
            Parameters(),
            out.with_name(f"{out.name}.tuning"),
            trials,
            progress=lambda done: tell("tuning", done, trials),
            ranges=RANGES,
        )
    verdict = "adopted" if tuned.is_adopted else "not adopted"
    click.echo(
        f"tuning: squared error to the closing line {tuned.before:.5f} to {tuned.after:.5f}, on the season held out "
        f"{tuned.held_out_before:.5f} to {tuned.held_out_after:.5f}; {verdict}"
    )
    return tuned.adopted


def _matches(
    directory: Path, sources: Mapping[str, Path | None], until: date | None = None
) -> "pl.DataFrame":
    """The matches of season files with what other sources know of them; says on standard error what was left out."""
    import polars as pl

    from sabiscore.data import newcomers
    from sabiscore.data.parse import read_matches
    from sabiscore.data.prices import refused_books
    from sabiscore.data.sources import Sources, join_sources

    known = newcomers.read(directory)
    joined = join_sources(read_matches(directory, known), Sources(**sources), known)
    said = [
        f"{len(joined.frame):,} matches",
        f"{refused_books(joined.frame)} sets of impossible odds left out",
    ]
    said += [f"{rows:,} rows of {sources[name]} left out" for name, rows in joined.left_out.items()]
    click.echo("; ".join(said), err=True)
    return joined.frame if until is None else joined.frame.filter(pl.col("date") < until)


def _years(text: str) -> list[int]:
    """Raises click.BadParameter unless ``text`` is years with commas between them, or nothing."""
    try:
        return [int(year) for year in text.split(",") if year.strip()]
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: give years such as 2023,2024", param_hint="--seasons") from error


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
