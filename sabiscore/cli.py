"""The commands.

Each command imports what it needs when it runs, so that `--help` does not wait for CatBoost.
"""

import asyncio
import functools
import gc
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import msgspec

from sabiscore.domain import LAST_MINUTE, MOST_GOALS
from sabiscore.errors import SabiScoreError

if TYPE_CHECKING:
    import polars as pl

    from sabiscore.features import Parameters
    from sabiscore.forecaster import Forecaster
    from sabiscore.service import PredictionService

DATE = click.DateTime(["%Y-%m-%d"])
DIRECTORY = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
USUAL = "the shipped one"
STATE = (click.IntRange(0, LAST_MINUTE), click.IntRange(0, MOST_GOALS), click.IntRange(0, MOST_GOALS))

OTHER_SOURCES = {
    "xg": "Expected goals, a match a row (CSV; layouts in sabiscore/data/README.md).",
    "closing": "Odds at kick-off, a match a row (CSV).",
    "other_matches": "Dates of matches in other competitions, a club a row (CSV).",
    "fivethirtyeight": "FiveThirtyEight's forecasts, a match a row (CSV).",
}
"""Files that may stand beside the season files, by their names in `sources.Sources`."""


class _Commands(click.Group):
    """Says what went wrong in one line; a traceback is for faults of ours."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except SabiScoreError as error:
            raise click.ClickException(str(error)) from error


def other_sources(command: Callable[..., None]) -> Callable[..., None]:
    """Options for the files of other sources, which the command gets together as ``sources``."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:  # noqa: ANN401 - whatever the command takes
        sources = {name: given.pop(name) for name in OTHER_SOURCES}
        command(**given, sources=sources)

    for name, what in reversed(OTHER_SOURCES.items()):
        wrapped = click.option(f"--{name.replace('_', '-')}", type=FILE, help=what)(wrapped)
    return wrapped


@click.group(cls=_Commands)
@click.version_option(package_name="sabiscore")
def main() -> None:
    """Honest football probabilities, calibrated and explained."""


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 for any that is free.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes; one that dies or does not react is replaced, with the bundle that it had.",
)
@click.option("--bundle", type=DIRECTORY, show_default=USUAL, help="Directory of the bundle to serve.")
def serve_command(host: str, port: int, workers: int, bundle: Path | None) -> None:
    """Serve predictions over HTTP, with an embedded Valkey unless SABISCORE_VALKEY_URL is set.

    Says one line on standard output when it is ready. SIGTERM or Ctrl-C ends it after the requests in flight (15
    seconds at most). SIGHUP loads the bundle again: it is tried in a process of its own, then each worker goes when its
    successor is ready. If the bundle is refused or a new worker fails, the old workers serve on; the log says why, and
    `last_reload_successful` is 0.
    """
    gc.disable()  # of what is imported now nothing is garbage
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy makes threads at its import; a fork would lose them
    from sabiscore import settings
    from sabiscore.server.serve import serve

    chosen = settings.load()
    if bundle is not None:
        chosen = msgspec.structs.replace(chosen, bundle=str(bundle.resolve()))
    serve(chosen, host=host, port=port, workers=workers)


@main.command("predict")
@click.argument("home")
@click.argument("away")
@click.option("--league", required=True, help="Its name or code: 'Premier League', EPL, E0.")
@click.option("--kickoff", required=True, help="RFC 3339 with an offset: 2025-08-30T16:30:00Z.")
@click.option("--odds", nargs=3, type=float, help="Decimal odds on home, draw and away.")
@click.option(
    "--in-play", type=STATE, help="Minute, home goals and away goals of a match that is being played."
)
@click.option("--bundle", type=DIRECTORY, show_default=USUAL, help="Directory of the bundle to ask.")
def predict_command(
    home: str,
    away: str,
    *,
    league: str,
    kickoff: str,
    odds: tuple[float, float, float] | None,
    in_play: tuple[int, int, int] | None,
    bundle: Path | None,
) -> None:
    """Predict one fixture and print the answer's JSON, without a server."""
    from sabiscore.domain import InPlay, Odds, SideCounts

    service = _service(bundle)
    fixture = service.resolve(
        home_team=home,
        away_team=away,
        league=league,
        kickoff_time=_instant(kickoff),
        odds=Odds(*odds) if odds else None,
    )
    state = InPlay(in_play[0], SideCounts(*in_play[1:])) if in_play else None
    body = asyncio.run(service.answer(fixture, in_play=state)).body
    click.echo(msgspec.json.format(body, indent=2).decode())


@main.command("pull")
@click.option("--into", required=True, type=DIRECTORY, help="Directory of season files; made if missing.")
@click.option(
    "--league", "leagues", multiple=True, show_default="all", help="A league's code or name; may be repeated."
)
@click.option("--from", "since", default="9394", show_default=True, help="First season: 9394 for 1993/94.")
@click.option("--base-url", show_default="football-data.co.uk's", help="Where season files are.")
def pull_command(into: Path, leagues: tuple[str, ...], since: str, base_url: str | None) -> None:
    """Download match files, as football-data.co.uk has them.

    Unchanged files are not fetched again. A file that does not parse, or has fewer matches than before, is refused,
    and the old one stays (exit status 1).
    """
    from sabiscore.data import catalogue
    from sabiscore.data.pull import BASE_URL, pull
    from sabiscore.progress import bars, counted

    known = catalogue.load()
    with bars() as tell:
        step = counted(tell, "pulling")
        report = asyncio.run(
            pull(
                into,
                catalogue=known,
                leagues=[known.league(name) for name in leagues] or None,
                since=since,
                base_url=base_url or BASE_URL,
                on_file=lambda _, total: step(total),
            )
        )
    for file in report.refused:
        click.echo(f"refused {file.name}: {file.reason}", err=True)
    click.echo(", ".join(f"{count} {status}" for status, count in sorted(report.counts.items())))
    if report.refused:
        raise SystemExit(1)


@main.command("train")
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


@main.command("evaluate")
@click.option("--bundle", type=DIRECTORY, show_default=USUAL, help="Directory of the bundle to score.")
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
    """
    from sabiscore.evaluation.evaluate import evaluate, walk
    from sabiscore.evaluation.predictions import check_place, write_predictions
    from sabiscore.evaluation.tables import print_evaluation
    from sabiscore.progress import bars

    if predictions is not None:
        check_place(predictions)
    with bars() as tell:
        tell("reading matches", 0, 1)
        frame = _matches(data, sources)
        tell("reading matches", 1, 1)
        tell("scoring", 0, 1)
        forecaster = _forecaster(bundle)
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
        print_evaluation(evaluation)


@main.command("backtest")
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
@other_sources
def backtest_command(
    data: Path,
    seasons: str,
    league_names: str,
    html: Path | None,
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
    """
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
    )


@main.command("bundle")
@click.argument("directory", type=DIRECTORY, required=False)
def bundle_command(directory: Path | None) -> None:
    """Verify a bundle (by default the one that ships) and print its card.

    One from elsewhere, here or as `--bundle`, is tried first in a process of its own: it must answer fixtures of every
    club, and its golden fixtures as it did when it was made. One that crashes that process, keeps it for a minute or
    takes too much memory is refused, as is one with anything but regular files, more than 64 MiB, or a number that
    cannot be right.
    """
    card = _forecaster(directory).card
    click.echo(msgspec.json.format(msgspec.json.encode(card), indent=2))


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

    from sabiscore.data import catalogue
    from sabiscore.data.parse import read_matches
    from sabiscore.data.prices import refused_books
    from sabiscore.data.sources import Sources, join_sources

    known = catalogue.load()
    joined = join_sources(read_matches(directory, known), Sources(**sources), known)
    said = [
        f"{len(joined.frame):,} matches",
        f"{refused_books(joined.frame)} sets of impossible odds left out",
    ]
    said += [f"{rows:,} rows of {sources[name]} left out" for name, rows in joined.left_out.items()]
    click.echo("; ".join(said), err=True)
    return joined.frame if until is None else joined.frame.filter(pl.col("date") < until)


def _service(bundle: Path | None) -> "PredictionService":
    from sabiscore.service import PredictionService

    return PredictionService(_forecaster(bundle))


def _forecaster(directory: Path | None) -> "Forecaster":
    """The shipped bundle at work, or one from elsewhere once it has been tried."""
    from sabiscore.forecaster import Forecaster
    from sabiscore.trial import read_tried

    return Forecaster.load() if directory is None else Forecaster.from_bundle(read_tried(directory))


def _years(text: str) -> list[int]:
    """Raises click.BadParameter unless ``text`` is years with commas between them, or nothing."""
    try:
        return [int(year) for year in text.split(",") if year.strip()]
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: give years such as 2023,2024", param_hint="--seasons") from error


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _instant(text: str) -> datetime:
    """Raises click.BadParameter unless ``text`` is RFC 3339 with an offset."""
    try:
        moment: datetime = msgspec.convert(text, Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError as error:
        raise click.BadParameter(f"{text!r}: {error}", param_hint="--kickoff") from error
    return moment
