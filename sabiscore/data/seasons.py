"""Seasons as the match files label them: "9394", "9900", "2425"."""

from datetime import date

from sabiscore.domain import season_start

FIRST = "9394"
"""The first that football-data.co.uk has."""

_LABEL_LENGTH = 4
_FIRST_YEAR = 93  # of football-data.co.uk: smaller numbers belong to this century


def start_of(label: str) -> int:
    """The year that the season ``label`` starts in: 1993 for "9394", 2024 for "2425".

    Raises:
        ValueError: not two years in a row.
    """
    if len(label) != _LABEL_LENGTH or not (label.isascii() and label.isdigit()):
        raise ValueError(f"{label!r} is not a season such as 2425")
    first, second = int(label[:2]), int(label[2:])
    if second != (first + 1) % 100:
        raise ValueError(f"{label!r} is not a season such as 2425: {second:02} does not follow {first:02}")
    return first + (1900 if first >= _FIRST_YEAR else 2000)


def label_of(start: int) -> str:
    """The label of the season that starts in the year ``start``."""
    return f"{start % 100:02}{(start + 1) % 100:02}"


def name_of(start: int) -> str:
    """The season that starts in the year ``start`` as people write it: 2024/25 for 2024."""
    return f"{start}/{label_of(start)[2:]}"


def season_at(day: date) -> int:
    """The start year of the season that ``day`` belongs to, or that comes next in summer."""
    return day.year if day >= season_start(day.year) else day.year - 1


def days_of(start: int) -> tuple[date, date]:
    """The first and last day that a file of the season may have a match on: generous, for 2020."""
    return date(start, 7, 1), date(start + 1, 8, 31)
