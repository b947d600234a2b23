"""Sentences with this fixture's real numbers, in the order of what moved the probability most."""

from collections.abc import Callable, Mapping
from datetime import date

from sabiscore.advice.case import Case, ClubFacts
from sabiscore.advice.rules import LEAST_VALUE, expected_values, thousandths
from sabiscore.domain import Club

MOST_SENTENCES = 5
MOST_GROUPS = 3

STALE_DAYS = 30
"""Days without a match known, before kick-off, that are worth a sentence."""


def reasons(case: Case) -> list[str]:
    """Three to five sentences: the summary, what moved it most, and what to be careful with."""
    notes = _notes(case)
    groups = min(MOST_GROUPS, MOST_SENTENCES - 1 - len(notes))
    outcome = case.likeliest
    moved = sorted(case.contributions, key=lambda name: -abs(case.contributions[name][outcome]))
    moving = [_moved(case, name, outcome) for name in moved[: max(groups, 1)]]
    return [_summary(case, outcome), *moving, *notes]


def _summary(case: Case, outcome: int) -> str:
    league = case.fixture.league.name
    usual = ("the home side wins", "it is a draw", "the away side wins")[outcome]
    what = ("{} to win", "A draw", "{} to win")[outcome].format(case.name(outcome))
    probability, base = thousandths(case.probabilities)[outcome], case.base[outcome]
    return f"{what}: {probability:.1%}; between two average {league} clubs {usual} in {base:.1%}."


def _moved(case: Case, group: str, outcome: int) -> str:
    points = 100 * case.contributions[group][outcome]
    return f"{_FACTS[group](case)}: {points:+.1f} points for {case.name(outcome)}."


def _notes(case: Case) -> list[str]:
    notes = [
        _newcomer(club, facts, case)
        for club, facts in ((case.fixture.home, case.home), (case.fixture.away, case.away))
        if facts.joins
    ]
    if len(notes) > 1:
        notes = [f"{case.fixture.home.name} and {case.fixture.away.name} both {_PROMOTED_PRIOR}"]
    age = (case.fixture.kickoff.date() - case.data_through).days
    if age > STALE_DAYS:
        notes.append(f"The last match known is of {_written(case.data_through)}, {age} days before kick-off.")
    if case.fixture.odds is not None:
        notes.append(_value(case))
    return notes


_PROMOTED_PRIOR = (
    "have come up into the league: they start where promoted clubs start on average, so confidence is low."
)


def _newcomer(club: Club, facts: ClubFacts, case: Case) -> str:
    if facts.known:
        return f"{club.name} {_PROMOTED_PRIOR}"
    return f"{club.name} have no {case.fixture.league.name} match on record and {_PROMOTED_PRIOR}"


def _value(case: Case) -> str:
    values, odds = expected_values(case), case.odds()
    if values is None or odds is None:
        raise ValueError("no odds to speak of")
    best = max(range(3), key=values.__getitem__)
    worth = f"the best odds here, {odds[best]:g} for {case.name(best)}, are worth {values[best]:+.1%} a unit"
    verdict = "a bet" if values[best] >= LEAST_VALUE else f"no bet below {LEAST_VALUE:+.0%}"
    return f"By these probabilities {worth}: {verdict}."


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _ratings(case: Case) -> str:
    return f"Elo ratings: {_each(case, lambda club: f'{club.elo:.0f}')}"


def _goals(case: Case) -> str:
    return f"Goals scored and conceded a match: {_each(case, _scored)}"


def _scored(club: ClubFacts) -> str:
    return f"{club.goals_for:.1f} and {club.goals_against:.1f}"


def _shots(case: Case) -> str:
    return f"Shots on target a match, for and against: {_each(case, _shot)}"


def _shot(club: ClubFacts) -> str:
    return f"{club.shots_for:.1f} and {club.shots_against:.1f}"


def _form(case: Case) -> str:
    return f"Points taken lately, of those there were: {_each(case, lambda club: f'{club.form:.0%}')}"


def _schedule(case: Case) -> str:
    return f"Rest, and matches this season: {_each(case, _rest)}"


def _rest(club: ClubFacts) -> str:
    rest = "no match known" if club.rest is None else f"{club.rest} days since the last match known"
    return f"{rest}, {club.played} played"


def _promotion(case: Case) -> str:
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    up = [club.name for club, facts in sides if facts.promoted]
    return f"{' and '.join(up)} came up this season" if up else "Neither club came up this season"


def _each(case: Case, words: Callable[[ClubFacts], str]) -> str:
    return f"{case.fixture.home.name} {words(case.home)}; {case.fixture.away.name} {words(case.away)}"


_FACTS: Mapping[str, Callable[[Case], str]] = {
    "ratings": _ratings,
    "goals": _goals,
    "shots": _shots,
    "form": _form,
    "schedule": _schedule,
    "promotion": _promotion,
}
