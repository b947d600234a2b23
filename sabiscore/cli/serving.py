"""Serve, and predict without a server."""

import gc
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import click
import msgspec

from sabiscore.cli.completion import clubs, leagues
from sabiscore.cli.options import BUNDLE, LANG, USUAL, forecaster_of, with_bundle
from sabiscore.domain import LAST_MINUTE, MOST_GOALS, Language

STATE = (click.IntRange(0, LAST_MINUTE), click.IntRange(0, MOST_GOALS), click.IntRange(0, MOST_GOALS))


@click.command("serve")
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
@click.option(
    "--bundle",
    metavar="PATH|URL",
    show_default=USUAL,
    help="Directory or packed file of the bundle to serve, or the address of a packed one.",
)
@click.option(
    "--update-every",
    show_default="never",
    help="How often to update in a process beside the workers: 6h, 30m.",
)
def serve_command(host: str, port: int, workers: int, bundle: str | None, update_every: str | None) -> None:
    """Serve predictions over HTTP, with an embedded Valkey unless SABISCORE_VALKEY_URL is set.

    Says one line on standard output when it is ready; on a terminal also its bundle, how old its data are, its cache.
    SIGTERM or Ctrl-C ends it after the requests in flight (15 seconds at most). SIGHUP loads the bundle again: it is
    tried in a process of its own, then each worker goes when its successor is ready. If the bundle is refused or a new
    worker fails, the old workers serve on; the log says why, and `last_reload_successful` is 0. Without --bundle, what
    `update` publishes is taken up at once, without a new worker; with an address, what comes to be there.
    With --update-every it updates by itself, at its start first; what fails is logged, and the service serves on.

    Example: sabiscore serve --workers 2 --update-every 6h
    """
    gc.disable()  # of what is imported now nothing is garbage
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy makes threads at its import; a fork would lose them
    from sabiscore import settings
    from sabiscore.models import lean

    lean.import_catboost()
    from sabiscore.server.serve import serve

    given = {} if update_every is None else {settings.variable("update_every"): update_every}
    chosen = with_bundle(settings.load({**os.environ, **given}), bundle)
    serve(chosen, host=host, port=port, workers=workers)
    for told in (signal.SIGTERM, signal.SIGINT):
        # as it ends, Python takes handlers away, and one more signal would kill it
        signal.signal(told, signal.SIG_IGN)


@click.command("predict")
@click.argument("home", shell_complete=clubs)
@click.argument("away", shell_complete=clubs)
@click.option(
    "--league",
    shell_complete=leagues,
    show_default="where both clubs play",
    help="Its name or code: 'Premier League', EPL, E0.",
)
@click.option("--kickoff", show_default="tomorrow", help="RFC 3339 with an offset: 2025-08-30T16:30:00Z.")
@click.option("--odds", nargs=3, type=float, help="Decimal odds on home, draw and away.")
@click.option(
    "--in-play", type=STATE, help="Minute, home goals and away goals of a match that is being played."
)
@click.option("--neutral", is_flag=True, help="On neutral ground: nobody plays at home.")
@click.option("--adjust", nargs=2, type=float, help="Goals added to those expected of each side: -0.2 0.")
@click.option(
    "--bundle", type=BUNDLE, show_default=USUAL, help="Directory or packed file of the bundle to ask."
)
@LANG
@click.option(
    "--json/--text",
    "as_json",
    default=None,
    show_default="text on a terminal, else JSON",
    help="Print JSON, or with --text draw the answer for a person.",
)
def predict_command(
    home: str,
    away: str,
    *,
    league: str | None,
    kickoff: str | None,
    odds: tuple[float, float, float] | None,
    in_play: tuple[int, int, int] | None,
    neutral: bool,
    adjust: tuple[float, float] | None,
    bundle: Path | None,
    lang: Language,
    as_json: bool | None,
) -> None:
    """Predict one fixture without a server: drawn on a terminal, elsewhere the answer's JSON.

    Colours are left out where NO_COLOR is set.

    Names may be aliases. Without --league it is that in which both clubs played last. With --lang its reasons are in
    that language.

    Example: sabiscore predict Arsenal Chelsea --kickoff 2025-08-30T16:30:00Z
    """
    import asyncio

    from sabiscore.clock import CLOCK
    from sabiscore.domain import GoalAdjustment, InPlay, Odds, SideCounts
    from sabiscore.service import PredictionService

    service = PredictionService(forecaster_of(bundle))
    fixture = service.resolve(
        home_team=home,
        away_team=away,
        league=league or service.league_of(home, away).code,
        kickoff_time=_instant(kickoff) if kickoff else CLOCK.now() + timedelta(days=1),
        odds=Odds(*odds) if odds else None,
        neutral=neutral,
        adjust=GoalAdjustment(*adjust) if adjust else None,
    )
    state = InPlay(in_play[0], SideCounts(*in_play[1:])) if in_play else None
    body = asyncio.run(service.answer(fixture, in_play=state, language=lang)).body
    if as_json or (as_json is None and not sys.stdout.isatty()):
        click.echo(msgspec.json.format(body, indent=2).decode())
    else:
        _draw(body, in_play=state is not None)


def _draw(body: bytes, *, in_play: bool) -> None:
    from sabiscore.cli.drawing import draw_in_play, draw_prediction
    from sabiscore.domain import InPlayPrediction, Prediction

    if in_play:
        draw_in_play(msgspec.json.decode(body, type=InPlayPrediction))
    else:
        draw_prediction(msgspec.json.decode(body, type=Prediction))


def _instant(text: str) -> datetime:
    """Raises click.BadParameter unless ``text`` is RFC 3339 with an offset."""
    try:
        moment: datetime = msgspec.convert(text, Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError as error:
        wanted = "RFC 3339 with an offset, as 2025-08-30T16:30:00Z"
        raise click.BadParameter(f"{text!r} is not {wanted}", param_hint="--kickoff") from error
    return moment
