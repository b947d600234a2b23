"""A history that grows day by day: only matches from the first day that changed are gone over.

Beside the states after some days, a checkpoint has a digest of the matches of each day. A match that is new, gone or
corrected changes its day's, and the pass goes on from the last state before that. The states lie the closer the later
they are: one a few days back, one a few weeks back, and so on, so that a correction costs about as many days as it is
old.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct, structs
from numpy.typing import NDArray

from sabiscore.features.build import Passed, go_over
from sabiscore.features.history import History
from sabiscore.features.kalman import Leagues
from sabiscore.features.leagues import Running
from sabiscore.features.matches import READ, with_league_facts
from sabiscore.features.parameters import Parameters
from sabiscore.features.state import State
from sabiscore.features.timeline import Index

_ARRAYS = ("clubs", "more", "club_league", "club_season", "mean", "last_day")
_UNREADABLE = (ValueError, KeyError, IndexError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


class Checkpoint(Struct, frozen=True):
    """Matches that were gone over: on which ``days`` ``[d]`` they were, and a digest of each day's."""

    passed: Passed
    days: Index
    digests: NDArray[np.uint64]

    @property
    def history(self) -> History:
        """What is known of them."""
        return self.passed.history


def advance(frame: pl.DataFrame, parameters: Parameters, before: Checkpoint | None) -> Checkpoint:
    """The checkpoint of all matches of a canonical frame, from one of some of them, or of others."""
    facts = with_league_facts(frame)
    read = [name for name in facts.columns if name in READ]
    days, digests = _days(facts.select(read))
    states = _still_right(before, days, digests) if before else ()
    if before and states and _same(before, days, digests):
        return before
    known = Passed(before.history, states) if before and states else None
    passed = go_over(facts.select(*read, "clubs"), parameters, known, keep=lambda new: _chosen(days, new))
    return Checkpoint(structs.replace(passed, states=_thinned(passed.states, days)), days, digests)


def _days(frame: pl.DataFrame) -> tuple[Index, NDArray[np.uint64]]:
    """The days of matches in order, and of each a digest of its matches."""
    day = frame["date"].cast(pl.Int32).to_numpy().astype(np.intp)
    starts = np.flatnonzero(np.diff(day, prepend=-1))
    rows = frame.hash_rows(seed=0).to_numpy()
    return day[starts], np.add.reduceat(rows, starts)


def _same(before: Checkpoint, days: Index, digests: NDArray[np.uint64]) -> bool:
    return np.array_equal(before.days, days) and np.array_equal(before.digests, digests)


def _still_right(before: Checkpoint, days: Index, digests: NDArray[np.uint64]) -> tuple[State, ...]:
    """The states before the first day that changed, and before the last one, so that there is a match to go over."""
    both = min(len(days), len(before.days))
    differs = (before.days[:both] != days[:both]) | (before.digests[:both] != digests[:both])
    first = int(np.argmax(differs)) if differs.any() else both
    changed = [line[first] for line in (before.days, days) if first < len(line)]
    until = min([*changed, days[-1]])
    return tuple(state for state in before.passed.states if state.day < until)


def _chosen(days: Index, new: Index) -> list[int]:
    """Of new days those after which a state is kept: the last, and 1, 3, 7, 15... days of all before it."""
    ages = (1 << np.arange(len(days).bit_length())) - 1
    chosen: list[int] = np.intersect1d(days[len(days) - 1 - ages[ages < len(days)]], new).tolist()
    return chosen


def _thinned(states: Sequence[State], days: Index) -> tuple[State, ...]:
    """Of states between 1 and 2, 3 and 6, 7 and 14... days old the oldest."""
    oldest: dict[int, State] = {}
    for state in states:
        age = len(days) - 1 - int(days.searchsorted(state.day))
        oldest.setdefault((age + 1).bit_length(), state)
    return tuple(oldest.values())


def dump(checkpoint: Checkpoint, key: str) -> bytes:
    """The checkpoint as an ``.npz`` without pickle, but for the history, which has files of its own.

    ``key`` tells what it goes with.
    """
    states = checkpoint.passed.states
    arrays: dict[str, NDArray[Any]] = {
        "key": np.array([key]),
        "days": checkpoint.days,
        "digests": checkpoint.digests,
        "day": np.array([state.day for state in states]),
    }
    for name in _ARRAYS:
        arrays[name] = np.stack([getattr(state, name) for state in states])
    for name in ("level", "variance"):
        arrays[name] = np.stack([getattr(state.leagues, name) for state in states])
    for name in ("means", "seen"):
        arrays[name] = np.stack([getattr(state.running, name) for state in states])
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, **arrays)
    return body.getvalue()


def load(content: bytes, key: str, history: Callable[[], History]) -> Checkpoint | None:
    """What `dump` wrote with this key, of this history; None if it was another, or cannot be read."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            if archive["key"].tolist() != [key]:
                return None
            arrays = {name: archive[name] for name in archive.files}
        states = tuple(_state(arrays, number) for number in range(len(arrays["day"])))
        checkpoint = Checkpoint(Passed(history(), states), arrays["days"], arrays["digests"])
    except _UNREADABLE:
        return None
    return checkpoint if _fits(checkpoint) else None


def _state(arrays: Mapping[str, NDArray[Any]], number: int) -> State:
    return State(
        day=int(arrays["day"][number]),
        leagues=Leagues(arrays["level"][number], arrays["variance"][number]),
        running=Running(arrays["means"][number], arrays["seen"][number]),
        **{name: arrays[name][number] for name in _ARRAYS},
    )


def _fits(checkpoint: Checkpoint) -> bool:
    """Whether its states are of the clubs and leagues of its history."""
    roster, days = checkpoint.history.roster, checkpoint.days
    clubs, leagues = len(roster.clubs), len(roster.leagues)
    lengths = {(state.clubs.shape[-1], state.mean.shape[-1]) for state in checkpoint.passed.states}
    return lengths == {(clubs, leagues)} and len(days) == len(checkpoint.digests) > 0
