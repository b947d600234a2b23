"""One case to change a thing at a time in."""

from datetime import UTC, date, datetime

from msgspec.structs import replace

from sabiscore.advice.case import Case, ClubFacts, Triple
from sabiscore.domain import Club, Fixture, League, Odds

CLUB = ClubFacts(
    elo=1600.0,
    goals_for=1.8,
    goals_against=1.0,
    shots_for=5.5,
    shots_against=3.5,
    form=0.6,
    rest=7,
    played=10,
    promoted=False,
    joins=False,
    known=True,
)
FIXTURE = Fixture(
    league=League("E0", "Premier League", "England"),
    home=Club("Arsenal", "Arsenal"),
    away=Club("Chelsea", "Chelsea"),
    kickoff=datetime(2025, 5, 30, 16, 30, tzinfo=UTC),
)
CASE = Case(
    fixture=FIXTURE,
    probabilities=(0.5, 0.27, 0.23),
    base=(0.44, 0.27, 0.29),
    contributions={
        "ratings": (0.08, 0.0, -0.08),
        "goals": (-0.03, 0.01, 0.02),
        "shots": (0.005, 0.0, -0.005),
        "form": (0.004, -0.01, 0.006),
        "schedule": (0.001, 0.0, -0.001),
        "promotion": (0.0, 0.0, 0.0),
    },
    home=CLUB,
    away=replace(CLUB, elo=1550.0),
    data_through=date(2025, 5, 25),
)


def case(probabilities: Triple = CASE.probabilities, odds: Odds | None = None) -> Case:
    """The case with other probabilities or odds."""
    return replace(CASE, probabilities=probabilities, fixture=replace(FIXTURE, odds=odds))
