"""The table of a league: points, goals, and who is above whom by the league's own rule."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ranking import WORDS, Tally, order, tally
from sabiscore.data.rules import Deduction, Rules
from sabiscore.features.calendar import day_number, season_of
from sabiscore.features.played import Played
from sabiscore.languages.wording import gettext_noop
from sabiscore.season.schemas import TieBreak

FORM = 5
"""Results that are form."""

THEN = gettext_noop(", then ")
"""Between the criteria of a ranking."""

Index: TypeAlias = NDArray[np.intp]


class Results(Struct, frozen=True):
    """The matches of one season of a league so far, by day; ``clubs`` are its keys by name, matches count in them.

    ``day``, ``home`` and ``away`` are ``[m]``, ``goals`` ``[2, m]``. ``deducted`` ``[c]`` are points taken.
    """

    league: str
    season: int
    rules: Rules
    clubs: tuple[str, ...]
    day: Index
    home: Index
    away: Index
    goals: Index
    deducted: Index

    def tally(self) -> Tally:
        """What each club got against each other, points that were taken from it left out."""
        return self._tally(slice(None))

    def _tally(self, which: slice | NDArray[np.bool_]) -> Tally:
        goals = self.goals[:, which, None]
        found = tally(len(self.clubs), self.home[which], self.away[which], goals, self.rules.win)
        return structs.replace(found, base=-self.deducted.astype(np.int32))

    def upper(self) -> NDArray[np.bool_] | None:
        """The clubs above the line ``[c]`` once the league is split."""
        if not self.rules.split or len(self.clubs) < self.rules.clubs:
            return None
        meetings = self.rules.meetings * (self.rules.clubs - 1)
        played, before = [0] * len(self.clubs), np.zeros(len(self.day), np.bool_)
        for k, pair in enumerate(zip(self.home.tolist(), self.away.tolist(), strict=True)):
            before[k] = all(played[club] < meetings for club in pair)
            for club in pair:
                played[club] += 1
        if min(played) < meetings:
            return None
        found = np.zeros(len(self.clubs), np.bool_)
        found[order(self._tally(before), self.rules.ranking)[: self.rules.split, 0]] = True
        return found


class Standings(Struct, frozen=True):
    """A table: every array is ``[c]`` from the first club to the last, ``clubs`` are their keys.

    ``form`` are the last results in the league, the newest last.
    """

    clubs: tuple[str, ...]
    played: Index
    won: Index
    drawn: Index
    lost: Index
    scored: Index
    conceded: Index
    points: Index
    deducted: Index
    form: tuple[str, ...]


def results(
    played: Played, catalogue: Catalogue, code: str, season: int, *, before: int, members: Sequence[str] = ()
) -> Results:
    """The matches of a season of the league ``code`` on days before the day ``before`` (since 1970-01-01).

    ``members`` are clubs that belong to it, whether they have played or not. A league that is parted into groups whose
    table is another (Belgium, Greece) is left at the end of its meetings: see `is_parted`.
    """
    rules = catalogue.rules(code, season)
    league = played.leagues.index(code) if code in played.leagues else None
    block = slice(0, 0) if league is None else played.of_season(league, season, before)
    chosen = np.arange(block.start, block.stop)
    if is_parted(rules):
        chosen = chosen[_first_meetings(played, chosen)]
    met, sides = np.unique((played.home[chosen], played.away[chosen]), return_inverse=True)
    names = [played.clubs[k][1] for k in met.tolist()]
    here = sorted({*members, *names})
    home, away = np.array([here.index(name) for name in names], np.intp)[sides.reshape(2, -1)]
    return Results(
        league=code,
        season=season,
        rules=rules,
        clubs=tuple(here),
        day=played.day[chosen].astype(np.intp),
        home=home,
        away=away,
        goals=played.goals[chosen].T.astype(np.intp),
        deducted=_deducted(here, catalogue.deductions.get(code, ()), season, before),
    )


def is_parted(rules: Rules) -> bool:
    """Whether clubs play on in groups after the meetings, with points that are halved or counted group by group."""
    return rules.matches > 0 and not rules.split


def standings(played: Results) -> Standings:
    """The table as it stands."""
    table, sides = played.tally(), (played.home, played.away)
    first = order(table, played.rules.ranking, played.upper())[:, 0]
    margin = played.goals[0] - played.goals[1]
    matches, won, lost = (
        np.bincount(np.concatenate(clubs), minlength=len(played.clubs))[first]
        for clubs in (
            sides,
            (played.home[margin > 0], played.away[margin < 0]),
            (played.home[margin < 0], played.away[margin > 0]),
        )
    )
    scored = table.total("scored")[first, 0]
    return Standings(
        clubs=tuple(played.clubs[k] for k in first),
        played=matches,
        won=won,
        drawn=matches - won - lost,
        lost=lost,
        scored=scored,
        conceded=scored - table.total("difference")[first, 0],
        points=table.total("points")[first, 0],
        deducted=played.deducted[first],
        form=tuple(form(played, k) for k in first),
    )


def form(played: Results, club: int) -> str:
    """The last five results of a club, the newest last: "WWDLW"."""
    mine = np.flatnonzero((played.home == club) | (played.away == club))[-FORM:]
    margin = np.where(played.home[mine] == club, 1, -1) * (played.goals[0] - played.goals[1])[mine]
    return "".join("LDW"[1 + sign] for sign in np.sign(margin).tolist())


def tie_break(rules: Rules) -> TieBreak:
    """How a league ranks clubs that are level, in words."""
    words = THEN.join(WORDS[criterion] for criterion in rules.ranking)
    return TieBreak(rule=words, source=rules.ranking_source)


def _first_meetings(played: Played, chosen: Index) -> NDArray[np.bool_]:
    """Which of these matches are the first at one ground of two clubs."""
    pair = played.home[chosen].astype(np.int64) << 16 | played.away[chosen]
    first = np.zeros(len(chosen), np.bool_)
    first[np.unique(pair, return_index=True)[1]] = True
    return first


def _deducted(clubs: Sequence[str], deductions: Sequence[Deduction], season: int, before: int) -> Index:
    found = dict.fromkeys(clubs, 0)
    for each in deductions:
        if each.season == season and each.club in found and day_number(each.day) < before:
            found[each.club] += each.points
    return np.array([found[club] for club in clubs], np.intp)


def last_season(played: Played, code: str, before: int) -> int | None:
    """The season of the last match of a league on days before ``before``; none without one."""
    if code not in played.leagues:
        return None
    league = played.leagues.index(code)
    begin, end = played.begins[league : league + 2]
    at = begin + np.searchsorted(played.day[begin:end], before)
    return int(season_of(played.day[at - 1 : at])[0]) if at > begin else None
