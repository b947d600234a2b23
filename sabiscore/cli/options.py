"""What options of several commands take, and what several commands begin with."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sabiscore.forecaster import Forecaster

DATE = click.DateTime(["%Y-%m-%d"])
DIRECTORY = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
BUNDLE = click.Path(path_type=Path)
"""A directory, or a packed file."""

USUAL = "the shipped one"

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
    from sabiscore.forecaster import Forecaster
    from sabiscore.trial import read_tried

    return Forecaster.load() if directory is None else Forecaster.from_bundle(read_tried(directory))
