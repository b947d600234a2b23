from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.api.examples import FIXTURE_ITEM
from sabiscore.api.listing import FixtureItem
from sabiscore.export.calendar import LONGEST_LINE, calendar

ITEM = replace(FIXTURE_ITEM, prediction=FIXTURE_ITEM.prediction_with_odds)
NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)


def only_event(body: bytes) -> Any:  # noqa: ANN401 - the library's
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return event


def test_a_fixture_is_an_event_of_two_hours_with_what_is_said_of_it() -> None:
    body = calendar("Premier League", [ITEM], NOW)
    event = only_event(body)
    assert ITEM.kickoff_time is not None
    assert event["UID"] == f"{ITEM.id}@sabiscore"
    assert event["DTSTART"].dt == ITEM.kickoff_time
    assert event["DTEND"].dt == ITEM.kickoff_time + timedelta(hours=2)
    assert event["SUMMARY"] == f"{ITEM.home.name} \N{EN DASH} {ITEM.away.name}"
    assert ITEM.prediction is not None
    assert f"draw {ITEM.prediction.draw_prob:.1%}" in str(event["DESCRIPTION"])
    assert icalendar.Calendar.from_ical(body)["X-WR-CALNAME"] == "Premier League"


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=120))
def test_any_name_is_read_as_it_is_written_in_lines_that_are_not_too_long(name: str) -> None:
    home = replace(ITEM.home, name=f"a{name};,\\b")
    body = calendar(name, [replace(ITEM, home=home)], NOW)
    assert max(map(len, body.split(b"\r\n"))) <= LONGEST_LINE
    assert body.count(b"\n") == body.count(b"\r\n")
    assert only_event(body)["SUMMARY"] == f"{home.name} \N{EN DASH} {ITEM.away.name}"


@pytest.mark.parametrize(
    "fixtures", [[], [replace(ITEM, kickoff_time=None)], [replace(ITEM, prediction=None)]]
)
def test_what_is_not_known_is_left_out(fixtures: list[FixtureItem]) -> None:
    events = icalendar.Calendar.from_ical(calendar("All", fixtures, NOW)).walk("VEVENT")
    assert ["No prediction." in str(event["DESCRIPTION"]) for event in events] == [
        True for each in fixtures if each.kickoff_time
    ]
