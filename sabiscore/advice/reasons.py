"""Sentences with this fixture's real numbers, in the order of what moved the probability most."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from sabiscore.advice.case import ADJUSTMENT, EUROPE, ODDS, STAY_UP, Case, ClubFacts, Finish
from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.domain import Club, Confidence, GoalAdjustment, Value
from sabiscore.features.columns import EXPLAINED_GROUPS, FULL_REST

FEWEST_SENTENCES, MOST_SENTENCES = 3, 5
MOST_GROUPS = 3
MOST_CLUB_NOTES = 2

WORTH_SAYING = 0.005
"""Of a probability: what a group has to move where there is enough to say without it."""

STALE_DAYS = 30
"""Days without a match known, before kick-off, that are worth a sentence."""

MATTERS = 0.1
"""How likely it has to be that three points decide about a line, for a match to be said to be about it."""

_HUNDREDTH, _TENTH = 0.005, 0.05
"""Goals below which so many decimals would show none."""

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
    if ADJUSTMENT in points and ADJUSTMENT not in most:
        most[-1] = ADJUSTMENT
    least = max(FEWEST_SENTENCES - 1 - len(notes), 1)
    said = [
        *most[:least],
        *(name for name in most[least:] if name == ADJUSTMENT or points[name] >= WORTH_SAYING),
    ]
    moving = [_moved(case, name, outcome) for name in said]
    return [_summary(case, outcome), *moving, *notes]


def _summary(case: Case, outcome: int) -> str:
    league = case.fixture.league.name
    usual = ("the home side wins", "it is a draw", "the away side wins")[outcome]
    what = ("{} to win", "A draw", "{} to win")[outcome].format(case.name(outcome))
    if case.fixture.neutral:
        usual = ("each side wins", "it is a draw", "each side wins")[outcome]
        what += " on neutral ground"
    return (
        f"{what}: {case.rounded[outcome]:.1%}; between two average {league} clubs {usual} in "
        f"{case.base[outcome]:.1%} of matches."
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
        notes = [f"{names} both come from {_OUTSIDE} {_PRIOR}"]
    if finished := [(club.name, facts.finish) for club, facts in sides if facts.finish]:
        notes.append(_relegated(finished, case))
    age = case.age
    if age > STALE_DAYS and len(notes) < MOST_CLUB_NOTES:
        notes.append(_stale(case, age, level, fresh))
    if case.poor_league and len(notes) < MOST_CLUB_NOTES:
        notes.append(_poor(case))
    if worth is not None:
        notes.append(_value(case, worth))
    return notes


def _poor(case: Case) -> str:
    league = case.fixture.league.name
    return f"Forecasts of {league} matches have been further from the closing odds than in most leagues."


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


_OUTSIDE = "a league that is not in the data:"
_PRIOR = "such clubs are rated alike until they have played, so confidence is low."


def _newcomer(club: Club, facts: ClubFacts) -> str:
    if facts.known:
        return f"{club.name} come from {_OUTSIDE} {_PRIOR}"
    return f"{club.name} have no match on record: {_PRIOR}"


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
    return f"What happened on the pitch rates {_apart(case, case.home.by_results - case.away.by_results)}"


@sentence("prices")
def _prices(case: Case) -> str:
    newcomers = ", and where newcomers start," if case.home.joins or case.away.joins else ""
    ahead = _apart(case, case.home.by_odds - case.away.by_odds)
    return f"Closing odds of past matches{newcomers} rate {ahead}"


def _apart(case: Case, goals: float) -> str:
    """Who is better, by how much, and than whom."""
    if _is_nothing(goals):
        return "both clubs alike"
    better, worse = _order(case, goals)
    return f"{better.name} {abs(goals):.2f} goals a match above {worse.name}"


def _order(case: Case, goals: float) -> tuple[Club, Club]:
    """The club that is better, and the other."""
    home, away = case.fixture.home, case.fixture.away
    return (home, away) if goals > 0.0 else (away, home)


def _is_nothing(goals: float) -> bool:
    """Whether two decimals would show it as zero."""
    return abs(goals) < _HUNDREDTH


@sentence("recent")
def _recent(case: Case) -> str:
    gained = case.home.lately - case.away.lately
    better, worse = _order(case, gained)
    told = (
        "In recent weeks neither club gained on the other"
        if _is_nothing(gained)
        else f"In recent weeks {better.name} gained {abs(gained):.2f} goals a match on {worse.name}"
    )
    beyond = _each(case, lambda club: f"{round(club.form, 1) + 0.0:+.1f}")
    return f"{told} (goals a match beyond what odds had said: {beyond})"


@sentence("home")
def _home(case: Case) -> str:
    club, more = case.fixture.home.name, case.home.at_home
    if _is_nothing(more):
        return f"At home {club} gain as much as clubs of the league do"
    than = "more" if more > 0.0 else "less"
    return f"At home {club} gain {abs(more):.2f} goals a match {than} than clubs of the league do"


@sentence("goals")
def _goals(case: Case) -> str:
    more = case.more_goals
    how_many = f"{abs(more):.1f} goals {'more' if more > 0.0 else 'fewer'} than"
    if abs(more) < _TENTH:
        how_many = "as many goals as"
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    counts = [
        f"{club.name} {facts.scored} and {facts.conceded} in {_matches(facts.played)}"
        for club, facts in sides
        if facts.played
    ]
    seen = f" (for and against this season: {'; '.join(counts)})" if counts else ""
    return f"Matches of these two clubs have {how_many} is usual in the league{seen}"


@sentence("motivation")
def _motivation(case: Case) -> str:
    home, away = case.fixture.home.name, case.fixture.away.name
    theirs, others = _at_stake(case.home), _at_stake(case.away)
    return (
        f"{home} and {away} both {theirs}" if theirs == others else f"{home} {theirs}, while {away} {others}"
    )


def _at_stake(club: ClubFacts) -> str:
    """What a club plays for, as one goes on after its name."""
    stake = club.stake
    if not stake.remaining:
        return "have ended their season" if club.played else "have their season before them"
    line = EUROPE if stake.dead else max(range(len(stake.importance)), key=stake.importance.__getitem__)
    if stake.importance[line] >= MATTERS:
        if line == STAY_UP:
            return "need points to stay up"
        return f"play for {(_LOWER_LINES if stake.division else _LINES)[line]}"
    if stake.dead:
        return "look certain to go down" if stake.down else "have little left to play for"
    return f"have {_matches(stake.remaining)} to go"


def _matches(number: int) -> str:
    return "1 match" if number == 1 else f"{number} matches"


@sentence("certainty")
def _certainty(case: Case) -> str:
    played = _each(case, lambda club: str(club.played))
    return f"How well both clubs are known (matches this season: {played})"


@sentence("schedule")
def _schedule(case: Case) -> str:
    return f"Rest and matches in two weeks: {_each(case, _rest)}"


def _rest(club: ClubFacts) -> str:
    if club.rest is None:
        return "no match known"
    days = (
        f"over {FULL_REST} days"
        if club.rest > FULL_REST
        else "1 day"
        if club.rest == 1
        else f"{club.rest} days"
    )
    reds = f", with {club.reds} sent off in it" if club.reds else ""
    return f"{days} since the last match known{reds}, {club.recent} played"


@sentence("promotion")
def _promotion(case: Case) -> str:
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    by_way = {
        "came up": [club.name for club, facts in sides if facts.came < 0],
        "came down": [club.name for club, facts in sides if facts.came > 0],
        "joined from another league": [club.name for club, facts in sides if facts.joins and not facts.came],
    }
    told = [f"{' and '.join(names)} {way}" for way, names in by_way.items() if names]
    return f"{', '.join(told) or 'Neither club came up or down'} last summer"


@sentence(ODDS)
def _odds(case: Case) -> str:
    given = " / ".join(f"{price:g}" for price in case.odds() or ())
    return f"The odds given ({given})"


@sentence(ADJUSTMENT)
def _adjustment(case: Case) -> str:
    adjust = case.fixture.adjust or GoalAdjustment()
    sides = ((case.fixture.home, adjust.home), (case.fixture.away, adjust.away))
    told = " and ".join(f"{goals:+g} for {club.name}" for club, goals in sides if goals)
    return f"Goals to expect are adjusted as you asked, {told}"


def _each(case: Case, words: Callable[[ClubFacts], str]) -> str:
    return f"{case.fixture.home.name} {words(case.home)}; {case.fixture.away.name} {words(case.away)}"


check_groups((*EXPLAINED_GROUPS, ODDS, ADJUSTMENT), _SENTENCES)
