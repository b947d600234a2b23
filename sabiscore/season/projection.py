"""What may become of a table: the rest of the season, played ten thousand times.

A match is drawn from Poisson goals with Dixon and Coles' dependence, around what the model expects of it now. How much
better or worse a club is than that is drawn for each match from what is uncertain of its rating, and after the match
the rating moves by the result, as the filter's does without odds (`sabiscore.features.kalman`): a club that surprises
in a simulated season is a better one for the rest of it.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from itertools import accumulate, chain, pairwise
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple

from sabiscore.arrays import Floats
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ranking import order
from sabiscore.data.rules import Rules
from sabiscore.domain import season_start
from sabiscore.features.calendar import day_number, day_of
from sabiscore.features.components import CLUB
from sabiscore.features.rows import FixtureKey
from sabiscore.forecaster import Forecaster
from sabiscore.season import tables
from sabiscore.season.chance import CHANCES, Chances, Goals, Single, normal, poisson, uniform
from sabiscore.season.reader import Season
from sabiscore.season.schemas import PlaceChances
from sabiscore.season.simulated import Simulated
from sabiscore.season.standings import Index, Results
from sabiscore.season.tables import ProjectedTable
from sabiscore.season.to_come import to_come, unclear

SIMULATIONS = 10_000
AT_ONCE = 5_000
A_WEEK = 7
"""Days between two matches of a club: that long a rest the fixtures have of which the model is asked."""

FIRST_ROUND = 45
"""Days after a season's first by which it is played everywhere."""

_SLOW, _FAST = CLUB.index("strength_slow_variance"), CLUB.index("strength_fast_variance")


class Strengths(Struct, frozen=True):
    """What is known of the clubs of a league and their matches.

    ``rates`` ``[c, c, 2]`` are goals to expect where the first is host, ``lasting`` ``[c]`` the variance of what stays
    of a rating and ``passing`` ``[c]`` of what does not, ``drift`` what a week adds to it, ``noise`` that of a result:
    all of the logarithm of the ratio of both sides' goals. ``rho`` is the dependence of low scores.
    """

    rates: Floats
    lasting: Floats
    passing: Floats
    drift: float
    noise: float
    rho: float


class Projection(Struct, frozen=True):
    """How often each club ended in each place ``[c, c]``, the first first, and the mean ``[c]`` of its points."""

    places: Index
    points: Floats
    simulations: int


def projected_tables(
    forecaster: Forecaster,
    season: Season,
    catalogue: Catalogue,
    before: Mapping[str, ProjectedTable] = MappingProxyType({}),
) -> bytes:
    """The file of a bundle that has projected tables: of each league whose season is not over and can be simulated.

    A league of which all is as it was ``before`` has the same projection, which is not made again.
    """
    found = {}
    for league in catalogue.leagues:
        played = season.present(league.code)
        if played is None or unclear(played) or not len(to_come(played)[0]):
            continue
        known = strengths(forecaster, played, season.today)
        state, old = _digest(played, known), before.get(league.code)
        same = old is not None and old.state == state
        found[league.code] = old if old and same else _table(played, known, state)
    return tables.dump(found)


def seed(played: Results) -> list[int]:
    """The same matches are projected with the same chance."""
    parts = (played.day, played.home, played.away, played.goals.ravel())
    said = f"{played.league} {played.season} {played.clubs} {[part.tolist() for part in parts]}"
    return [int(word) for word in np.frombuffer(hashlib.sha256(said.encode()).digest(), np.uint32)]


def _digest(played: Results, known: Strengths) -> str:
    """Of all that a projection is made from."""
    said = hashlib.sha256(repr((seed(played), played.rules, played.deducted.tolist(), SIMULATIONS)).encode())
    for part in astuple(known):
        said.update(np.asarray(part, np.float64).tobytes())
    return said.hexdigest()


def _table(played: Results, known: Strengths, state: str) -> ProjectedTable:
    found = project(played, known, seed(played), SIMULATIONS)
    return ProjectedTable(
        state=state,
        season=played.season,
        data_through=_last_day(played),
        simulations=found.simulations,
        to_come=len(to_come(played)[0]),
        clubs={club: chances(found, k, played.rules) for k, club in enumerate(played.clubs)},
    )


def _last_day(played: Results) -> date:
    """The day of the last match, or that on which the season begins."""
    return day_of(int(played.day.max())) if len(played.day) else season_start(played.season)


def strengths(forecaster: Forecaster, played: Results, before: int) -> Strengths:
    """What is known of a league on the morning of ``before``, for matches a week after its last or as it begins."""
    begins = day_number(season_start(played.season)) + FIRST_ROUND
    day = max(int(played.day.max(initial=0)) + A_WEEK, begins)
    count = len(played.clubs)
    home, away = np.nonzero(~np.eye(count, dtype=np.bool_))
    keys: list[FixtureKey] = [
        (played.league, played.clubs[one], played.clubs[other], day)
        for one, other in zip(home.tolist(), away.tolist(), strict=True)
    ]
    rows = forecaster.rows.fixtures(keys, max(day - before, 0))
    rates = np.ones((count, count, 2))
    rates[home, away] = forecaster.head.rates(forecaster.head.log_odds(rows.matrix))
    first = np.searchsorted(home, np.arange(count))
    state, rules = rows.values[0, first], forecaster.rows.parameters.difference
    return Strengths(
        rates=rates,
        lasting=state[:, _SLOW],
        passing=state[:, _FAST] + rules.faster_variance,
        drift=rules.drift * A_WEEK,
        noise=rules.unpriced_noise,
        rho=forecaster.head.weights.rho,
    )


def project(played: Results, known: Strengths, seed: list[int], simulations: int) -> Projection:
    """Play the rest of a season many times, and see who ends where."""
    rest = _rounds(*to_come(played), np.random.default_rng(seed))
    past, count = played.tally(), len(played.clubs)
    places, points = np.zeros((count, count), np.intp), np.zeros(count)
    ranking = played.rules.ranking
    for part, begin in enumerate(range(0, simulations, AT_ONCE)):
        seasons = min(AT_ONCE, simulations - begin)
        random = np.random.Generator(np.random.SFC64([*seed, part]))
        goals = _played_out(rest, known, random, seasons)
        table = Simulated(past, rest.home, rest.away, goals, played.rules.win)
        first = order(table, ranking)
        for place, clubs in enumerate(first):
            places[:, place] += np.bincount(clubs, minlength=count)
        points += table.points.sum(axis=1)
    return Projection(places, points / simulations, simulations)


def chances(found: Projection, club: int, rules: Rules) -> PlaceChances:
    """What may become of a club, by the lines of its league."""
    positions = (found.places[club] / found.simulations).tolist()

    def top(places: int) -> float | None:
        return _exact(sum(positions[:places])) if places else None

    def bottom(above: int, places: int) -> float | None:
        return _exact(sum(positions[above : above + places])) if places else None

    play_off = max(rules.promotion_play_off - rules.promotion, 0)
    return PlaceChances(
        expected_points=round(float(found.points[club]), 1),
        positions=[_exact(chance) for chance in positions],
        title=top(rules.title),
        champions_league=top(rules.champions_league),
        europe=top(rules.europe),
        promotion=top(rules.promotion),
        promotion_play_off=bottom(rules.promotion, play_off),
        relegation_play_off=bottom(rules.safe, rules.relegation_play_off),
        relegation=bottom(rules.clubs - rules.relegation, rules.relegation),
    )


def _exact(chance: float) -> float:
    return round(chance, 4)


class _Rest(Struct, frozen=True):
    """The matches that are left, one round after another, and where each round ends."""

    home: Index
    away: Index
    ends: list[int]


def _rounds(home: Index, away: Index, random: np.random.Generator) -> _Rest:
    """The matches in rounds in which no club plays twice, in an order of chance: their dates are not known."""
    rounds: list[list[int]] = []
    busy: list[set[int]] = []
    for k in random.permutation(len(home)).tolist():
        pair = {int(home[k]), int(away[k])}
        at = next((number for number, clubs in enumerate(busy) if clubs.isdisjoint(pair)), len(busy))
        if at == len(busy):
            rounds.append([])
            busy.append(set())
        rounds[at].append(k)
        busy[at] |= pair
    which = np.array([*chain.from_iterable(rounds)], np.intp)
    return _Rest(home[which], away[which], [*accumulate(map(len, rounds))])


def _played_out(rest: _Rest, known: Strengths, random: np.random.Generator, seasons: int) -> Goals:
    """Goals ``[2, m, s]`` of matches, round by round; single precision is enough for chance."""
    goals = np.zeros((2, len(rest.home), seasons), np.int8)
    moved = np.zeros((len(known.lasting), seasons), np.float32)
    rates, noise, drift = known.rates.astype(np.float32), np.float32(known.noise), np.float32(known.drift)
    variance, passing = known.lasting.astype(np.float32), known.passing.astype(np.float32)
    for begin, end in pairwise((0, *rest.ends)):
        one, other = rest.home[begin:end], rest.away[begin:end]
        usual = rates[one, other].T[:, :, None]
        unsure = (variance[one] + variance[other] + passing[one] + passing[other])[:, None]
        weight = 1.0 / (noise + unsure)
        ahead = 0.5 * (moved[one] - moved[other])
        chance = uniform(random, (4, *ahead.shape))
        drawn = 0.5 * np.sqrt(unsure) * normal(chance[0])
        drawn += ahead
        scored = goals[:, begin:end]
        scored[:] = _goals(np.log(usual), drawn, chance[1:], known.rho)
        ratio = np.exp(ahead, out=ahead)
        ours, theirs = usual[0] * ratio, usual[1] / ratio
        surprise = (scored[0] - scored[1]) - (ours - theirs)
        surprise /= np.add(ours, theirs, out=ours)
        for side, sign in ((one, 2.0), (other, -2.0)):
            moved[side] += (np.float32(sign) * weight * variance[side, None]) * surprise
            variance[side] *= 1.0 - variance[side] * weight[:, 0]
            variance[side] += drift
    return goals


def _goals(usual: Single, ahead: Single, chance: Chances, rho: float) -> Goals:
    """Goals ``[2, k, s]`` of matches, by chances ``[3, k, s]``.

    ``usual`` ``[2, k, 1]`` are logarithms of their rates, to which ``ahead`` ``[k, s]`` is added for the home club, and
    from which it is taken for the other. Dixon and Coles' correction moves as much from 0-1 to 0-0 and from 1-0 to 1-1,
    which is done by chance here.
    """
    log_rates = np.empty((2, *ahead.shape), np.float32)
    np.add(usual[0], ahead, out=log_rates[0])
    np.subtract(usual[1], ahead, out=log_rates[1])
    goals = poisson(log_rates, chance[:2])
    if rho < 0.0:
        ours, theirs = goals.reshape(2, -1)
        move, most = chance[2].ravel(), -rho * CHANCES
        highest = min(int(most * np.exp(log_rates.max())) + 1, CHANCES)
        low = np.flatnonzero((ours + theirs == 1) & (move < np.uint16(highest)))
        at_home = ours[low] == 1
        rate = np.exp(log_rates.ravel().take(low + move.size * at_home))
        moved = move[low] < most * rate
        theirs[low[moved]] += np.where(at_home[moved], 1, -1).astype(np.int8)
    return goals
