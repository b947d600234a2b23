"""What pages show of seasons: tables, ratings, clubs, matches that were played."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from sabiscore.api.loaded import Loaded
from sabiscore.api.names import team_at
from sabiscore.api.problems import NOT_FOUND, ProblemError
from sabiscore.api.web.charts import over_time
from sabiscore.api.web.look import DASH
from sabiscore.api.web.views import USUAL_KICKOFF, Context, Shown, shown
from sabiscore.domain import Fixture, League
from sabiscore.languages.wording import Wording, gettext_noop
from sabiscore.season.reader import Season
from sabiscore.season.schemas import HeadToHead, LeagueTable, SeasonMatch
from sabiscore.season.standings import THEN

SHARES = {
    "title": gettext_noop("Title"),
    "champions_league": gettext_noop("Champions League"),
    "europe": gettext_noop("Europe"),
    "promotion": gettext_noop("Promotion"),
    "promotion_play_off": gettext_noop("Promotion play-off"),
    "relegation_play_off": gettext_noop("Relegation play-off"),
    "relegation": gettext_noop("Relegation"),
}
"""What may become of a club, by the fields of `PlaceChances`."""

FEW = 5


class Past(Struct, frozen=True):
    """A match that was played, in a list of a page."""

    id: str
    day: date | None
    home: str
    away: str
    score: str


def season_of(loaded: Loaded, words: Wording) -> Season:
    """The seasons; raises ProblemError: the bundle knows none."""
    if loaded.season is None:
        raise ProblemError(
            NOT_FOUND, words.say("This service knows no matches yet: its next update brings them.")
        )
    return loaded.season


def table(loaded: Loaded, league: League, words: Wording) -> Context:
    """A league's table; raises ProblemError: there is none."""
    found = season_of(loaded, words).table(league)
    if found is None:
        raise ProblemError(NOT_FOUND, words.say("No match of the {league} is known.", league=league.name))
    projected = [(row.projection.expected_points, row) for row in found.rows if row.projection]
    return {
        "table": found,
        "shares": [(field, words.say(name)) for field, name in _shares(found)],
        "note": words.say(found.note) if found.note else "",
        "tie_break": _tie_break(found.tie_break.rule, words),
        "source": words.say(found.tie_break.source),
        "projected": [row for _, row in sorted(projected, key=lambda each: each[0], reverse=True)],
    }


def _tie_break(rule: str, words: Wording) -> str:
    """What parts clubs that are level, in the words of a language."""
    return words.say(THEN).join(words.say(each) for each in rule.split(THEN))


def _shares(found: LeagueTable) -> list[tuple[str, str]]:
    """The chances that there are in this league, with their names."""
    chances = [row.projection for row in found.rows if row.projection]
    return [item for item in SHARES.items() if any(getattr(each, item[0]) is not None for each in chances)]


def ratings(loaded: Loaded, league: League, words: Wording) -> Context:
    """How good a league's clubs are; raises ProblemError: there is no match."""
    found = season_of(loaded, words).ratings(league)
    if found is None:
        raise ProblemError(NOT_FOUND, words.say("No match of the {league} is known.", league=league.name))
    return {"ratings": found, "most": max(0.1, *(abs(one.strength) for one in found.teams))}


def team(loaded: Loaded, name: str, words: Wording) -> Context:
    """A club's page; raises ProblemError: nobody is called so, or it has not played."""
    club = team_at(loaded.service, name).club
    found = season_of(loaded, words).team(club)
    if found is None:
        raise ProblemError(NOT_FOUND, words.say("No match of {club} is known.", club=club.name))
    years = season_of(loaded, words).over_the_years(club)
    return {
        "team": found,
        "last": _past(found.last),
        "strength": over_time([found.ratings]) if years else None,
        "years": over_time([years]) if years else None,
        "since": years[0].date if years else None,
    }


def match(loaded: Loaded, fixture_id: str) -> tuple[Shown, Fixture] | None:
    """A match that was played, or is left to play and on no list."""
    found = loaded.season.find(fixture_id) if loaded.season else None
    if found is None:
        return None
    fixture = fixture_of(loaded, found)
    told = shown(
        fixture,
        id=found.id,
        result=found.score,
        sealed=loaded.sealed.get(found.id),
        dated=found.date is not None,
    )
    return told, fixture


def fixture_of(loaded: Loaded, found: SeasonMatch) -> Fixture:
    """A match of a season as a fixture that is asked for."""
    return loaded.service.resolve(
        home_team=found.home.name,
        away_team=found.away.name,
        league=found.league.code,
        kickoff_time=found.kickoff_time or _usual(loaded, found),
        odds=None,
    )


def _usual(loaded: Loaded, found: SeasonMatch) -> datetime:
    return datetime.combine(found.date or loaded.clock.now().date() + timedelta(days=1), USUAL_KICKOFF)


def around(loaded: Loaded, fixture: Fixture, words: Wording) -> Context:
    """Both clubs before a match: how good they were, their last matches, and those against each other."""
    if loaded.season is None:
        return {}
    on = min(fixture.kickoff.date(), loaded.service.data_through + timedelta(days=1))
    clubs = [loaded.season.lately(club, on) for club in (fixture.home, fixture.away)]
    met = loaded.season.head_to_head(fixture.home, fixture.away, None, on)
    return {
        "strength": over_time([ratings for ratings, _ in clubs]),
        "lately": [
            (name, _past(last)) for name, (_, last) in zip(_names(fixture), clubs, strict=True) if last
        ],
        "meetings": _meetings(met, fixture, words) if met.matches else None,
    }


def _names(fixture: Fixture) -> tuple[str, str]:
    return fixture.home.name, fixture.away.name


def _past(matches: Iterable[SeasonMatch]) -> list[Past]:
    return [
        Past(one.id, one.date, one.home.name, one.away.name, f"{one.score.home} {DASH} {one.score.away}")
        for one in matches
        if one.score
    ]


def _meetings(met: HeadToHead, fixture: Fixture, words: Wording) -> tuple[str, Sequence[Past]]:
    """All of them in words, and the last few."""
    home, away = _names(fixture)
    counts = met.overall
    told = words.count(
        "{number} match, {home} won {wins}, {draws} drawn, {away} won {others}",
        "{number} matches, {home} won {wins}, {draws} drawn, {away} won {others}",
        counts.played,
        home=home,
        wins=counts.home_team_wins,
        draws=counts.draws,
        away=away,
        others=counts.away_team_wins,
    )
    return told, _past(met.matches[:FEW])
