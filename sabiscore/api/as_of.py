"""What is asked as of a day."""

from datetime import date, timedelta
from typing import TypeVar

from sabiscore.api.loaded import Loaded
from sabiscore.api.problems import NOT_FOUND, ProblemError, invalid
from sabiscore.api.schemas import OnQuery
from sabiscore.season.reader import Season

NO_MATCHES = "This bundle has no matches; `sabiscore update` makes one that has."
FURTHEST_AHEAD = timedelta(days=365)

T = TypeVar("T")


def checked(asked: OnQuery, loaded: Loaded) -> date | None:
    """The day that is meant, None for now; raises ProblemError: it is too far ahead."""
    on = asked.on or None
    if on and on > loaded.clock.now().date() + FURTHEST_AHEAD:
        raise invalid("$.on", "a day within a year from today")
    return on


def season_of(loaded: Loaded) -> Season:
    """The season of a bundle; raises ProblemError: it knows no match."""
    if loaded.season is None or not len(loaded.season.matches):
        raise ProblemError(NOT_FOUND, NO_MATCHES)
    return loaded.season


def known(found: T | None, name: str, on: date | None) -> T:
    """What is known of ``name``; raises ProblemError: nothing is."""
    if found is None:
        raise ProblemError(NOT_FOUND, f"No match of {name} is known{f' before {on}' if on else ''}.")
    return found
