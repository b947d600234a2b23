"""Fixtures as a calendar: iCalendar, RFC 5545."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sabiscore.api.listing import FixtureItem
from sabiscore.languages.wording import Wording, wording

ENGLISH = wording("en")

LENGTH = timedelta(hours=2)
"""From kick-off to the end, with half-time and stoppages."""

LONGEST_LINE = 75
"""Octets of a line, its end not counted; longer ones are folded (3.1)."""

_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


def calendar(name: str, fixtures: Sequence[FixtureItem], now: datetime, words: Wording = ENGLISH) -> bytes:
    """The fixtures that have a kick-off, with what is said of them, as said ``now``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//SabiScore//SabiScore//EN",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for fixture in fixtures if fixture.kickoff_time for line in _event(fixture, now, words)),
        "END:VCALENDAR",
    ]
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line.encode()))


def _event(fixture: FixtureItem, now: datetime, words: Wording) -> Iterable[str]:
    kickoff = fixture.kickoff_time
    assert kickoff is not None  # noqa: S101 - the caller looked
    yield "BEGIN:VEVENT"
    yield f"UID:{fixture.id}@sabiscore"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(kickoff)}"
    yield f"DTEND:{_instant(kickoff + LENGTH)}"
    yield f"SUMMARY:{_text(fixture.home.name)} \N{EN DASH} {_text(fixture.away.name)}"
    yield f"CATEGORIES:{_text(fixture.league.name)}"
    yield f"DESCRIPTION:{_text(_said(fixture, words))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _said(fixture: FixtureItem, words: Wording) -> str:
    said = fixture.prediction
    if said is None:
        return words.say("No prediction.")
    return words.say(
        "{home} {home_win}, draw {draw}, {away} {away_win}\nExpected goals: {goals} to {others}. Confidence: {level}.",
        home=fixture.home.name,
        home_win=words.share(said.home_win_prob),
        draw=words.share(said.draw_prob),
        away=fixture.away.name,
        away_win=words.share(said.away_win_prob),
        goals=words.number(said.expected_goals.home, ".2f"),
        others=words.number(said.expected_goals.away, ".2f"),
        level=words.say(said.confidence),
    )


def _instant(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    return words.translate(_ESCAPED)


def _folded(line: bytes) -> Iterable[bytes]:
    """A line in parts, each but the first begun by a space; no character is cut in two."""
    begin = b""
    while len(begin) + len(line) > LONGEST_LINE:
        end = LONGEST_LINE - len(begin)
        while line[end] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character of UTF-8
            end -= 1
        yield begin + line[:end]
        line, begin = line[end:], b" "
    yield begin + line
