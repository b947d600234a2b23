"""Sentences with this fixture's real numbers, in the order of what moved the probability most."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from sabiscore.advice.case import ODDS, Case, ClubFacts, Finish, Stake
from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.domain import Club, Confidence, Value
from sabiscore.features.columns import EXPLAINED_GROUPS, FULL_REST

MOST_SENTENCES = 5
MOST_GROUPS = 3
MOST_CLUB_NOTES = 2

STALE_DAYS = 30
"""Days without a match known, before kick-off, that are worth a sentence."""

MATTERS = 0.1
"""How likely it has to be that three points decide about a line, for a match to be said to be about it."""

STAY_UP = 3
_LINES = ("the title", "the Champions League", "Europe")
_LOWER_LINES = ("promotion", "promotion", "the play-offs")

Say: TypeAlias = Callable[[Case], str]

_SENTENCES: dict[str, Say] = {}
"""By the group that moved the probability."""


def sentence(group: str) -> Callable[[Say], Say]:
    """Register the function below as what is said of a group."""

    def register(say: Say) -> Say:
        _SENTENCES[group] = say
        return say

    return register


def check_groups(groups: Collection[str], said: Collection[str]) -> None:
    """Refuse to start where a group that may move a probability has no sentence, or a sentence no group.

    Raises:
        LookupError: the two differ.
    """
    if differing := {*groups} ^ {*said}:
        raise LookupError(f"a group without a sentence, or a sentence without a group: {sorted(differing)}")


def reasons(case: Case, worth: Value | None, level: Confidence, fresh: Confidence) -> list[str]:
    """Three to five sentences: the summary, what moved it most, and what to be careful with.

    ``level`` is the confidence, ``fresh`` what it would be if the data were not old.
    """
    notes = _notes(case, worth, level, fresh)
    groups = min(MOST_GROUPS, MOST_SENTENCES - 1 - len(notes))
    outcome = case.likeliest
    points = {name: abs(moved[outcome]) for name, moved in case.contributions.items()}
    most = sorted(points, key=points.__getitem__, reverse=True)[: max(groups, 1)]
    moving = [_moved(case, name, outcome) for name in most]
    return [_summary(case, outcome), *moving, *notes]


def _summary(case: Case, outcome: int) -> str:
    league = case.fixture.league.name
    usual = ("the home side wins", "it is a draw", "the away side wins")[outcome]
    what = ("{} to win", "A draw", "{} to win")[outcome].format(case.name(outcome))
    return (
        f"{what}: {case.rounded[outcome]:.1%}; between two average {league} clubs {usual} in "
        f"{case.base[outcome]:.1%}."
    )


def _moved(case: Case, group: str, outcome: int) -> str:
    points = 100 * case.contributions[group][outcome]
    return f"{_SENTENCES[group](case)}: {points:+.1f} points for {case.name(outcome)}."


def _notes(case: Case, worth: Value | None, level: Confidence, fresh: Confidence) -> list[str]:
    """Three at most: with both a club that came up and one that may have gone down, the data's age goes unsaid."""
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    notes = [_newcomer(club, facts) for club, facts in sides if facts.joins]
    if len(notes) > 1:
        names = f"{case.fixture.home.name} and {case.fixture.away.name}"
        notes = [f"{names} both come from outside the leagues known: they {_PRIOR}"]
    if finished := [(club.name, facts.finish) for club, facts in sides if facts.finish]:
        notes.append(_relegated(finished, case))
    age = case.age
    if age > STALE_DAYS and len(notes) < MOST_CLUB_NOTES:
        notes.append(_stale(case, age, level, fresh))
    if worth is not None:
        notes.append(_value(case, worth))
    return notes


def _stale(case: Case, age: int, level: Confidence, fresh: Confidence) -> str:
    told = f"The last match known is of {_written(case.data_through)}, {age} days before kick-off"
    if level == fresh:
        return f"{told}."
    return f"{told}: forecasts that old are right less often, so confidence is {level} and not {fresh}."


def _relegated(finished: Sequence[tuple[str, Finish]], case: Case) -> str:
    """What is not known of one club or two that finished in a relegation place."""
    names = " and ".join(name for name, _ in finished)
    places = " and ".join(_ordinal(finish.place) for _, finish in finished)
    play_off = any(finish.play_off for _, finish in finished)
    if len(finished) > 1:
        where = "relegation and play-off places" if play_off else "relegation places"
    else:
        where = "the relegation play-off place" if play_off else "a relegation place"
    last = finished[0][1]
    return (
        f"{names} finished {places} of {last.clubs} in {last.season}, in {where}; whether they play "
        f"{case.fixture.league.name} football in {last.asked} is not in the data, so confidence is low."
    )


def _ordinal(place: int) -> str:
    suffix = "th" if place // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{suffix}"


_PRIOR = "start where such clubs start on average, so confidence is low."


def _newcomer(club: Club, facts: ClubFacts) -> str:
    if facts.known:
        return f"{club.name} come from outside the leagues known: they {_PRIOR}"
    return f"{club.name} have no match on record: they {_PRIOR}"


def _value(case: Case, worth: Value) -> str:
    values = [one.expected_value for one in worth.outcomes]
    best = max(range(3), key=values.__getitem__)
    if not worth.licensed:
        return (
            f"No bet: these probabilities have not been shown to beat the odds on {case.fixture.league.name} "
            f"matches; the best here, on {case.name(best)}, are worth {values[best]:+.1%} a unit."
        )
    verdict = "a bet" if values[best] >= LEAST_VALUE else f"no bet below {LEAST_VALUE:+.0%}"
    return f"The best odds here, on {case.name(best)}, are worth {values[best]:+.1%} a unit: {verdict}."


@lru_cache(maxsize=8)
def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@sentence("results")
def _results(case: Case) -> str:
    return f"What was played rates {_apart(case, case.home.by_results - case.away.by_results)}"


@sentence("prices")
def _prices(case: Case) -> str:
    return f"Closing odds of past matches rate {_apart(case, case.home.by_odds - case.away.by_odds)}"


@sentence("recent")
def _recent(case: Case) -> str:
    beyond = _each(case, lambda club: f"{club.form:+.1f}")
    ahead = _apart(case, case.home.lately - case.away.lately)
    return f"Recent weeks put {ahead} (goals a match beyond the odds of late: {beyond})"


@sentence("home")
def _home(case: Case) -> str:
    more = case.home.at_home
    than = "more" if more >= 0.0 else "less"
    return f"At home {case.fixture.home.name} gain {abs(more):.2f} goals a match {than} than the league's clubs do"


def _apart(case: Case, goals: float) -> str:
    """Who is better, by how much, and than whom."""
    better, worse = (case.fixture.home, case.fixture.away)[:: 1 if goals >= 0 else -1]
    return f"{better.name} {abs(goals):.2f} goals a match above {worse.name}"


@sentence("goals")
def _goals(case: Case) -> str:
    told = _each(case, lambda club: f"{club.scored} and {club.conceded} in {club.played}")
    return f"How many goals there are (scored and conceded this season: {told})"


@sentence("motivation")
def _motivation(case: Case) -> str:
    home, away = case.fixture.home.name, case.fixture.away.name
    return f"{home} {_at_stake(case.home.stake)}, {away} {_at_stake(case.away.stake)}"


def _at_stake(stake: Stake) -> str:
    """What a club plays for, as one goes on after its name."""
    if not stake.begun:
        return "have their season before them"
    if stake.dead:
        return "have nothing left to play for"
    line = max(range(len(stake.importance)), key=stake.importance.__getitem__)
    if stake.importance[line] < MATTERS:
        matches = "match" if stake.remaining == 1 else "matches"
        return f"have {stake.remaining} {matches} to go"
    if line == STAY_UP:
        return "need points to stay up"
    return f"play for {(_LINES if stake.division == 0 else _LOWER_LINES)[line]}"


@sentence("certainty")
def _certainty(case: Case) -> str:
    return f"How certain both ratings are (matches this season: {_each(case, lambda club: str(club.played))})"


@sentence("schedule")
def _schedule(case: Case) -> str:
    return f"Rest, and matches in two weeks: {_each(case, _rest)}"


def _rest(club: ClubFacts) -> str:
    if club.rest is None:
        return "no match known"
    days = f"over {FULL_REST}" if club.rest > FULL_REST else str(club.rest)
    return f"{days} days since the last match known, {club.recent} played"


@sentence("promotion")
def _promotion(case: Case) -> str:
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    up = [club.name for club, facts in sides if facts.came < 0]
    down = [club.name for club, facts in sides if facts.came > 0]
    told = [f"{' and '.join(names)} came {way}" for names, way in ((up, "up"), (down, "down")) if names]
    return f"{', '.join(told) or 'Neither club came up or down'} this season"


@sentence(ODDS)
def _odds(case: Case) -> str:
    given = " / ".join(f"{price:g}" for price in case.odds() or ())
    return f"The odds given ({given})"


def _each(case: Case, words: Callable[[ClubFacts], str]) -> str:
    return f"{case.fixture.home.name} {words(case.home)}; {case.fixture.away.name} {words(case.away)}"


check_groups((*EXPLAINED_GROUPS, ODDS), _SENTENCES)
