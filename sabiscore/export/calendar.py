"""Fixtures as a calendar: iCalendar, RFC 5545."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sabiscore.api.listing import FixtureItem

LENGTH = timedelta(hours=2)
"""From kick-off to the end, with half-time and stoppages."""

LONGEST_LINE = 75
"""Octets of a line, its end not counted; longer ones are folded (3.1)."""

_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


def calendar(name: str, fixtures: Sequence[FixtureItem], now: datetime) -> bytes:
    """The fixtures that have a kick-off, with what is said of them, as said ``now``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//SabiScore//SabiScore//EN",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for fixture in fixtures if fixture.kickoff_time for line in _event(fixture, now)),
        "END:VCALENDAR",
    ]
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line.encode()))


def _event(fixture: FixtureItem, now: datetime) -> Iterable[str]:
    kickoff = fixture.kickoff_time
    assert kickoff is not None  # noqa: S101 - the caller looked
    yield "BEGIN:VEVENT"
    yield f"UID:{fixture.id}@sabiscore"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(kickoff)}"
    yield f"DTEND:{_instant(kickoff + LENGTH)}"
    yield f"SUMMARY:{_text(fixture.home.name)} \N{EN DASH} {_text(fixture.away.name)}"
    yield f"CATEGORIES:{_text(fixture.league.name)}"
    yield f"DESCRIPTION:{_text(_said(fixture))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _said(fixture: FixtureItem) -> str:
    said = fixture.prediction
    if said is None:
        return "No prediction."
    return (
        f"{fixture.home.name} {said.home_win_prob:.1%}, draw {said.draw_prob:.1%}, "
        f"{fixture.away.name} {said.away_win_prob:.1%}\n"
        f"Expected goals: {said.expected_goals.home:.2f} to {said.expected_goals.away:.2f}. "
        f"Confidence: {said.confidence}."
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
