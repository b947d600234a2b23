"""What options of several commands take, and what several commands begin with."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec

from sabiscore.domain import Language

if TYPE_CHECKING:
    from sabiscore.data.pull import PullReport
    from sabiscore.forecaster import Forecaster
    from sabiscore.server.ready import Ready
    from sabiscore.settings import Settings
    from sabiscore.update.place import Place

DATE = click.DateTime(["%Y-%m-%d"])
DIRECTORY = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
BUNDLE = click.Path(path_type=Path)
"""A directory, or a packed file."""

DATA = click.option(
    "--data", type=DIRECTORY, show_default="SABISCORE_DATA", help="Directory of match files and bundles."
)

USUAL = "the shipped one"

SERVED = click.option(
    "--bundle",
    metavar="PATH|URL",
    show_default="the one that `serve` would serve",
    help="Directory or packed file of the bundle to read, or the address of a packed one.",
)
LANG = click.option(
    "--lang",
    type=click.Choice(get_args(Language)),
    default="en",
    show_default=True,
    help="Language of what is said to people.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

OTHER_SOURCES = {
    "xg": "Expected goals, a match a row (CSV; layouts in sabiscore/data/README.md).",
    "closing": "Odds at kick-off, a match a row (CSV).",
    "other_matches": "Dates of matches in other competitions, a club a row (CSV).",
    "fivethirtyeight": "FiveThirtyEight's forecasts, a match a row (CSV).",
}
"""Files that may stand beside the season files, by their names in `sources.Sources`."""


def other_sources(command: Callable[..., None]) -> Callable[..., None]:
    """Options for the files of other sources, which the command gets together as ``sources``."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:  # noqa: ANN401 - whatever the command takes
        sources = {name: given.pop(name) for name in OTHER_SOURCES}
        command(**given, sources=sources)

    for name, what in reversed(OTHER_SOURCES.items()):
        wrapped = click.option(f"--{name.replace('_', '-')}", type=FILE, help=what)(wrapped)
    return wrapped


def forecaster_of(directory: Path | None) -> "Forecaster":
    """The shipped bundle at work, or one from elsewhere once it has been tried."""
    from sabiscore.models import lean

    lean.import_catboost()
    from sabiscore.forecaster import Forecaster
    from sabiscore.trial import read_tried

    return Forecaster.load() if directory is None else Forecaster.from_bundle(read_tried(directory))


def with_bundle(settings: "Settings", bundle: str | None) -> "Settings":
    """The settings with the bundle that a command was given, if it was."""
    from sabiscore.settings import is_address

    if bundle is None:
        return settings
    located = bundle if is_address(bundle) else str(Path(bundle).resolve())
    return msgspec.structs.replace(settings, bundle=located)


def ready_of(bundle: str | None) -> "Ready":
    """What `serve` would answer from, with the bundle that is named or the one of the settings.

    Raises:
        BundleError: it must not be served.
    """
    from sabiscore import settings
    from sabiscore.errors import BundleError
    from sabiscore.models import lean

    lean.import_catboost()
    from sabiscore.server.ready import Ready
    from sabiscore.server.source import Source

    source = Source(with_bundle(settings.load(), bundle))
    try:
        return Ready.of(source.read())
    except BundleError as error:
        return Ready.of(source.instead(error))


def place_of(data: Path | None, chosen: "Settings | None" = None) -> "Place":
    """The data directory that ``--data`` names, or the settings do; those that were ``chosen`` are not read again."""
    from sabiscore import settings
    from sabiscore.update.place import Place

    return Place(data.absolute() if data else settings.data_directory(chosen or settings.load()))


def place_there(data: Path | None) -> "Place":
    """The same, for commands that make nothing of one that is not there.

    Raises:
        DataError: it is not there.
    """
    from sabiscore.errors import DataError

    place = place_of(data)
    if not place.directory.is_dir():
        raise DataError(place.directory, 0, "is not there: `sabiscore update` makes a data directory")
    return place


def pulled(into: Path, leagues: Sequence[str], since: str, base_url: str | None) -> "PullReport":
    """Pull season files, of all leagues where none is named; says on standard error which are refused.

    Raises:
        DataError: see `sabiscore.data.pull.pull`.
    """
    import asyncio

    from sabiscore.data import newcomers
    from sabiscore.data.pull import BASE_URL, pull
    from sabiscore.progress import bars, counted

    known = newcomers.read(into)
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
    return report
