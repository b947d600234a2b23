"""How a league's last season ended: who finished in its relegation places."""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.rules import Rules
from sabiscore.models.bundles import LastSeason

Result: TypeAlias = tuple[str, str, int, int]
"""Home, away, and the goals of each."""


def last_seasons(frame: pl.DataFrame, catalogue: Catalogue) -> dict[str, LastSeason]:
    """The end of the last season of each league of a canonical frame, where all its matches are known.

    Nothing is said of a season whose clubs did not play as many matches as its rules tell: it is not over, was broken
    off, or ended in groups of unequal length. Points that were deducted and play-offs are in no match file: a table
    that they changed is another one.
    """
    found = {}
    for league in catalogue.leagues:
        of_league = frame.filter(pl.col("league") == league.code)
        seasons: list[int] = of_league["season"].unique().sort().to_list()
        if not seasons:
            continue
        last = of_league.filter(pl.col("season") == seasons[-1])
        results = last.select("home", "away", "home_goals", "away_goals").rows()
        rules = catalogue.rules(league.code, seasons[-1])
        if _whole(results, rules):
            found[league.code] = _last_season(seasons[-1], results, rules)
    return found


def final_table(results: Iterable[Result], *, head_to_head: bool) -> list[str]:
    """The clubs from first to last: by points, then goal difference, then goals.

    Where ``head_to_head``, clubs with as many points are ranked by the matches between them before that.
    """
    results = list(results)
    records = _records(results)
    between = dict.fromkeys(records, (0, 0, 0))
    if head_to_head:
        for points in {points for points, _, _ in records.values()}:
            level = {club for club, record in records.items() if record[0] == points}
            between |= _records([result for result in results if level.issuperset(result[:2])])
    return sorted(
        records, key=lambda club: (records[club][0], between[club][:2], records[club][1:]), reverse=True
    )


def _whole(results: list[Result], rules: Rules) -> bool:
    """Whether everybody has played as often as the rules tell."""
    played = Counter(club for result in results for club in result[:2])
    return len(played) == rules.clubs and set(played.values()) == {rules.rounds}


def _last_season(season: int, results: list[Result], rules: Rules) -> LastSeason:
    table = final_table(results, head_to_head=rules.head_to_head)
    below = {club: place for place, club in enumerate(table, 1) if place > rules.safe}
    return LastSeason(season=season, clubs=len(table), play_off=rules.relegation_play_off, relegated=below)


def _records(results: Iterable[Result]) -> dict[str, tuple[int, int, int]]:
    """Points, goal difference and goals of each club."""
    records: dict[str, tuple[int, int, int]] = {}
    for home, away, scored, conceded in results:
        for club, ours, theirs in ((home, scored, conceded), (away, conceded, scored)):
            points, difference, goals = records.get(club, (0, 0, 0))
            won = 3 if ours > theirs else int(ours == theirs)
            records[club] = points + won, difference + ours - theirs, goals + ours
    return records
