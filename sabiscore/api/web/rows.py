"""Fixtures to come as pages list them: made once of each bundle, in every language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

import numpy as np
from markupsafe import Markup
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.api.listing import FixtureItem, Row
from sabiscore.api.web.look import look
from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES


class Group(Struct, frozen=True):
    """Fixtures of a league, by its code, on a day: where their rows begin and end."""

    day: date
    league: str
    start: int
    end: int


class Rows(Struct, frozen=True):
    """The ``text`` of each, by day and league.

    Text is ASCII ``[n]``, of which a page is made soonest, and which the workers of a machine have once together.
    """

    text: NDArray[np.uint8]
    groups: tuple[Group, ...]

    def of(self, group: Group) -> Markup:
        """Those of a group."""
        return Markup(str(self.text.data[group.start : group.end], "ascii"))  # noqa: S704 - ours


def rows_of(coming: Iterable[Row], leagues: Sequence[str]) -> Mapping[Language, Rows]:
    """By language; ``leagues`` are their codes in order."""
    heads = [row.head for row in coming]
    return {language: of_each(heads, language, leagues) for language in LANGUAGES}


def of_each(fixtures: Iterable[FixtureItem], language: Language, leagues: Sequence[str]) -> Rows:
    """A row of each, in a language."""

    def place(fixture: FixtureItem) -> tuple[date, int]:
        return fixture.date or date.min, leagues.index(fixture.league.code)

    texts, groups, end = [], [], 0
    for (day, number), some in groupby(sorted(fixtures, key=place), place):
        text = "".join(map(look(language).row, some)).encode("ascii", "xmlcharrefreplace")
        groups.append(Group(day, leagues[number], end, end + len(text)))
        texts.append(text)
        end += len(text)
    return Rows(np.frombuffer(b"".join(texts), np.uint8), tuple(groups))
