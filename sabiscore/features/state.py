"""What the pass over matches knows of all clubs and leagues after a day, unrounded: where it can go on from."""

from typing import Self

import numpy as np
from msgspec import Struct, structs

from sabiscore.arrays import Floats
from sabiscore.features.kalman import COMPONENTS, Leagues, Rules
from sabiscore.features.leagues import Running
from sabiscore.features.matches import Roster
from sabiscore.features.timeline import NONE, Index

STARTS = np.array([[0.0], [0.0], [0.0], [0.0], [1.0], [1.0]])
"""What is kept of a new club beside its ratings: form, surprise, long run, red cards, corners for and against."""


class State(Struct, frozen=True):
    """After ``day``, of the clubs and leagues of a roster.

    ``clubs`` ``[9, 2, clubs]`` are their ratings (`kalman`), ``more`` ``[6, clubs]`` what else is kept of them,
    ``club_league`` and ``club_season`` ``[clubs]`` where they played last. ``leagues`` are their levels, ``mean``
    ``[2, leagues]`` the mean of their clubs' slow components, ``last_day`` ``[leagues]`` when they played last.
    """

    day: int
    clubs: Floats
    more: Floats
    club_league: Index
    club_season: Index
    leagues: Leagues
    mean: Floats
    last_day: Index
    running: Running

    @classmethod
    def start(cls, roster: Roster, rules: Rules) -> Self:
        """Before all matches."""
        leagues, clubs = len(roster.leagues), len(roster.clubs)
        return cls(
            day=NONE,
            clubs=np.zeros((COMPONENTS, 2, clubs)),
            more=np.tile(STARTS, clubs),
            club_league=np.full(clubs, NONE),
            club_season=np.full(clubs, NONE),
            leagues=Leagues(np.tile(rules.league_level, leagues), np.tile(rules.league_variance, leagues)),
            mean=np.zeros((2, leagues)),
            last_day=np.full(leagues, NONE),
            running=Running.start(leagues),
        )

    def copy(self) -> Self:
        """The same in arrays of its own."""
        return structs.replace(
            self,
            clubs=self.clubs.copy(),
            more=self.more.copy(),
            club_league=self.club_league.copy(),
            club_season=self.club_season.copy(),
            leagues=Leagues(self.leagues.level.copy(), self.leagues.variance.copy()),
            mean=self.mean.copy(),
            last_day=self.last_day.copy(),
            running=Running(self.running.means.copy(), self.running.seen.copy()),
        )

    def moved(self, old: Roster, new: Roster, rules: Rules) -> Self:
        """The same of another roster; who is not in the old one is as at the start."""
        if old == new:
            return self
        found = structs.replace(type(self).start(new, rules), day=self.day)
        club, league = renumbered(old, new)
        here, there = np.flatnonzero(club != NONE), np.flatnonzero(league != NONE)
        club, at = club[here], league[there]
        found.clubs[:, :, club] = self.clubs[:, :, here]
        found.more[:, club] = self.more[:, here]
        played_in = self.club_league[here]
        found.club_league[club] = np.where(played_in == NONE, NONE, league[played_in])
        found.club_season[club] = self.club_season[here]
        found.leagues.level[:, at] = self.leagues.level[:, there]
        found.leagues.variance[:, at] = self.leagues.variance[:, there]
        found.mean[:, at] = self.mean[:, there]
        found.last_day[at] = self.last_day[there]
        found.running.means[at] = self.running.means[there]
        found.running.seen[at] = self.running.seen[there]
        return found


def renumbered(old: Roster, new: Roster) -> tuple[Index, Index]:
    """Which number in ``new`` each club and each league of ``old`` has; -1 is none."""
    leagues, clubs = new.indices()
    return (
        np.array([clubs.get(club, NONE) for club in old.clubs], np.intp),
        np.array([leagues.get(league, NONE) for league in old.leagues], np.intp),
    )
