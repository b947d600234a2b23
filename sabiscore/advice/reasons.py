"""Sentences with this fixture's real numbers, in the order of what moved the probability most.

Each is one message with its values, or a few that a language may put in its own order: see `wording`.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from sabiscore.advice.case import ADJUSTMENT, DRAW, EUROPE, ODDS, STAY_UP, Case, ClubFacts
from sabiscore.advice.notes import notes
from sabiscore.domain import Club, Confidence, GoalAdjustment, Value
from sabiscore.features.columns import EXPLAINED_GROUPS, FULL_REST
from sabiscore.languages.wording import Wording, gettext_noop, wording

FEWEST_SENTENCES, MOST_SENTENCES = 3, 5
MOST_GROUPS = 3

WORTH_SAYING = 0.005
"""Of a probability: what a group has to move where there is enough to say without it."""

MATTERS = 0.1
"""How likely it has to be that three points decide about a line, for a match to be said to be about it."""

_HUNDREDTH, _TENTH = 0.005, 0.05
"""Goals below which so many decimals would show none."""

_LINES = (
    gettext_noop("play for the title", "one club", "both clubs"),
    gettext_noop("play for the Champions League", "one club", "both clubs"),
    gettext_noop("play for Europe", "one club", "both clubs"),
)
_PROMOTION = gettext_noop("play for promotion", "one club", "both clubs")
_LOWER_LINES = (_PROMOTION, _PROMOTION, gettext_noop("play for the play-offs", "one club", "both clubs"))
_STAY_UP = gettext_noop("need points to stay up", "one club", "both clubs")
_ENDED = gettext_noop("have ended their season", "one club", "both clubs")
_BEFORE = gettext_noop("have their season before them", "one club", "both clubs")
_CERTAIN = gettext_noop("look certain to go down", "one club", "both clubs")
_LITTLE = gettext_noop("have little left to play for", "one club", "both clubs")
_UP = gettext_noop("came up", "one club", "both clubs")
_DOWN = gettext_noop("came down", "one club", "both clubs")
_JOINED = gettext_noop("joined from another league", "one club", "both clubs")

ENGLISH = wording("en")

Say: TypeAlias = Callable[[Case, Wording], str]

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


def reasons(
    case: Case, worth: Value | None, level: Confidence, fresh: Confidence, words: Wording = ENGLISH
) -> list[str]:
    """Three to five sentences: the summary, what moved it most, and what to be careful with.

    ``level`` is the confidence, ``fresh`` what it would be if the data were not old.
    """
    noted = notes(case, worth, level, fresh, words)
    groups = min(MOST_GROUPS, MOST_SENTENCES - 1 - len(noted))
    outcome = case.likeliest
    points = {name: abs(moved[outcome]) for name, moved in case.contributions.items()}
    most = sorted(points, key=points.__getitem__, reverse=True)[: max(groups, 1)]
    if ADJUSTMENT in points and ADJUSTMENT not in most:
        most[-1] = ADJUSTMENT
    least = max(FEWEST_SENTENCES - 1 - len(noted), 1)
    said = [
        *most[:least],
        *(name for name in most[least:] if name == ADJUSTMENT or points[name] >= WORTH_SAYING),
    ]
    moving = [_moved(case, name, outcome, words) for name in said]
    return [_summary(case, outcome, words), *moving, *noted]


_SUMMARIES = (
    gettext_noop(
        "{club} to win: {share}; between two average {league} clubs the home side wins in {base} of matches."
    ),
    gettext_noop("A draw: {share}; between two average {league} clubs it is a draw in {base} of matches."),
    gettext_noop(
        "{club} to win: {share}; between two average {league} clubs the away side wins in {base} of matches."
    ),
)
_NEUTRAL_WIN = gettext_noop(
    "{club} to win on neutral ground: {share}; between two average {league} clubs each side wins in {base} of "
    "matches."
)
_NEUTRAL_DRAW = gettext_noop(
    "A draw on neutral ground: {share}; between two average {league} clubs it is a draw in {base} of matches."
)


def _summary(case: Case, outcome: int, words: Wording) -> str:
    message = _SUMMARIES[outcome]
    if case.fixture.neutral:
        message = _NEUTRAL_DRAW if outcome == DRAW else _NEUTRAL_WIN
    return words.say(
        message,
        club=case.name(outcome),
        league=case.fixture.league.name,
        share=words.share(case.rounded[outcome]),
        base=words.share(case.base[outcome]),
    )


def _moved(case: Case, group: str, outcome: int, words: Wording) -> str:
    message = (
        gettext_noop("{reason}: {points} points for a draw.")
        if outcome == DRAW
        else gettext_noop("{reason}: {points} points for {club}.")
    )
    points = words.number(100 * case.contributions[group][outcome], "+.1f")
    return words.say(message, reason=_SENTENCES[group](case, words), points=points, club=case.name(outcome))


@sentence("results")
def _results(case: Case, words: Wording) -> str:
    return _apart(
        case,
        case.home.by_results - case.away.by_results,
        gettext_noop("What happened on the pitch rates both clubs alike"),
        gettext_noop("What happened on the pitch rates {better} {goals} goals a match above {worse}"),
        words,
    )


@sentence("prices")
def _prices(case: Case, words: Wording) -> str:
    alike, apart = (
        gettext_noop("Closing odds of past matches rate both clubs alike"),
        gettext_noop("Closing odds of past matches rate {better} {goals} goals a match above {worse}"),
    )
    if case.home.joins or case.away.joins:
        alike, apart = (
            gettext_noop("Closing odds of past matches, and where newcomers start, rate both clubs alike"),
            gettext_noop(
                "Closing odds of past matches, and where newcomers start, rate {better} {goals} goals a match above "
                "{worse}"
            ),
        )
    return _apart(case, case.home.by_odds - case.away.by_odds, alike, apart, words)


def _apart(case: Case, goals: float, alike: str, apart: str, words: Wording) -> str:
    """Who is better, by how much, and than whom."""
    if _is_nothing(goals):
        return words.say(alike)
    better, worse = _order(case, goals)
    return words.say(apart, better=better.name, goals=words.number(abs(goals), ".2f"), worse=worse.name)


def _order(case: Case, goals: float) -> tuple[Club, Club]:
    """The club that is better, and the other."""
    home, away = case.fixture.home, case.fixture.away
    return (home, away) if goals > 0.0 else (away, home)


def _is_nothing(goals: float) -> bool:
    """Whether two decimals would show it as zero."""
    return abs(goals) < _HUNDREDTH


@sentence("recent")
def _recent(case: Case, words: Wording) -> str:
    told = _apart(
        case,
        case.home.lately - case.away.lately,
        gettext_noop("In recent weeks neither club gained on the other"),
        gettext_noop("In recent weeks {better} gained {goals} goals a match on {worse}"),
        words,
    )
    beyond = _each(case, lambda club: words.number(round(club.form, 1) + 0.0, "+.1f"))
    return words.say("{told} (goals a match beyond what odds had said: {beyond})", told=told, beyond=beyond)


@sentence("home")
def _home(case: Case, words: Wording) -> str:
    more = case.home.at_home
    message = gettext_noop("At home {club} gain as much as clubs of the league do")
    if not _is_nothing(more):
        message = (
            gettext_noop("At home {club} gain {goals} goals a match more than clubs of the league do")
            if more > 0.0
            else gettext_noop("At home {club} gain {goals} goals a match less than clubs of the league do")
        )
    return words.say(message, club=case.fixture.home.name, goals=words.number(abs(more), ".2f"))


@sentence("goals")
def _goals(case: Case, words: Wording) -> str:
    more = case.more_goals
    message = gettext_noop("Matches of these two clubs have as many goals as is usual in the league")
    if not abs(more) < _TENTH:
        message = (
            gettext_noop("Matches of these two clubs have {goals} goals more than is usual in the league")
            if more > 0.0
            else gettext_noop(
                "Matches of these two clubs have {goals} goals fewer than is usual in the league"
            )
        )
    told = words.say(message, goals=words.number(abs(more), ".1f"))
    counts = [
        words.count(
            "{club} {scored} and {conceded} in {number} match",
            "{club} {scored} and {conceded} in {number} matches",
            facts.played,
            club=club.name,
            scored=facts.scored,
            conceded=facts.conceded,
        )
        for club, facts in ((case.fixture.home, case.home), (case.fixture.away, case.away))
        if facts.played
    ]
    if not counts:
        return told
    return words.say("{told} (for and against this season: {counts})", told=told, counts="; ".join(counts))


@sentence("motivation")
def _motivation(case: Case, words: Wording) -> str:
    home, away = case.fixture.home.name, case.fixture.away.name
    theirs, others = (_at_stake(club, words, both=False) for club in (case.home, case.away))
    if theirs == others:
        both = _at_stake(case.home, words, both=True)
        return words.say("{home} and {away} both {theirs}", home=home, away=away, theirs=both)
    return words.say(
        "{home} {theirs}, while {away} {others}", home=home, theirs=theirs, away=away, others=others
    )


def _at_stake(club: ClubFacts, words: Wording, *, both: bool) -> str:
    """What a club plays for, as one goes on after its name, or those of both."""
    stake = club.stake
    if not stake.remaining:
        return words.of_club(_ENDED if club.played else _BEFORE, both=both)
    line = EUROPE if stake.dead else max(range(len(stake.importance)), key=stake.importance.__getitem__)
    if stake.importance[line] >= MATTERS:
        lines = _LOWER_LINES if stake.division else _LINES
        return words.of_club(_STAY_UP if line == STAY_UP else lines[line], both=both)
    if stake.dead:
        return words.of_club(_CERTAIN if stake.down else _LITTLE, both=both)
    return words.count_of_club(
        "have {number} match to go", "have {number} matches to go", stake.remaining, both=both
    )


@sentence("certainty")
def _certainty(case: Case, words: Wording) -> str:
    played = _each(case, lambda club: str(club.played))
    return words.say("How well both clubs are known (matches this season: {played})", played=played)


@sentence("schedule")
def _schedule(case: Case, words: Wording) -> str:
    return words.say(
        "Rest and matches in two weeks: {each}", each=_each(case, lambda club: _rest(club, words))
    )


def _rest(club: ClubFacts, words: Wording) -> str:
    if club.rest is None:
        return words.say("no match known")
    days = (
        words.say("over {days} days since the last match known", days=FULL_REST)
        if club.rest > FULL_REST
        else words.count(
            "{number} day since the last match known", "{number} days since the last match known", club.rest
        )
    )
    if club.reds:
        return words.say(
            "{days}, with {reds} sent off in it, {recent} played",
            days=days,
            reds=club.reds,
            recent=club.recent,
        )
    return words.say("{days}, {recent} played", days=days, recent=club.recent)


@sentence("promotion")
def _promotion(case: Case, words: Wording) -> str:
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    by_way = {
        _UP: [club.name for club, facts in sides if facts.came < 0],
        _DOWN: [club.name for club, facts in sides if facts.came > 0],
        _JOINED: [club.name for club, facts in sides if facts.joins and not facts.came],
    }
    told = [_came(names, way, words) for way, names in by_way.items() if names]
    if not told:
        return words.say("Neither club came up or down last summer")
    return words.say("{told} last summer", told=", ".join(told))


def _came(names: Sequence[str], way: str, words: Wording) -> str:
    if len(names) > 1:
        return f"{_both(names, words)} {words.of_club(way, both=True)}"
    return f"{names[0]} {words.of_club(way, both=False)}"


def _both(names: Sequence[str], words: Wording) -> str:
    return words.say("{first} and {second}", first=names[0], second=names[1])


@sentence(ODDS)
def _odds(case: Case, words: Wording) -> str:
    given = " / ".join(words.number(price, "g") for price in case.odds() or ())
    return words.say("The odds given ({given})", given=given)


@sentence(ADJUSTMENT)
def _adjustment(case: Case, words: Wording) -> str:
    adjust = case.fixture.adjust or GoalAdjustment()
    sides = ((case.fixture.home, adjust.home), (case.fixture.away, adjust.away))
    told = [
        words.say("{goals} for {club}", goals=words.number(goals, "+g"), club=club.name)
        for club, goals in sides
        if goals
    ]
    changes = _both(told, words) if len(told) > 1 else "".join(told)
    return words.say("Goals to expect are adjusted as you asked, {changes}", changes=changes)


def _each(case: Case, words: Callable[[ClubFacts], str]) -> str:
    return f"{case.fixture.home.name} {words(case.home)}; {case.fixture.away.name} {words(case.away)}"


check_groups((*EXPLAINED_GROUPS, ODDS, ADJUSTMENT), _SENTENCES)
