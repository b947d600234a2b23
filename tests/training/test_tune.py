import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import polars as pl
import pytest
from msgspec import Meta, Struct

from sabiscore.errors import DataError, SabiScoreError
from sabiscore.features import Parameters
from sabiscore.training.tune import (
    OFFSET,
    RANGES,
    RATIO,
    Objective,
    Range,
    Tuned,
    closing_error,
    default_ranges,
    flat,
    tune,
    with_values,
)

SEASONS, LATER = [2021], [2022]


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & pl.col("season").is_between(2017, 2022))


class Inner(Struct, frozen=True):
    noise: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2
    start: float = 0.0
    unused: float | None = None


class Some(Struct, frozen=True):
    slow: Inner = Inner()
    steps: int = 3
    slope: float = 2.0
    weights: tuple[float, float] = (0.5, -0.1)


BEST = {"slow.noise": 0.31, "slow.start": -0.11, "slope": 1.2, "weights.1": -0.2}
FRAME = pl.DataFrame({"season": [2020, 2021, 2022]})


def distance(frame: pl.DataFrame, parameters: Some, seasons: Sequence[int]) -> float:
    """From the best parameters; the same on every season."""
    assert frame["season"].max() == max(seasons)
    given = flat(parameters)
    return sum((given[name] - value) ** 2 for name, value in BEST.items())


def other_way_later(frame: pl.DataFrame, parameters: Some, seasons: Sequence[int]) -> float:
    """What is good on some seasons is bad on those held out."""
    return distance(frame, parameters, seasons) * (-1.0 if seasons == LATER else 1.0)


def nothing(done: int) -> None:
    """No progress shown."""


def search(
    journal: Path,
    trials: int,
    objective: Objective[Some] = distance,
    progress: Callable[[int], None] = nothing,
    present: Some | None = None,
) -> Tuned[Some]:
    return tune(
        FRAME,
        objective,
        present or Some(),
        journal,
        trials,
        progress=progress,
        seasons=SEASONS,
        held_out=LATER,
    )


class TestSearch:
    def test_finds_the_best_in_every_coordinate(self, tmp_path: Path) -> None:
        found = search(tmp_path / "journal", 300)
        given = flat(found.adopted)
        assert {name: given[name] for name in BEST} == pytest.approx(BEST, abs=0.02)
        assert found.after < found.before / 100

    def test_ends_by_itself_where_no_step_helps(self, tmp_path: Path) -> None:
        told: list[int] = []
        search(tmp_path / "journal", 10_000, progress=told.append)
        assert len(told) < 300

    def test_the_first_trial_is_the_present(self, tmp_path: Path) -> None:
        found = search(tmp_path / "new" / "journal", 1)
        assert (found.found, found.before, found.adopted) == ({}, found.after, Some())
        assert not found.is_adopted

    def test_never_leaves_what_the_parameters_allow(self, tmp_path: Path) -> None:
        asked: list[float] = []

        def greedy(_: pl.DataFrame, parameters: Some, __: Sequence[int]) -> float:
            asked.append(parameters.slow.noise)
            return -parameters.slow.noise

        found = search(tmp_path / "journal", 100, greedy, present=Some(Inner(noise=0.9)))
        assert max(asked) <= 1.0
        assert 0.9 < found.adopted.slow.noise <= 1.0

    def test_what_is_no_number_is_never_better(self, tmp_path: Path) -> None:
        def broken(frame: pl.DataFrame, parameters: Some, seasons: Sequence[int]) -> float:
            return distance(frame, parameters, seasons) if parameters == Some() else math.nan

        assert search(tmp_path / "journal", 20, broken).found == {}
        assert search(tmp_path / "journal", 20, broken).found == {}


class TestResuming:
    def test_a_second_call_with_as_many_trials_runs_none(self, tmp_path: Path) -> None:
        told: list[int] = []
        first = search(tmp_path / "journal", 7, progress=told.append)
        assert told == [1, 2, 3, 4, 5, 6, 7]
        assert search(tmp_path / "journal", 7, progress=told.append) == first
        assert told == [1, 2, 3, 4, 5, 6, 7]

    def test_one_that_was_stopped_goes_on_where_it_was(self, tmp_path: Path) -> None:
        told: list[int] = []

        def impatient(done: int) -> None:
            told.append(done)
            if done == 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            search(tmp_path / "stopped", 30, progress=impatient)
        resumed = search(tmp_path / "stopped", 30, progress=told.append)
        assert told == list(range(1, 31))
        assert resumed == search(tmp_path / "whole", 30)
        assert (tmp_path / "stopped").read_bytes() == (tmp_path / "whole").read_bytes()

    def test_a_trial_that_came_to_no_end_is_done_again(self, tmp_path: Path) -> None:
        def failing(_: pl.DataFrame, __: Some, ___: Sequence[int]) -> float:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            search(tmp_path / "journal", 3, failing)
        told: list[int] = []
        search(tmp_path / "journal", 3, progress=told.append)
        assert told == [1, 2, 3]

    def test_a_line_that_was_cut_off_is_as_if_it_had_not_been(self, tmp_path: Path) -> None:
        whole = search(tmp_path / "journal", 9)
        journal = tmp_path / "journal"
        journal.write_bytes(journal.read_bytes()[:-10])
        told: list[int] = []
        assert search(journal, 9, progress=told.append) == whole
        assert told == [9]

    @pytest.mark.parametrize("first", [b"", b"notes of mine\n"])
    def test_a_journal_of_another_search_is_refused(self, first: bytes, tmp_path: Path) -> None:
        journal = tmp_path / "journal"
        if first:
            journal.write_bytes(first)
        else:
            search(journal, 2)
        with pytest.raises(SabiScoreError, match="of another search"):
            tune(
                pl.concat([FRAME, FRAME]),
                distance,
                Some(),
                journal,
                3,
                progress=nothing,
                seasons=SEASONS,
                held_out=LATER,
            )

    def test_new_matches_of_later_seasons_do_not_end_a_search(self, tmp_path: Path) -> None:
        first = search(tmp_path / "journal", 4)
        more = pl.concat([FRAME, FRAME.filter(pl.col("season") == 2022) + 1])
        again = tune(
            more,
            distance,
            Some(),
            tmp_path / "journal",
            4,
            progress=nothing,
            seasons=SEASONS,
            held_out=LATER,
        )
        assert again == first


class TestAdoption:
    def test_what_is_better_on_the_season_held_out_too_is_adopted(self, tmp_path: Path) -> None:
        found = search(tmp_path / "journal", 30)
        assert found.is_adopted
        assert found.held_out_after < found.held_out_before
        assert found.adopted == with_values(Some(), found.found)

    def test_what_is_not_better_there_is_not(self, tmp_path: Path) -> None:
        found = search(tmp_path / "journal", 30, other_way_later)
        assert found.after < found.before
        assert not found.is_adopted
        assert found.adopted == Some()


class TestFlat:
    def test_names_every_number_with_a_point(self) -> None:
        assert flat(Some()) == {
            "slow.noise": 0.2,
            "slow.start": 0.0,
            "slope": 2.0,
            "weights.0": 0.5,
            "weights.1": -0.1,
        }

    def test_there_and_back_is_the_same(self) -> None:
        assert with_values(Some(), flat(Some())) == Some()
        assert with_values(Parameters(), flat(Parameters())) == Parameters()

    def test_changes_what_is_named_and_nothing_else(self) -> None:
        changed = with_values(Parameters(), {"difference.closing_noise": 0.5, "motivation.sum.3": 0.25})
        assert (changed.difference.closing_noise, changed.motivation.sum[3]) == (0.5, 0.25)
        assert with_values(changed, flat(Parameters())) == Parameters()

    def test_refuses_a_name_that_there_is_not(self) -> None:
        with pytest.raises(KeyError, match=r"slow\.speed"):
            with_values(Some(), {"slow.speed": 1.0})

    def test_refuses_what_the_parameters_do_not_allow(self) -> None:
        with pytest.raises(msgspec.ValidationError):
            with_values(Some(), {"slow.noise": 1.5})


class TestRanges:
    def test_are_ratios_where_a_value_is_above_zero_else_offsets(self) -> None:
        found = default_ranges(Some())
        assert (found["slow.noise"], found["slow.start"], found["slope"]) == (RATIO, OFFSET, RATIO)
        assert (found["weights.0"], found["weights.1"]) == (RATIO, OFFSET)

    def test_hold_the_present_in_their_middle(self) -> None:
        assert [Range("ratio", 4.0).at(0.5, place) for place in (-1.0, 0.0, 1.0)] == [0.125, 0.5, 2.0]
        assert [Range("offset", 0.5).at(0.0, place) for place in (-1.0, 0.0, 1.0)] == [-0.5, 0.0, 0.5]

    def test_of_the_command_are_of_values_that_there_are(self) -> None:
        assert flat(Parameters()).keys() >= RANGES.keys()


class TestClosingError:
    def test_is_less_where_past_odds_are_heard(self, premier_league: pl.DataFrame) -> None:
        deaf = with_values(Parameters(), {"difference.closing_noise": 50.0, "difference.early_noise": 50.0})
        heard = closing_error(premier_league, Parameters(), [2021, 2022])
        assert 0.0 < heard < closing_error(premier_league, deaf, [2021, 2022])

    def test_does_not_depend_on_what_happened_later(self, premier_league: pl.DataFrame) -> None:
        known = premier_league.filter(pl.col("season") < 2022)
        assert closing_error(known, Parameters(), [2021]) == closing_error(
            premier_league, Parameters(), [2021]
        )

    def test_needs_closing_odds(self, matches: pl.DataFrame) -> None:
        early = matches.filter((pl.col("league") == "E0") & (pl.col("season") < 2009))
        with pytest.raises(DataError, match="none of the seasons to tune on has closing odds"):
            closing_error(early, Parameters(), [2008])

    def test_needs_the_seasons(self, premier_league: pl.DataFrame, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="tuning needs seasons"):
            tune(
                premier_league.filter(pl.col("season") < 2022),
                closing_error,
                Parameters(),
                tmp_path / "journal",
                1,
                progress=nothing,
            )
