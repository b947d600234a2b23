"""Real fixtures to ask about: clubs that met in their league's last season, kicking off in the coming months."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, permutations
from operator import itemgetter

from msgspec import Struct

from sabiscore.data import catalogue
from sabiscore.features.history import load
from sabiscore.models import bundles

SEED = 2025
MINUTE = timedelta(minutes=1)

ZIPF_FIXTURES, ZIPF_EXPONENT, ZIPF_DRAWS = 2000, 1.0, 3049
"""So many draws of so many fixtures by Zipf's law meet 27 % of them for the first time."""

LEAST_MARGIN, LARGEST_MARGIN = 0.03, 0.08


class Pair(Struct, frozen=True):
    """Who plays whom: names as people write them."""

    home_team: str
    away_team: str
    league: str


class Price(Struct, frozen=True):
    """Decimal odds."""

    home: float
    draw: float
    away: float


class Asked(Struct, frozen=True, omit_defaults=True):
    """The body of a request."""

    home_team: str
    away_team: str
    league: str
    kickoff_time: datetime
    odds: Price | None = None


def pairs() -> list[Pair]:
    """Home and away of all clubs that played in their league's last season known, in a fixed random order."""
    shipped = bundles.read(bundles.SHIPPED)
    history = load(shipped.files["history.npz"])
    names = catalogue.load()
    clubs, leagues = history.calendar.clubs, history.calendar.leagues
    last = {
        code: int(leagues.season[leagues.subject == n].max()) for n, code in enumerate(history.roster.leagues)
    }
    found = []
    for n, code in sorted(enumerate(history.roster.leagues), key=itemgetter(1)):
        there = (history.calendar.club_league == n) & (clubs.season == last[code])
        playing = {history.roster.clubs[number][1] for number in clubs.subject[there].tolist()}
        league = names.league(code)
        meeting = [club.name for club in names.clubs(league) if club.key in playing]
        found += [Pair(home, away, league.name) for home, away in permutations(meeting, 2)]
    random.Random(SEED).shuffle(found)
    return found


def midnight() -> datetime:
    """Tomorrow's, in UTC: the service predicts a year ahead of the real clock, so kick-offs follow it."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def one(known: Sequence[Pair], start: datetime) -> Iterator[Asked]:
    """One fixture, once."""
    yield _asked(known[0], start)


def distinct(known: Sequence[Pair], start: datetime) -> Iterator[Asked]:
    """Every pair, then every pair a minute later, and so on: no body twice."""
    while True:
        for pair in known:
            yield _asked(pair, start)
        start += MINUTE


def distinct_with_odds(known: Sequence[Pair], start: datetime) -> Iterator[Asked]:
    """The same with odds; a pair keeps its own."""
    prices = _prices(len(known))
    while True:
        for pair, price in zip(known, prices, strict=True):
            yield _asked(pair, start, price)
        start += MINUTE


def zipf(known: Sequence[Pair], start: datetime) -> Iterator[Asked]:
    """Fixtures by Zipf's law, of which a share of 73 % has been asked before, at every moment alike.

    The same draws come round again and again, and once in each round every fixture is put off by a minute, so
    that it is new: one after another, not all at once, so that a short run has the hit rate of a long one.
    """
    fixtures = [(pair, start + day * timedelta(days=1)) for day in range(2) for pair in known][:ZIPF_FIXTURES]
    weights = list(accumulate(1.0 / (rank + 1) ** ZIPF_EXPONENT for rank in range(ZIPF_FIXTURES)))
    draws = random.Random(SEED).choices(range(ZIPF_FIXTURES), cum_weights=weights, k=ZIPF_DRAWS)
    phases = random.Random(SEED).choices(range(ZIPF_DRAWS), k=ZIPF_FIXTURES)
    sent = 0
    while True:
        for drawn in draws:
            pair, kickoff = fixtures[drawn]
            yield _asked(pair, kickoff + (sent + phases[drawn]) // ZIPF_DRAWS * MINUTE)
            sent += 1


def _asked(pair: Pair, kickoff: datetime, odds: Price | None = None) -> Asked:
    return Asked(pair.home_team, pair.away_team, pair.league, kickoff, odds)


def _prices(count: int) -> list[Price]:
    """Odds such as books offer: a home side that wins in 20 to 65 %, draws in 22 to 30, a margin on all."""
    drawn = random.Random(SEED)
    prices = []
    for _ in range(count):
        home, draw = drawn.uniform(0.20, 0.65), drawn.uniform(0.22, 0.30)
        paid = 1.0 + drawn.uniform(LEAST_MARGIN, LARGEST_MARGIN)
        prices.append(Price(*(round(1.0 / (p * paid), 2) for p in (home, draw, 1.0 - home - draw))))
    return prices
