"""What pages show of what was loaded."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from sabiscore.api.listing import Choice, Row, ShortPrediction
from sabiscore.api.loaded import Loaded
from sabiscore.api.problems import OF_ERROR
from sabiscore.api.web.charts import reliability
from sabiscore.api.web.markets import groups
from sabiscore.api.web.rows import Rows
from sabiscore.data.ids import slug
from sabiscore.domain import Confidence, Fixture, GoalAdjustment, League, Odds, Outcome, SideCounts
from sabiscore.errors import InvalidFixtureError, UnknownNameError
from sabiscore.languages.wording import Wording, gettext_noop
from sabiscore.ledger.record import statement
from sabiscore.ledger.schemas import Alarm, Compared, Forecast, Point, Question, Record, Sealed
from sabiscore.models.calibration import INTERVAL_COVERAGE
from sabiscore.scoring.months import Month, shipped
from sabiscore.scoring.reliability import RELIABILITY

A_WEEK = timedelta(days=6)
"""From its first to its last day."""

A_DAY = timedelta(days=1)
USUAL_KICKOFF = time(15, 0, tzinfo=UTC)
NONE_LISTED = gettext_noop("No fixture is listed for these days.")
NO_LIST = gettext_noop("This service has no list of coming fixtures yet: its next update brings one.")

HIT_RATES: Mapping[Confidence, str] = {
    "low": gettext_noop(
        "In {rate} of matches of low confidence the likeliest outcome happened, on seasons not seen before."
    ),
    "medium": gettext_noop(
        "In {rate} of matches of medium confidence the likeliest outcome happened, on seasons not seen before."
    ),
    "high": gettext_noop(
        "In {rate} of matches of high confidence the likeliest outcome happened, on seasons not seen before."
    ),
}
QUESTIONS: Mapping[Question, str] = {
    "calibration": gettext_noop("Do outcomes come as often as said?"),
    "market": gettext_noop("Are we no farther behind the market than promised?"),
}
"""What the alarms ask."""

Context = dict[str, Any]
Reliability = dict[Outcome, list[Point]]


class LeagueLink(Struct, frozen=True):
    """A league to choose."""

    slug: str
    name: str
    country: str
    code: str


class Shown(Struct, frozen=True, kw_only=True):
    """A fixture as a page shows it; ``id`` is empty where it stands on no list, ``dated`` whether its day is known."""

    id: str = ""
    league_name: str
    league_slug: str
    home: str
    away: str
    kickoff: datetime
    prediction: ShortPrediction | None = None
    result: SideCounts | None = None
    sealed: Sealed | None = None
    dated: bool = True


class LeagueGroup(Struct, frozen=True):
    """Fixtures of a league on a day, as they are listed."""

    name: str
    rows: Markup


class Day(Struct, frozen=True):
    """A day's fixtures by league."""

    day: date
    leagues: list[LeagueGroup]


class Watched(Struct, frozen=True):
    """A league that is watched over ``n`` matches, and what a stake of 1 has become by question."""

    league: str
    n: int
    stakes: dict[Question, float]
    fired: bool


class Given(Struct, frozen=True):
    """What a reader typed about a match: odds, and goals that they expect more or fewer of each side."""

    odds_home: str = ""
    odds_draw: str = ""
    odds_away: str = ""
    adjust_home: str = ""
    adjust_away: str = ""

    def applied(self, fixture: Fixture) -> Fixture:
        """The fixture with it.

        Raises:
            InvalidFixtureError: it is no number, or odds are incomplete.
        """
        odds = [_number(text) for text in (self.odds_home, self.odds_draw, self.odds_away)]
        known = [number for number in odds if number is not None]
        if known and len(known) < len(odds):
            raise InvalidFixtureError("Odds are given on all three outcomes or on none.")
        goals = [_number(text) or 0.0 for text in (self.adjust_home, self.adjust_away)]
        return replace(
            fixture,
            odds=Odds(*known) if known else None,
            adjust=GoalAdjustment(*goals) if any(goals) else None,
        )


def _number(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InvalidFixtureError("{text} is no number.", text=repr(text[:20])) from None


def leagues(loaded: Loaded, words: Wording) -> list[LeagueLink]:
    """The leagues there are."""
    return [
        LeagueLink(slug(league.name), league.name, words.say(league.country), league.code)
        for league in loaded.service.leagues
    ]


def base(loaded: Loaded, here: str, title: str, words: Wording) -> Context:
    """What every page says."""
    service = loaded.service
    return {
        "here": here,
        "title": title,
        "through": service.data_through,
        "version": service.version,
        "leagues": leagues(loaded, words),
    }


def fixtures(loaded: Loaded, league: League | None, since: date, words: Wording) -> Context:
    """The fixtures of seven days."""
    until, today = since + A_WEEK, loaded.clock.now().date()
    rows = loaded.coming.rows if loaded.coming else ()
    listed = loaded.answered.rows[words.language] if loaded.answered else None
    choice = Choice(league, None, since, until)
    told = sorted(filter(choice.has, rows), key=_highest)
    later = any(Choice(league, None, until + A_DAY, None).has(row) for row in rows)
    return {
        "heading": words.say("This week" if since == today else "Fixtures"),
        "league": slug(league.name) if league else "",
        "since": since.isoformat(),
        "days": by_day(loaded, listed, words, league=league, since=since, until=until) if listed else [],
        "surest": _listed(told[-1]) if len(told) > 1 else None,
        "closest": _listed(told[0]) if len(told) > 1 else None,
        "statement": "" if told else words.say(NONE_LISTED if loaded.coming or since < today else NO_LIST),
        "later": week_of(until + A_DAY, league) if later or until < loaded.service.data_through else "",
    }


def week_of(since: date, league: League | None) -> str:
    """The address of the fixtures of a week."""
    return f"/?from={since}" + (f"&league={slug(league.name)}" if league else "")


def _highest(row: Row) -> float:
    said = row.head.prediction
    return max(said.home_win_prob, said.draw_prob, said.away_win_prob) if said else 0.0


def _listed(row: Row) -> Shown:
    head = row.head
    return Shown(
        id=head.id,
        league_name=head.league.name,
        league_slug=head.league.id,
        home=head.home.name,
        away=head.away.name,
        kickoff=row.fixture.kickoff,
        prediction=head.prediction,
    )


def by_day(
    loaded: Loaded,
    listed: Rows,
    words: Wording,
    *,
    league: League | None = None,
    since: date = date.min,
    until: date = date.max,
) -> list[Day]:
    """Fixtures that are ``listed``, of a league or of all, from a day to a day."""
    names = {each.code: f"{each.country}: {each.name}" for each in leagues(loaded, words)}
    wanted = [
        group
        for group in listed.groups
        if since <= group.day <= until and (league is None or group.league == league.code)
    ]
    return [
        Day(day, [LeagueGroup(names[group.league], listed.of(group)) for group in of_day])
        for day, of_day in groupby(wanted, attrgetter("day"))
    ]


def shown(fixture: Fixture, **more: Any) -> Shown:  # noqa: ANN401 - further fields
    """A fixture as a page shows it."""
    return Shown(
        league_name=fixture.league.name,
        league_slug=slug(fixture.league.name),
        home=fixture.home.name,
        away=fixture.away.name,
        kickoff=fixture.kickoff,
        **more,
    )


def listed(loaded: Loaded, fixture_id: str) -> tuple[Shown, Fixture] | None:
    """A fixture on the list of those that come; its odds are not those that were given."""
    row = loaded.coming.by_id.get(fixture_id) if loaded.coming else None
    return (_listed(row), row.fixture) if row else None


def form(loaded: Loaded, league: str, home: str, away: str, day: str, *, words: Wording) -> Context:
    """A form to ask for any match of a league."""
    there = leagues(loaded, words)
    chosen = next((each for each in there if each.slug == league), there[0])
    service = loaded.service
    known = service.league(chosen.code)
    return {
        "asked": {"league": chosen.slug, "home_team": home, "away_team": away, "day": day},
        "clubs": [
            (club.name, ", ".join(service.catalogue.aliases(club, known)))
            for club in service.catalogue.clubs(known)
        ],
        "wrong": "",
        "links": [],
        "p": None,
    }


def asked_for(loaded: Loaded, league: str, home: str, away: str, day: date | None) -> Fixture:
    """The match that somebody asks for; without a day, it is tomorrow.

    Raises:
        InvalidFixtureError: there is none such.
    """
    when = day or loaded.clock.now().date() + timedelta(days=1)
    return loaded.service.resolve(
        home_team=home,
        away_team=away,
        league=league,
        kickoff_time=datetime.combine(when, USUAL_KICKOFF),
        odds=None,
    )


async def answer(loaded: Loaded, fixture: Fixture, given: Given, words: Wording) -> Context:
    """What is said of a fixture, with what a reader typed; what cannot be is told, and left out."""
    wrong = ""
    try:
        asked = _checked(loaded, given.applied(fixture))
    except InvalidFixtureError as error:
        asked, wrong = fixture, told(error, words)
    found = await loaded.said(asked, "full", words.language)
    moved = found.explanation.contributions
    return {
        "p": found,
        "wrong": wrong,
        "given": given,
        "adjusted": asked.adjust or GoalAdjustment(),
        "hit_rate": _hit_rate(loaded, found.confidence, words),
        "markets": groups(found.markets, fixture.home.name, fixture.away.name, words),
        "scale": max([1.0, *(abs(points) for each in moved for points in (each.home, each.draw, each.away))]),
    }


def told(error: InvalidFixtureError, words: Wording) -> str:
    """What is wrong with a fixture; of a name the page itself says what may have been meant."""
    if isinstance(error, UnknownNameError):
        title = words.say(OF_ERROR[type(error)].title)
        return error.said if words.language == "en" else f"{title}: {error.name}"
    return words.say(error.message, **{name: _spoken(value, words) for name, value in error.values.items()})


def _spoken(value: object, words: Wording) -> object:
    if isinstance(value, float):
        return words.number(value, "g")
    return words.short_day(value) if isinstance(value, date) else value


def _checked(loaded: Loaded, fixture: Fixture) -> Fixture:
    return loaded.service.resolve(
        home_team=fixture.home.name,
        away_team=fixture.away.name,
        league=fixture.league.code,
        kickoff_time=fixture.kickoff,
        odds=fixture.odds,
        neutral=fixture.neutral,
        adjust=fixture.adjust,
    )


def _hit_rate(loaded: Loaded, level: Confidence, words: Wording) -> str:
    levels: Mapping[str, Any] = loaded.service.card["calibration"]["confidence"]
    rate = levels[level]["hit_rate"]
    return words.say(HIT_RATES[level], rate=words.share(rate, ".0%"))


def record(loaded: Loaded, words: Wording) -> Context:
    """How good it is, live, and on seasons that were not seen before."""
    card, found = loaded.service.card, loaded.record
    overall = found.overall if found else None
    unseen_months = shipped()
    unseen = msgspec.convert(card["scores"].get(RELIABILITY, {}), Reliability)
    return {
        "record": found,
        "months": _months(found),
        "unseen_months": unseen_months.months
        if unseen_months.features == card["features_fingerprint"]
        else [],
        "pooled": len(unseen_months.leagues),
        "statement": statement(overall, words) if overall else "",
        "questions": {name: words.say(text) for name, text in QUESTIONS.items()},
        "watched": _watched(found.alarms if found else [], loaded, words),
        "card": card,
        "since": date.fromisoformat(card["data_from"]),
        "scores": {season: of for season, of in card["scores"].items() if season.isdigit()},
        "confidence": card["calibration"]["confidence"],
        "meant": INTERVAL_COVERAGE,
        "reliability": reliability(overall.reliability) if overall else [],
        "unseen": reliability(unseen),
    }


def _watched(alarms: Sequence[Alarm], loaded: Loaded, words: Wording) -> list[Watched]:
    """All leagues together first, then each."""
    names = {each.code: each.name for each in loaded.service.leagues}
    by_league: dict[str, list[Alarm]] = {}
    for one in alarms:
        by_league.setdefault(names.get(one.league, ""), []).append(one)
    return [
        Watched(
            name or words.say("All"),
            max(one.n for one in of),
            {one.question: one.evidence for one in of},
            any(one.fired for one in of),
        )
        for name, of in sorted(by_league.items(), key=lambda item: bool(item[0]))
    ]


def _months(found: Record | None) -> list[Month]:
    """Those of the live record, on matches with odds where there are any."""
    parts = found.months if found else {}
    compared = [(month, part.priced or part.matches) for month, part in parts.items()]
    return [
        Month(month, part.n, part.forecasts["ours"].rps.value, _rps(part, "market"), _rps(part, "base_rates"))
        for month, part in compared
    ]


def _rps(part: Compared, who: Forecast) -> float | None:
    return part.forecasts[who].rps.value if who in part.forecasts else None
