"""Real fixtures to ask about: clubs that met in their league's last season, kicking off in the coming months."""

import random
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, cycle, permutations
from operator import itemgetter

import msgspec
from msgspec import Struct

from sabiscore.data import catalogue
from sabiscore.features.history import load
from sabiscore.models import bundles

SEED = 2025

DAYS = 350
"""So many days ahead are asked about: the service predicts a year."""

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


def pairs(leagues: Collection[str] = ()) -> list[Pair]:
    """Home and away of all clubs that played in the last season known of these leagues, or of all.

    They come in a fixed random order.
    """
    shipped = bundles.read(bundles.SHIPPED)
    history = load(shipped.files["history.npz"])
    names = catalogue.load()
    clubs, calendar = history.calendar.clubs, history.calendar.leagues
    last = {
        code: int(calendar.season[calendar.subject == n].max())
        for n, code in enumerate(history.roster.leagues)
    }
    found = []
    for n, code in sorted(enumerate(history.roster.leagues), key=itemgetter(1)):
        if leagues and code not in leagues:
            continue
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


def coming(known: Sequence[Pair], start: datetime) -> Iterator[Asked]:
    """Every pair on every one of the coming days, once: whoever made one pair's answer of a day has made no other's.

    Each comes a day later than the one before it, as requests of one moment are about many days.
    """
    for turn in range(DAYS):
        for number, pair in enumerate(known):
            kickoff = start + (number + turn) % DAYS * timedelta(days=1)
            yield Asked(pair.home_team, pair.away_team, pair.league, kickoff)


def one(fresh: Iterator[Asked]) -> Iterator[Asked]:
    """The next, once."""
    yield next(fresh)


def every(fresh: Iterator[Asked]) -> Iterator[Asked]:
    """As they come, none twice."""
    return fresh


def with_odds(fresh: Iterator[Asked]) -> Iterator[Asked]:
    """The same with odds such as books offer: a home side that wins in 20 to 65 %, draws in 22 to 30, a margin."""
    drawn = random.Random(SEED)
    for asked in fresh:
        home, draw = drawn.uniform(0.20, 0.65), drawn.uniform(0.22, 0.30)
        paid = 1.0 + drawn.uniform(LEAST_MARGIN, LARGEST_MARGIN)
        price = Price(*(round(1.0 / (p * paid), 2) for p in (home, draw, 1.0 - home - draw)))
        yield msgspec.structs.replace(asked, odds=price)


def zipf(fresh: Iterator[Asked]) -> Iterator[Asked]:
    """Fixtures by Zipf's law, of which a share of 73 % has been asked before, at every moment alike.

    The same draws come round again and again, and once in each round every fixture gives way to a new one: one
    after another, not all at once, so that a short run has the hit rate of a long one.
    """
    weights = list(accumulate(1.0 / (rank + 1) ** ZIPF_EXPONENT for rank in range(ZIPF_FIXTURES)))
    draws = random.Random(SEED).choices(range(ZIPF_FIXTURES), cum_weights=weights, k=ZIPF_DRAWS)
    phases = random.Random(SEED).choices(range(ZIPF_DRAWS), k=ZIPF_FIXTURES)
    asked: dict[int, tuple[int, Asked]] = {}
    for sent, drawn in enumerate(cycle(draws)):
        turn = (sent + phases[drawn]) // ZIPF_DRAWS
        if drawn not in asked or asked[drawn][0] != turn:
            asked[drawn] = turn, next(fresh)
        yield asked[drawn][1]
