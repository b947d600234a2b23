"""What to be careful with: what is not known of clubs, how old the data are, and what odds are worth."""

from collections.abc import Sequence

from sabiscore.advice.case import DRAW, Case, ClubFacts, Finish
from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.domain import Club, Confidence, Value
from sabiscore.languages.wording import Wording, gettext_noop

MOST_CLUB_NOTES = 2

STALE_DAYS = 30
"""Days without a match known, before kick-off, that are worth a sentence."""


def notes(case: Case, worth: Value | None, level: Confidence, fresh: Confidence, words: Wording) -> list[str]:
    """Three sentences at most.

    With both a club that came up and one that may have gone down, the data's age goes unsaid.
    """
    sides = ((case.fixture.home, case.home), (case.fixture.away, case.away))
    found = [_newcomer(club, facts, words) for club, facts in sides if facts.joins]
    if len(found) > 1:
        home, away = case.fixture.home.name, case.fixture.away.name
        found = [
            words.say(
                "{home} and {away} both come from a league that is not in the data: such clubs are rated alike until "
                "they have played, so confidence is low.",
                home=home,
                away=away,
            )
        ]
    if finished := [(club.name, facts.finish) for club, facts in sides if facts.finish]:
        found.append(_relegated(finished, case, words))
    age = case.age
    if age > STALE_DAYS and len(found) < MOST_CLUB_NOTES:
        found.append(_stale(case, age, level, fresh, words))
    if case.poor_league and len(found) < MOST_CLUB_NOTES:
        found.append(_poor(case, words))
    if worth is not None:
        found.append(_value(case, worth, words))
    return found


def _poor(case: Case, words: Wording) -> str:
    return words.say(
        "Forecasts of {league} matches have been further from the closing odds than in most leagues.",
        league=case.fixture.league.name,
    )


def _stale(case: Case, age: int, level: Confidence, fresh: Confidence, words: Wording) -> str:
    day = words.day(case.data_through)
    if level == fresh:
        return words.say("The last match known is of {day}, {age} days before kick-off.", day=day, age=age)
    return words.say(
        "The last match known is of {day}, {age} days before kick-off: forecasts that old are right less often, so "
        "confidence is {level} and not {fresh}.",
        day=day,
        age=age,
        level=words.say(level),
        fresh=words.say(fresh),
    )


_PLACE = gettext_noop(
    "{club} finished {place} of {clubs} in {season}, in a relegation place; whether they play {league} football in "
    "{asked} is not in the data, so confidence is low."
)
_PLAY_OFF_PLACE = gettext_noop(
    "{club} finished {place} of {clubs} in {season}, in the relegation play-off place; whether they play {league} "
    "football in {asked} is not in the data, so confidence is low."
)
_PLACES = gettext_noop(
    "{club} and {other} finished {place} and {others} of {clubs} in {season}, in relegation places; whether they play "
    "{league} football in {asked} is not in the data, so confidence is low."
)
_PLAY_OFF_PLACES = gettext_noop(
    "{club} and {other} finished {place} and {others} of {clubs} in {season}, in relegation and play-off places; "
    "whether they play {league} football in {asked} is not in the data, so confidence is low."
)


def _relegated(finished: Sequence[tuple[str, Finish]], case: Case, words: Wording) -> str:
    """What is not known of one club or two that finished in a relegation place."""
    play_off = any(finish.play_off for _, finish in finished)
    (club, last), (other, others) = finished[0], finished[-1]
    one, two = (_PLAY_OFF_PLACE, _PLAY_OFF_PLACES) if play_off else (_PLACE, _PLACES)
    return words.say(
        two if len(finished) > 1 else one,
        club=club,
        other=other,
        place=words.place(last.place),
        others=words.place(others.place),
        clubs=last.clubs,
        season=last.season,
        league=case.fixture.league.name,
        asked=last.asked,
    )


def _newcomer(club: Club, facts: ClubFacts, words: Wording) -> str:
    if facts.known:
        return words.say(
            "{club} come from a league that is not in the data: such clubs are rated alike until they have played, so "
            "confidence is low.",
            club=club.name,
        )
    return words.say(
        "{club} have no match on record: such clubs are rated alike until they have played, so confidence is low.",
        club=club.name,
    )


_UNLICENSED = (
    gettext_noop(
        "No bet: these probabilities have not been shown to beat the odds on {league} matches; the best here, on "
        "{club}, are worth {worth} a unit."
    ),
    gettext_noop(
        "No bet: these probabilities have not been shown to beat the odds on {league} matches; the best here, on a "
        "draw, are worth {worth} a unit."
    ),
)
_BET = (
    gettext_noop("The best odds here, on {club}, are worth {worth} a unit: a bet."),
    gettext_noop("The best odds here, on a draw, are worth {worth} a unit: a bet."),
)
_NO_BET = (
    gettext_noop("The best odds here, on {club}, are worth {worth} a unit: no bet below {least}."),
    gettext_noop("The best odds here, on a draw, are worth {worth} a unit: no bet below {least}."),
)


def _value(case: Case, worth: Value, words: Wording) -> str:
    values = [one.expected_value for one in worth.outcomes]
    best = max(range(3), key=values.__getitem__)
    of_club, of_draw = _UNLICENSED if not worth.licensed else _BET if values[best] >= LEAST_VALUE else _NO_BET
    return words.say(
        of_draw if best == DRAW else of_club,
        league=case.fixture.league.name,
        club=case.name(best),
        worth=words.share(values[best], "+.1%"),
        least=words.share(LEAST_VALUE, "+.0%"),
    )
