"""The two Kalman filters: who scores more in a match, and how many goals there are.

Both work on logarithms of expected goals: the first on their difference, the second on their sum, in which attack and
defence are independent. A club has a slow, a fast and a faster component and its home advantage, each with a variance
and without covariances, which brought nothing.
"""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features.parameters import FilterParameters, Parameters
from sabiscore.features.timeline import Index

DIFFERENCE, SUM = 0, 1
SLOW, FAST, FASTER, HOME, SLOW_VARIANCE, FAST_VARIANCE, FASTER_VARIANCE, HOME_VARIANCE, PLAYED = range(9)
"""The first axis of a state; PLAYED is that part of SLOW that came from what was played, not from odds."""

COMPONENTS = 9
CENTRE, ADDED, GAIN, MORE = range(4)
"""The parts of a passage: see `passed`."""

_PASSING, _PASSING_VARIANCE = slice(FAST, FASTER + 1), slice(FAST_VARIANCE, FASTER_VARIANCE + 1)
_MOVING = ((SLOW, SLOW_VARIANCE), (FAST, FAST_VARIANCE), (FASTER, FASTER_VARIANCE))
_LONGEST_REST = 60.0
_SIGN = np.array([[-1.0], [1.0]])
"""What the away club's rating counts in each filter."""

_USUAL_DIFFERENCE = 0.3
_LEVEL = float(np.exp(0.235))
"""Goals of each side in an even match."""

_LEAST_VARIANCE = 1e-6


class Arrival(Struct, frozen=True):
    """How ``m`` clubs come to a kick-off, every array ``[m]`` but for the means ``[2, m]``.

    ``summers`` since their last match, ``days`` since then where there was none, ``joins`` those from outside, of which
    those that are ``first`` are in their league's first season; ``moved`` divisions down, ``level`` of the league.
    ``mean_then`` is the mean of the slow components of the league they were in, ``mean_now`` of the one they are in.
    """

    summers: Index
    days: Index
    joins: NDArray[np.bool_]
    first: NDArray[np.bool_]
    moved: Index
    level: Index
    mean_then: Floats
    mean_now: Floats


class Rules:
    """The parameters of both filters as columns ``[2, 1]``."""

    def __init__(self, parameters: Parameters) -> None:
        both = (parameters.difference, parameters.sum)
        for name in FilterParameters.__struct_fields__:
            setattr(self, name, np.array([[getattr(one, name)] for one in both]))
        self._lasting = np.stack((self.fast_days, self.faster_days))
        self._usual = np.stack((self.fast_variance, self.faster_variance))

    def __getattr__(self, name: str) -> Floats:
        """A parameter of both filters."""
        raise AttributeError(name)

    def arrive(self, state: Floats, arrival: Arrival) -> Floats:
        """The state ``[9, 2, m]`` of clubs at kick-off, from that after their last match."""
        passage = self.passage(arrival)
        passage[: ADDED + 1, SLOW] *= np.where(arrival.joins, arrival.mean_now, arrival.mean_then)
        return passed(state, passage)

    def passage(self, arrival: Arrival) -> Floats:
        """What time makes of any state ``[4, 9, 2, m]``: see `passed`; means of leagues count 1 or 0 times."""
        found = self._rest(arrival.days)
        if (arrival.summers > 0).any():
            found = np.where(arrival.summers > 0, self._summer(arrival), found)
        if (new := arrival.joins | arrival.first).any():
            found = np.where(new, self._new(arrival), found)
        return found

    def _rest(self, days: Index) -> Floats:
        rested, kept = np.minimum(days, _LONGEST_REST), np.exp(-days / self._lasting)
        found = np.zeros((4, COMPONENTS, 2, len(days)))
        found[GAIN] = 1.0
        found[GAIN, _PASSING], found[GAIN, _PASSING_VARIANCE] = kept, kept * kept
        found[: ADDED + 1, _PASSING_VARIANCE] = self._usual
        found[ADDED, SLOW_VARIANCE] = self.drift * rested
        found[ADDED, HOME_VARIANCE] = self.home_drift * rested
        return found

    def _summer(self, arrival: Arrival) -> Floats:
        summers = arrival.summers
        kept, fast = self.summer_kept**summers, self.summer_fast_kept**summers
        up, down = np.maximum(-arrival.moved, 0), np.maximum(arrival.moved, 0)
        found = np.zeros((4, COMPONENTS, 2, len(summers)))
        found[GAIN, [SLOW, PLAYED]], found[GAIN, SLOW_VARIANCE] = kept, kept**2
        found[GAIN, FAST], found[GAIN, FAST_VARIANCE] = fast, fast**2
        found[GAIN, [HOME, HOME_VARIANCE]] = 1.0
        found[: ADDED + 1, SLOW], found[: ADDED + 1, FAST_VARIANCE] = 1.0, self.fast_variance
        found[ADDED, FASTER_VARIANCE] = self.faster_variance
        found[ADDED, SLOW_VARIANCE] = self.summer_variance * _geometric(self.summer_kept**2, summers)
        found[MORE, SLOW] = up * self.promoted + down * self.relegated
        found[MORE, SLOW_VARIANCE] = up * self.promoted_variance + down * self.relegated_variance
        return found

    def _new(self, arrival: Arrival) -> Floats:
        over = np.where(arrival.level == 0, self.newcomer_top, self.newcomer)
        found = np.zeros((4, COMPONENTS, 2, len(arrival.level)))
        found[ADDED, SLOW] = ~arrival.first
        found[MORE, SLOW] = np.where(arrival.first, self.division_gap * arrival.level, over)
        found[ADDED, SLOW_VARIANCE] = np.where(arrival.first, self.first_variance, self.newcomer_variance)
        found[ADDED, FAST_VARIANCE], found[ADDED, FASTER_VARIANCE] = self.fast_variance, self.faster_variance
        found[ADDED, HOME_VARIANCE] = self.home_variance
        return found


def passed(state: Floats, passage: Iterable[Floats]) -> Floats:
    """A state after a passage, of four arrays like it: ``added + gain * (state - centre) + more``."""
    centre, added, gain, more = passage
    found: Floats = added + gain * (state - centre) + more
    return found


def _geometric(ratio: Floats, count: Index) -> Floats:
    """The sum ``[2, m]`` of ``count`` ``[m]`` powers of ``ratio`` ``[2, 1]``, from the zeroth."""
    found: Floats = np.where(
        ratio < 1.0, (1.0 - ratio**count) / np.where(ratio < 1.0, 1.0 - ratio, 1.0), count
    )
    return found


class Leagues(Struct, frozen=True):
    """The level of each league ``[2, leagues]`` (home advantage; goals), with its variance. They change in place."""

    level: Floats
    variance: Floats


class Day(Struct, frozen=True):
    """The ``n`` matches of one day as filters see them; all but ``league`` are ``[2, n]``, for both filters.

    ``odds`` are what odds implied (0 where there were none), ``priced`` 1 or 0, ``noise`` the odds' variance,
    ``motivation`` what is added for what is at stake, ``surprise`` what was played beyond the odds, in goals,
    ``played`` margin and total of goals, ``at_home`` how much of home advantage there was.
    """

    league: Index
    odds: Floats
    priced: Floats
    noise: Floats
    motivation: Floats
    surprise: Floats
    played: Floats
    at_home: Floats


class Filters:
    """Both filters at work on a day's clubs."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def learn(self, clubs: Floats, leagues: Leagues, day: Day) -> Floats:
        """Change ``clubs`` ``[9, 2, 2n]`` (all home, then all away) and ``leagues`` after a day.

        Odds come first: they did not know the result. Returns by how much odds differed from what was expected
        ``[2, n]``, 0 without odds.
        """
        surprised = np.zeros_like(day.odds)
        if day.priced.any():
            surprised = day.priced * (day.odds - day.motivation - self.expected(clubs, leagues, day))
            n = len(day.league)
            played = -day.priced * (clubs[PLAYED, :, :n] + _SIGN * clubs[PLAYED, :, n:])
            self._move(clubs, leagues, day, _Step(surprised, played, day.noise, day.priced))
        self._move(clubs, leagues, day, self._played(day, self.expected(clubs, leagues, day)))
        return surprised

    def expected(self, clubs: Floats, leagues: Leagues, day: Day) -> Floats:
        """What each filter expects of matches ``[2, n]``, without what is at stake."""
        n = len(day.league)
        rating = clubs[SLOW] + clubs[FAST] + clubs[FASTER]
        home = clubs[HOME, :, :n] + leagues.level[:, day.league]
        found: Floats = rating[:, :n] + _SIGN * rating[:, n:] + day.at_home * home
        return found

    def _played(self, day: Day, expected: Floats) -> "_Step":
        """How what was played differs from what was expected."""
        rules = self._rules
        difference = np.where(day.priced[DIFFERENCE] > 0.0, day.odds[DIFFERENCE], _USUAL_DIFFERENCE)
        goals, slope = in_goals(expected, difference)
        by_odds = day.priced * rules.towards_odds * (in_goals(day.odds, difference)[0] - goals)
        error = np.where(day.priced > 0.0, day.surprise + by_odds, day.played - goals)
        error = rules.damping * np.log1p(np.abs(error) / rules.damping) * np.sign(error)
        noise = np.where(day.priced > 0.0, rules.played_noise, rules.unpriced_noise)
        return _Step(error / slope, (error - by_odds) / slope, noise, np.ones_like(noise))

    def _move(self, clubs: Floats, leagues: Leagues, day: Day, step: "_Step") -> None:
        """Change clubs and leagues by one step."""
        n, at_home = len(day.league), day.at_home
        level = leagues.variance[:, day.league]
        variance = clubs[SLOW_VARIANCE] + clubs[FAST_VARIANCE] + clubs[FASTER_VARIANCE]
        home = at_home**2 * (clubs[HOME_VARIANCE, :, :n] + level)
        weight = step.seen / (step.noise + variance[:, :n] + variance[:, n:] + home)
        both = np.concatenate((weight, weight), axis=1)
        clubs[PLAYED] += (
            clubs[SLOW_VARIANCE] * both * np.concatenate((step.played, _SIGN * step.played), axis=1)
        )
        signed = both * np.concatenate((step.error, _SIGN * step.error), axis=1)
        for component, uncertain in _MOVING:
            clubs[component] += clubs[uncertain] * signed
            clubs[uncertain] *= 1.0 - clubs[uncertain] * both
        own = at_home * clubs[HOME_VARIANCE, :, :n]
        clubs[HOME, :, :n] += own * weight * step.error
        clubs[HOME_VARIANCE, :, :n] -= own**2 * weight
        gain = at_home * level * weight
        for kind in (DIFFERENCE, SUM):
            np.add.at(leagues.level[kind], day.league, gain[kind] * step.error[kind])
            np.subtract.at(leagues.variance[kind], day.league, gain[kind] * at_home[kind] * level[kind])
        np.maximum(leagues.variance, _LEAST_VARIANCE, out=leagues.variance)


class _Step(Struct, frozen=True):
    """A step of both filters ``[2, n]``: the error, that of what was played, its noise, and whether it is seen."""

    error: Floats
    played: Floats
    noise: Floats
    seen: Floats


def in_goals(expected: Floats, difference: Floats) -> tuple[Floats, Floats]:
    """Margin and total of goals ``[2, n]`` that logarithms ``[2, n]`` mean, and how fast they change with them.

    The total needs the ``difference`` ``[n]`` of its match.
    """
    half = 0.5 * expected
    total = np.exp(half[SUM]) * np.cosh(0.5 * difference)
    return (
        np.stack((2.0 * _LEVEL * np.sinh(half[DIFFERENCE]), 2.0 * total)),
        np.stack((_LEVEL * np.cosh(half[DIFFERENCE]), total)),
    )


_F = TypeVar("_F", float, Floats)


def margin(difference: _F) -> _F:
    """How many goals more a match than the opponent a difference of logarithms means."""
    found: _F = 2.0 * _LEVEL * np.sinh(0.5 * difference)
    return found
