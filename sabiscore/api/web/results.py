"""Matches that were played, as pages list them: what the ratings of each morning say, beside what happened."""

import asyncio
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from sabiscore.api.listing import FixtureItem, in_short
from sabiscore.api.loaded import Loaded
from sabiscore.api.past import item_of
from sabiscore.api.web.rows import of_each
from sabiscore.api.web.seasons import fixture_of
from sabiscore.api.web.views import A_DAY, A_WEEK, Day, by_day
from sabiscore.domain import Fixture, League
from sabiscore.errors import KickoffOutOfRangeError
from sabiscore.languages.wording import Wording
from sabiscore.season.reader import Season
from sabiscore.season.schemas import SeasonMatch


async def results(loaded: Loaded, league: League | None, since: date | None, words: Wording) -> list[Day]:
    """Those of a league, or of all, by day.

    They are of the week from ``since``; without it of the last day that is known, and of a week before it.
    """
    if loaded.season is None:
        return []
    played = await asyncio.to_thread(_of_a_week, loaded.season, league, since)
    items = [item_of(match, loaded.sealed) for match in played]
    known = {place: fixture for place, match in enumerate(played) if (fixture := _known(loaded, match))}
    said = await loaded.service.answer_many([*known.values()])
    for place, answer in zip(known, said, strict=True):
        items[place] = replace(items[place], prediction=in_short(answer.body))
    return await asyncio.to_thread(_by_day, loaded, items, words)


def _known(loaded: Loaded, match: SeasonMatch) -> Fixture | None:
    """The match as a fixture; none of the first days, before which nothing is known of its league."""
    try:
        return fixture_of(loaded, match)
    except KickoffOutOfRangeError:
        return None


def _of_a_week(season: Season, league: League | None, since: date | None) -> Sequence[SeasonMatch]:
    if since is not None:
        return season.played(league, None, since, since + A_WEEK)
    last = season.last_day(league)
    return season.played(league, None, last - A_WEEK - A_DAY, last) if last else []


def _by_day(loaded: Loaded, items: Sequence[FixtureItem], words: Wording) -> list[Day]:
    codes = [each.code for each in loaded.service.leagues]
    return by_day(loaded, of_each(items, words.language, codes), words)
