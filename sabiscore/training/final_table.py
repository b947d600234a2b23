"""How a league's last season ended: who finished in its relegation places."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ranking import order, tally
from sabiscore.data.rules import USUAL, Criterion, Rules
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
    frame = frame.select("league", "season", "home", "away", "home_goals", "away_goals")
    frame = frame.filter(pl.col("season") == pl.col("season").max().over("league"))
    for league in catalogue.leagues:
        last = frame.filter(pl.col("league") == league.code)
        if last.is_empty():
            continue
        season: int = last["season"][0]
        results = last.select("home", "away", "home_goals", "away_goals").rows()
        rules = catalogue.rules(league.code, season)
        if _whole(results, rules):
            found[league.code] = _last_season(season, results, rules)
    return found


def final_table(results: Iterable[Result], ranking: Sequence[Criterion] = USUAL) -> list[str]:
    """The clubs from first to last: by points, then as the league ranks clubs that have as many."""
    results = list(results)
    clubs = sorted({club for result in results for club in result[:2]})
    number = {club: index for index, club in enumerate(clubs)}
    home, away = np.array([[number[club] for club in result[:2]] for result in results]).T
    goals = np.array([result[2:] for result in results]).T
    return [clubs[k] for k in order(tally(len(clubs), home, away, goals[..., None]), ranking)[:, 0]]


def _whole(results: list[Result], rules: Rules) -> bool:
    """Whether everybody has played as often as the rules tell."""
    played = Counter(club for result in results for club in result[:2])
    return len(played) == rules.clubs and set(played.values()) == {rules.rounds}


def _last_season(season: int, results: list[Result], rules: Rules) -> LastSeason:
    table = final_table(results, rules.ranking)
    below = {club: place for place, club in enumerate(table, 1) if place > rules.safe}
    return LastSeason(season=season, clubs=len(table), play_off=rules.relegation_play_off, relegated=below)
