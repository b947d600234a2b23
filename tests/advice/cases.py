"""One case to change a thing at a time in."""

from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec
import numpy as np
from msgspec import Raw, Struct
from msgspec.structs import replace

from sabiscore.advice.case import Case, ClubFacts, Finish, Stake, Triple
from sabiscore.advice.rules import thousandths
from sabiscore.domain import Club, Confidence, Fixture, League, Odds
from sabiscore.implied import shin
from sabiscore.models.grid import reconcile, score_grid

BOUNDS: list[tuple[int, dict[Confidence, float]]] = [
    (60, {"high": 0.7, "medium": 0.45, "low": 0.0}),
    (120, {"high": 0.8, "medium": 0.45, "low": 0.0}),
    (366, {"medium": 0.5, "low": 0.0}),
]
"""By the age of the data."""

STAKE = Stake(importance=(0.02, 0.05, 0.04, 0.0), dead=False, down=False, remaining=28, division=0)
CLUB = ClubFacts(
    by_results=0.1,
    by_odds=0.7,
    lately=0.05,
    at_home=0.02,
    form=0.31,
    scored=18,
    conceded=11,
    rest=7,
    reds=0,
    played=10,
    recent=2,
    came=0,
    joins=False,
    known=True,
    stake=STAKE,
)
FINISH = Finish(place=18, clubs=20, season="2024/25", asked="2025/26", play_off=False)
FIXTURE = Fixture(
    league=League("E0", "Premier League", "England"),
    home=Club("Arsenal", "Arsenal"),
    away=Club("Chelsea", "Chelsea"),
    kickoff=datetime(2025, 5, 30, 16, 30, tzinfo=UTC),
)
GRID = score_grid(np.array([1.7]), np.array([1.1]), -0.05)
PROBABILITIES: Triple = (0.5, 0.27, 0.23)
CASE = Case(
    fixture=FIXTURE,
    probabilities=PROBABILITIES,
    rounded=PROBABILITIES,
    base=(0.44, 0.27, 0.29),
    contributions={
        "results": (-0.03, 0.01, 0.02),
        "prices": (0.08, 0.0, -0.08),
        "recent": (0.004, 0.0, -0.004),
        "home": (0.0, 0.0, 0.0),
        "goals": (0.007, -0.01, 0.003),
        "motivation": (-0.002, 0.0, 0.002),
        "schedule": (0.001, 0.0, -0.001),
        "promotion": (0.0, 0.0, 0.0),
        "certainty": (0.0, 0.0, 0.0),
    },
    grid=reconcile(GRID, np.array([PROBABILITIES]))[0],
    corners=np.array((5.62, 4.48)),
    intervals=((0.4401, 0.5599), (0.25, 0.29), (0.19, 0.275)),
    interval_coverage=0.8,
    outcome_set=("home", "draw", "away"),
    outcome_set_coverage=0.9,
    licensed=False,
    more_goals=0.24,
    home=CLUB,
    away=replace(CLUB, by_results=0.2, by_odds=0.4, lately=0.01, form=-0.04),
    data_through=date(2025, 5, 25),
)


_S = TypeVar("_S", bound=Struct)


def read(json: bytes | Raw, kind: type[_S]) -> _S:
    """The Struct that encodes as this JSON, byte for byte."""
    found = msgspec.json.decode(json, type=kind)
    assert msgspec.json.encode(found) == bytes(memoryview(json))
    return found


def market(odds: Odds) -> Triple:
    """What odds say."""
    home, draw, away = shin(np.array([[odds.home, odds.draw, odds.away]]))[0].tolist()
    return (home, draw, away)


def case(probabilities: Triple = PROBABILITIES, odds: Odds | None = None, *, licensed: bool = False) -> Case:
    """The case with other probabilities, odds or licence."""
    rounded = thousandths(probabilities)
    home, draw, away = ((0.9 * p, min(1.1 * p, 1.0)) for p in probabilities)
    return replace(
        CASE,
        probabilities=probabilities,
        rounded=rounded,
        grid=reconcile(GRID, np.array([rounded]))[0],
        intervals=(home, draw, away),
        licensed=licensed,
        market=None if odds is None else market(odds),
        closing_odds=None if odds is None else (odds.home, odds.draw, odds.away),
        fixture=replace(FIXTURE, odds=odds),
    )
