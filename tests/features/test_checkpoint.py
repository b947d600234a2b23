import io
from datetime import date, timedelta
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.features import History, Parameters, build_history
from sabiscore.features import history as histories
from sabiscore.features.checkpoint import Checkpoint, advance, dump, load

PARAMETERS = Parameters()
KEY = "of these matches"


@pytest.fixture(scope="module")
def english(divisions: pl.DataFrame) -> pl.DataFrame:
    """Two divisions of England, between which clubs go up and down, and one of Scotland, in three seasons."""
    chosen = pl.col("league").is_in(["E0", "E1", "SC0"]) & (pl.col("season") >= 2022)
    return divisions.filter(chosen)


@pytest.fixture(scope="module")
def whole(english: pl.DataFrame) -> History:
    return build_history(english, PARAMETERS)


def bits(history: History) -> bytes:
    """All that there is of a history."""
    return histories.dump(history)


def state_bits(checkpoint: Checkpoint) -> bytes:
    """The state after the last day."""
    last = Checkpoint(
        type(checkpoint.passed)(checkpoint.history, checkpoint.passed.states[-1:]),
        checkpoint.days,
        checkpoint.digests,
    )
    return dump(last, KEY)


def until(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    return frame.filter(pl.col("date") <= day)


def steps(frame: pl.DataFrame, *days: date) -> Checkpoint:
    """The checkpoint of a frame, got by updates on these days, each from what the one before kept."""
    checkpoint: Checkpoint | None = None
    for day in days:
        made = advance(until(frame, day), PARAMETERS, checkpoint)
        checkpoint = load(dump(made, KEY), KEY, partial(getattr, made, "history"))
        assert checkpoint
    return advance(frame, PARAMETERS, checkpoint)


class TestAHistoryInSteps:
    def test_is_the_one_of_one_pass(self, english: pl.DataFrame, whole: History) -> None:
        found = steps(english, date(2022, 9, 1), date(2022, 9, 17), date(2024, 12, 26), date(2024, 12, 27))
        assert bits(found.history) == bits(whole)
        assert state_bits(found) == state_bits(advance(english, PARAMETERS, None))

    def test_may_begin_with_fewer_leagues_and_clubs(self, english: pl.DataFrame, whole: History) -> None:
        before = advance(english.filter(pl.col("league") == "E1"), PARAMETERS, None)
        assert bits(advance(english, PARAMETERS, before).history) == bits(whole)

    def test_is_itself_where_nothing_is_new(self, english: pl.DataFrame) -> None:
        checkpoint = advance(english, PARAMETERS, None)
        assert advance(english, PARAMETERS, checkpoint) is checkpoint

    def test_forgets_matches_that_are_gone(self, english: pl.DataFrame) -> None:
        shorter = until(english, date(2025, 1, 10))
        gone = advance(shorter, PARAMETERS, advance(english, PARAMETERS, None))
        assert bits(gone.history) == bits(build_history(shorter, PARAMETERS))

    @settings(max_examples=5)
    @given(
        ago=st.integers(0, 900), days=st.lists(st.integers(0, 900), max_size=2), seed=st.integers(0, 10**6)
    )
    def test_has_a_result_that_was_corrected_however_late(
        self, english: pl.DataFrame, ago: int, days: list[int], seed: int
    ) -> None:
        last = english["date"][-1]
        number = int(np.random.default_rng(seed).integers(len(english)))
        row = pl.int_range(pl.len()) == number
        corrected = english.with_columns(
            home_goals=pl.when(row).then((pl.col("home_goals") + 3).cast(pl.Int16)).otherwise("home_goals")
        )
        updates = sorted(last - timedelta(days=each) for each in (*days, ago))
        before = steps(english, *(day for day in updates if day > english["date"][0]))
        found = advance(corrected, PARAMETERS, before)
        assert bits(found.history) == bits(build_history(corrected, PARAMETERS))
        assert state_bits(found) == state_bits(advance(corrected, PARAMETERS, None))


class TestStates:
    def test_lie_the_closer_the_later_they_are(self, english: pl.DataFrame) -> None:
        checkpoint: Checkpoint | None = None
        days = english["date"].unique().sort()
        for day in days[-40:]:
            checkpoint = advance(until(english, day), PARAMETERS, checkpoint)
            kept = [state.day for state in checkpoint.passed.states]
            ages = [len(checkpoint.days) - 1 - int(checkpoint.days.searchsorted(one)) for one in kept][::-1]
            assert ages[0] == 0
            assert all(older <= 4 * (newer + 1) for newer, older in pairwise(ages))
            assert len(ages) <= len(days).bit_length()

    @pytest.mark.parametrize("change", ["key", "cut", "nothing", "noise", "roster"])
    def test_of_something_else_are_not_gone_on_from(self, english: pl.DataFrame, change: str) -> None:
        made = advance(until(english, date(2023, 1, 1)), PARAMETERS, None)
        content = dump(made, KEY)
        changed = {"cut": content[: len(content) // 2], "nothing": b"", "noise": b"PK\3\4" + content[9:]}
        history = build_history(english, PARAMETERS) if change == "roster" else made.history
        key = "of others" if change == "key" else KEY
        assert load(changed.get(change, content), key, lambda: history) is None

    def test_of_arrays_that_are_not_there_are_none(self, english: pl.DataFrame) -> None:
        made = advance(until(english, date(2023, 1, 1)), PARAMETERS, None)
        body = io.BytesIO()
        np.savez(body, key=np.array([KEY]))
        assert load(body.getvalue(), KEY, lambda: made.history) is None
