"""Kalman filters of one number a club: a rating, or how many goals its matches have."""

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.parameters import FilterParameters, MarginParameters, Parameters
from sabiscore.features.timeline import Index

DIFFERENCE, SUM = -1.0, 1.0
NOWHERE = -1


class Day(Struct, frozen=True):
    """The ``n`` matches of one day as filters see them.

    ``margin`` and ``total`` are what was played, in goals; ``log_odds`` and ``log_over`` what odds had said, NaN
    where there were none; ``open_doors`` the share of home advantage there was.
    """

    league: Index
    margin: Floats
    total: Floats
    log_odds: Floats
    log_over: Floats
    open_doors: float


class Filter(Struct, frozen=True):
    """Which columns a filter keeps its numbers in, and how it learns.

    ``kind`` is DIFFERENCE of the two clubs, with home advantage, or their SUM. ``club_home`` may be NOWHERE.
    """

    parameters: FilterParameters
    kind: float
    rating: int
    variance: int
    league: int
    club_home: int = NOWHERE

    def expected(self, home: Floats, away: Floats, league: Floats, open_doors: Floats | float) -> Floats:
        """What it expects of matches ``[n]``, in goals.

        ``home``, ``away`` are components of clubs ``[n, k]``, ``league`` those of the leagues ``[n, 11]``.
        """
        level = league[:, self.league] * (open_doors if self.kind == DIFFERENCE else 1.0)
        own = home[:, self.club_home] if self.club_home != NOWHERE else 0.0
        found: Floats = home[:, self.rating] + self.kind * away[:, self.rating] + level + own
        return found

    def update_from_odds(self, clubs: Floats, leagues: Floats, day: Day, log_odds: Floats) -> None:
        """Learn, in place, from odds: known before the match, and close to the truth."""
        rules = self.parameters
        known = ~np.isnan(log_odds)
        if rules.odds_noise is None or not known.any():
            return
        error = rules.odds_slope * log_odds + rules.odds_level - self._expected(clubs, leagues, day)
        error = np.where(known, error, 0.0)
        self._move(clubs, error, known / (self._variances(clubs) + rules.odds_noise))
        self._move_home(
            clubs, leagues, day, rules.club_home_odds_rate * error, rules.league_odds_rate * error
        )

    def update_from_result(
        self, clubs: Floats, leagues: Floats, day: Day, played: Floats, damping: float
    ) -> None:
        """Learn, in place, from what was played; a surprise beyond ``damping`` counts by its logarithm."""
        rules = self.parameters
        error = played - self._expected(clubs, leagues, day)
        error = damping * np.log1p(np.abs(error) / damping) * np.sign(error)
        self._move(clubs, error, 1.0 / (self._variances(clubs) + 1.0))
        self._move_home(clubs, leagues, day, rules.club_home_rate * error, rules.league_rate * error)

    def _expected(self, clubs: Floats, leagues: Floats, day: Day) -> Floats:
        n = len(day.league)
        return self.expected(clubs[:n], clubs[n:], leagues[day.league], day.open_doors)

    def _variances(self, clubs: Floats) -> Floats:
        matches = len(clubs) // 2
        total: Floats = clubs[:matches, self.variance] + clubs[matches:, self.variance]
        return total

    def _move(self, clubs: Floats, error: Floats, gain: Floats) -> None:
        both = np.concatenate((gain, gain))
        signed = np.concatenate((error, self.kind * error))
        clubs[:, self.rating] += clubs[:, self.variance] * both * signed
        clubs[:, self.variance] *= 1.0 - clubs[:, self.variance] * both

    def _move_home(self, clubs: Floats, leagues: Floats, day: Day, own: Floats, league: Floats) -> None:
        if self.club_home != NOWHERE:
            clubs[: len(own), self.club_home] += own
        if self.kind == SUM or day.open_doors == 1.0:
            np.add.at(leagues[:, self.league], day.league, league)


class Filters(Struct, frozen=True):
    """The three: ratings from results alone, from past odds too, and goals of both sides together."""

    results: Filter
    strength: Filter
    total: Filter

    def learn(self, clubs: Floats, leagues: Floats, day: Day, damping: float) -> None:
        """Change ``clubs`` ``[2n, k]`` (all home, then all away) and ``leagues`` ``[l, 11]`` after a day.

        Odds come first: they did not know the result.
        """
        self.strength.update_from_odds(clubs, leagues, day, day.log_odds)
        self.total.update_from_odds(clubs, leagues, day, day.log_over)
        self.results.update_from_result(clubs, leagues, day, day.margin, damping)
        self.strength.update_from_result(clubs, leagues, day, day.margin, damping)
        self.total.update_from_result(clubs, leagues, day, day.total, UNDAMPED)


UNDAMPED = 1e9
"""A damping that changes nothing."""


def filters(parameters: Parameters) -> Filters:
    """The three filters on the columns of `components`."""
    club, league = components.CLUB.index, components.LEAGUE.index
    ratings = [
        Filter(
            parameters=rules,
            kind=DIFFERENCE,
            rating=club(name),
            variance=club(f"{name}_variance"),
            league=league(f"{name}_home"),
            club_home=club(f"{name}_home"),
        )
        for name, rules in (("results", parameters.results), ("strength", parameters.strength))
    ]
    total = Filter(
        parameters=parameters.total,
        kind=SUM,
        rating=club("total"),
        variance=club("total_variance"),
        league=league("total"),
    )
    return Filters(ratings[0], ratings[1], total)


def mixed_margin(home: Floats, away: Floats, means: Floats, rules: MarginParameters) -> Floats:
    """The margin of matches ``[n]`` in goals, from goals and statistics; goals alone where one is unknown.

    ``home`` and ``away`` are ``[n, 5]`` as `matches.STATISTICS`, ``means`` ``[n, 8]`` the leagues' running means.
    """
    difference = home - away
    weights = np.array((rules.shots_on_target, rules.shots, rules.corners))
    statistics: Floats = difference[:, 1:4] * goals_each(means)
    mixed = rules.goals * difference[:, 0] + statistics @ weights + rules.reds * difference[:, 4]
    return np.where(np.isnan(mixed), difference[:, 0], mixed)


def mixed_total(home: Floats, away: Floats, means: Floats, shots: float) -> Floats:
    """Goals of both sides ``[n]``, partly (``shots``) as shots on target would have it."""
    both = home + away
    mixed = (1.0 - shots) * both[:, 0] + shots * both[:, 1] * goals_each(means)[:, 0]
    return np.where(np.isnan(mixed), both[:, 0], mixed)


def goals_each(means: Floats) -> Floats:
    """How many goals there are to one shot on target, shot and corner ``[n, 3]``, in each league."""
    width = len(components.MEASURED)
    both = means[:, :width] + means[:, width:]
    ratio: Floats = both[:, :1] / both[:, 1:]
    return ratio
