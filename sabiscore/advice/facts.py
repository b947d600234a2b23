"""From rows of numbers to facts about clubs."""

from datetime import date

from sabiscore.advice.case import Case, ClubFacts, Triple
from sabiscore.domain import Fixture
from sabiscore.features import Sides
from sabiscore.features.components import CLUB, LEAGUE
from sabiscore.features.timeline import NONE
from sabiscore.forecaster import EXPLAINED_GROUPS, Forecast
from sabiscore.models.predictor import Floats

ELO_MEAN, ELO_UNIT = 1500.0, 400.0


def case(fixture: Fixture, day: int, forecast: Forecast, number: int, data_through: date) -> Case:
    """What there is to say about ``fixture``, row ``number`` of a forecast, kicked off on ``day``."""
    rows, explained = forecast.rows, forecast.explained
    league = dict(zip(LEAGUE, rows.league[number].tolist(), strict=True))
    goals = 0.5 * (league["home_goals"] + league["away_goals"])
    shots = 0.5 * (league["home_shots"] + league["away_shots"])
    return Case(
        fixture=fixture,
        probabilities=_triple(explained.probabilities[number]),
        base=_triple(explained.base[number]),
        contributions={
            name: _triple(explained.contributions[number, group])
            for group, name in enumerate(EXPLAINED_GROUPS)
        },
        home=_club(rows.home, number, day, goals, shots),
        away=_club(rows.away, number, day, goals, shots),
        data_through=data_through,
    )


def _triple(values: Floats) -> Triple:
    home, draw, away = values.tolist()
    return (home, draw, away)


def _club(sides: Sides, number: int, day: int, goals: float, shots: float) -> ClubFacts:
    values = dict(zip(CLUB, sides.values[number].tolist(), strict=True))
    standing = sides.standing
    last_day = int(standing.last_day[number])
    return ClubFacts(
        elo=ELO_MEAN + ELO_UNIT * values["elo"],
        goals_for=goals * (1.0 + values["goals_for"]),
        goals_against=goals * (1.0 + values["goals_against"]),
        shots_for=shots * (1.0 + values["shots_for"]),
        shots_against=shots * (1.0 + values["shots_against"]),
        form=0.5 + values["form"],
        rest=None if last_day == NONE else day - last_day,
        played=int(standing.played[number]),
        promoted=bool(values["promoted"]),
        joins=bool(standing.joins[number]),
        known=last_day != NONE,
    )
