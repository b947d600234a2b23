import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.keys import fixture_key, schema
from sabiscore.domain import Club, Fixture, GoalAdjustment, InPlay, League, Odds, SideCounts

ARSENAL = Club(key="Arsenal", name="Arsenal FC")
CHELSEA = Club(key="Chelsea", name="Chelsea FC")
PREMIER_LEAGUE = League(code="E0", name="Premier League", country="England")
FIXTURE = Fixture(
    league=PREMIER_LEAGUE,
    home=ARSENAL,
    away=CHELSEA,
    kickoff=datetime(2025, 8, 30, 16, 30, tzinfo=UTC),
    odds=Odds(home=2.1, draw=3.4, away=3.6),
)

prices = st.floats(min_value=1.01, max_value=1000)
odds = st.none() | st.builds(Odds, home=prices, draw=prices, away=prices)
clubs = st.builds(Club, key=st.text(min_size=1, max_size=20), name=st.just("Any"))
offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
kickoffs = st.datetimes(datetime(1993, 1, 2), datetime(2050, 1, 1), timezones=offsets)  # noqa: DTZ001
fixtures = st.builds(
    Fixture, league=st.just(PREMIER_LEAGUE), home=clubs, away=clubs, kickoff=kickoffs, odds=odds
)


class TestWhatMeansTheSameFixture:
    def test_one_club_spelled_out_differently_has_one_key(self) -> None:
        other_words = msgspec.structs.replace(FIXTURE, home=Club(key="Arsenal", name="The Arsenal"))
        assert fixture_key("b", other_words) == fixture_key("b", FIXTURE)

    @given(fixture=fixtures, offset=offsets)
    def test_one_instant_in_any_offset_has_one_key(self, fixture: Fixture, offset: timezone) -> None:
        elsewhere = msgspec.structs.replace(fixture, kickoff=fixture.kickoff.astimezone(offset))
        assert fixture_key("b", elsewhere) == fixture_key("b", fixture)

    def test_odds_equal_in_value_have_one_key(self) -> None:
        whole = msgspec.structs.replace(FIXTURE, odds=Odds(home=2, draw=3, away=4))
        decimal = msgspec.structs.replace(FIXTURE, odds=Odds(home=2.0, draw=3.00, away=4.0))
        assert fixture_key("b", whole) == fixture_key("b", decimal)


class TestWhatMeansAnotherFixture:
    @given(one=fixtures, other=fixtures)
    def test_it_has_another_key(self, one: Fixture, other: Fixture) -> None:
        same = (one.home, one.away, one.kickoff, one.odds) == (
            other.home,
            other.away,
            other.kickoff,
            other.odds,
        )
        assert (fixture_key("b", one) == fixture_key("b", other)) == same

    def test_neutral_ground_and_adjusted_goals_have_others(self) -> None:
        changes: list[dict[str, Any]] = [
            {},
            {"neutral": True},
            {"adjust": GoalAdjustment(0.2)},
            {"adjust": GoalAdjustment(0.0, 0.2)},
            {"neutral": True, "adjust": GoalAdjustment(0.2)},
        ]
        keys = {fixture_key("b", msgspec.structs.replace(FIXTURE, **each)) for each in changes}
        assert len(keys) == len(changes)

    def test_the_return_match_has_another_key(self) -> None:
        away = msgspec.structs.replace(FIXTURE, home=CHELSEA, away=ARSENAL)
        assert fixture_key("b", away) != fixture_key("b", FIXTURE)

    def test_the_same_clubs_in_another_league_have_another_key(self) -> None:
        cup = msgspec.structs.replace(FIXTURE, league=League(code="FA", name="FA Cup", country="England"))
        assert fixture_key("b", cup) != fixture_key("b", FIXTURE)

    def test_names_do_not_run_into_each_other(self) -> None:
        one = msgspec.structs.replace(FIXTURE, home=Club("ab", ""), away=Club("c", ""))
        other = msgspec.structs.replace(FIXTURE, home=Club("a", ""), away=Club("bc", ""))
        assert fixture_key("b", one) != fixture_key("b", other)

    def test_the_whole_answer_is_not_kept_as_its_summary(self) -> None:
        assert fixture_key("b", FIXTURE, "full") != fixture_key("b", FIXTURE, "summary")
        assert fixture_key("b", FIXTURE) == fixture_key("b", FIXTURE, "summary")

    def test_a_match_being_played_has_another_key_for_each_state(self) -> None:
        none = SideCounts(0, 0)
        states = [
            None,
            InPlay(0, none),
            InPlay(1, none),
            InPlay(1, SideCounts(1, 0)),
            InPlay(1, SideCounts(0, 1)),
            InPlay(1, none, SideCounts(1, 0)),
        ]
        assert len({fixture_key("b", FIXTURE, "summary", state) for state in states}) == len(states)
        assert fixture_key("b", FIXTURE, "full", states[1]) != fixture_key("b", FIXTURE, "summary", states[1])

    def test_a_new_bundle_never_reads_the_old_ones_answers(self) -> None:
        assert fixture_key("new", FIXTURE) != fixture_key("old", FIXTURE)


class TestTheKey:
    def test_says_schema_and_bundle_and_keeps_its_form(self) -> None:
        assert re.fullmatch(r"sabi:[0-9a-f]{8}:0123abcd:[0-9a-f]{32}", fixture_key("0123abcd", FIXTURE))

    def test_is_the_same_in_every_process(self) -> None:
        code = "from sabiscore.cache.keys import schema; print(schema())"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
        assert said.stdout.strip() == schema()

    def test_of_another_form_of_answer_or_another_release_is_another(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Shorter(msgspec.Struct):
            home_win_prob: float

        found = {schema()}
        changes = (("Prediction", Shorter), ("InPlayPrediction", Shorter), ("version", lambda _: "next"))
        for name, value in changes:
            schema.cache_clear()
            with monkeypatch.context() as patched:
                patched.setattr(f"sabiscore.cache.keys.{name}", value)
                found.add(schema())
        schema.cache_clear()
        assert len(found) == 4
