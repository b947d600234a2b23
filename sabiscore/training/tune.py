"""Tuning the ratings on the closing line, coordinate by coordinate; resumable, and only on past seasons.

The closing line says more of a match than its result: what is tuned on it needs a tenth of the matches.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.errors import DataError, SabiScoreError
from sabiscore.features import Parameters, RowMaker, build_history
from sabiscore.features.matches import encode, with_league_facts
from sabiscore.models.linear import sum_of
from sabiscore.training.fit import DIFFERENCE, SUM

P = TypeVar("P", bound=Struct)

Objective: TypeAlias = Callable[[pl.DataFrame, P, Sequence[int]], float]
"""How far parameters are from the closing line on some seasons of a canonical frame; less is better."""

SEASONS = tuple(range(2014, 2022))
"""Those it is tuned on, as far as they have odds: none that is reported."""

HELD_OUT = (2022,)
"""The later one that has to be better too, or nothing is adopted."""

FIRST_STEP, FINEST_STEP = 0.5, 1.0 / 64.0
"""Of a range from -1 to 1: a step is halved where neither way is better."""


class Range(Struct, frozen=True):
    """How far a parameter may go from its present value: so many times as large or small, or so much up or down."""

    by: Literal["ratio", "offset"]
    most: float

    def at(self, present: float, place: float) -> float:
        """The value at a place from -1 to 1; the present one is at 0."""
        if not place:
            return present
        return float(present * self.most**place if self.by == "ratio" else present + self.most * place)


RATIO, OFFSET = Range("ratio", 4.0), Range("offset", 0.25)

RANGES: dict[str, Range] = {
    f"{kind}.{name}": RATIO
    for kind in ("difference", "sum")
    for name in (
        "drift",
        "fast_variance",
        "fast_days",
        "faster_variance",
        "faster_days",
        "closing_noise",
        "played_noise",
        "summer_variance",
    )
} | {
    "difference.promoted": OFFSET,
    "difference.relegated": OFFSET,
    "motivation.difference_matches": Range("ratio", 2.0),
    "motivation.sum_matches": Range("ratio", 2.0),
}
"""What `train --tune` searches: how fast ratings change, what is heard how well, and how late a season is late."""


class Tuned(Struct, Generic[P], frozen=True):
    """What a search found: the values that it changed, and the objective before and after.

    ``adopted`` are the parameters to use: the found ones only where they are better on the later seasons that were
    held out too, for the best of many trials is partly luck.
    """

    found: dict[str, float]
    before: float
    after: float
    held_out_before: float
    held_out_after: float
    adopted: P

    @property
    def is_adopted(self) -> bool:
        """Whether what was found is used."""
        return bool(self.found) and self.held_out_after < self.held_out_before


_Key: TypeAlias = tuple[tuple[str, float], ...]


class _Trial(Struct, frozen=True):
    """A line of the journal: every value, and what the objective was; None where it was no number."""

    values: dict[str, float]
    loss: float | None


class _Head(Struct, frozen=True):
    """The journal's first line: a trial is one of the same search only on the same matches."""

    seasons: list[int]
    matches: int


def tune(
    frame: pl.DataFrame,
    objective: Objective[P],
    present: P,
    journal: Path,
    trials: int,
    *,
    progress: Callable[[int], None],
    ranges: Mapping[str, Range] | None = None,
    seasons: Sequence[int] = SEASONS,
    held_out: Sequence[int] = HELD_OUT,
) -> Tuned[P]:
    """Search from the ``present`` parameters for those with the least ``objective`` on ``seasons``.

    One value after the other (those of ``ranges``, by default all) is moved as long as that helps. The trials are kept
    in ``journal``: a search that was stopped goes on where it was, and one that has ``trials`` already ends at once.
    ``progress`` is told how many there are after each.

    Raises:
        DataError: there is no season to tune on, or to hold out.
        SabiScoreError: the journal is of another search.
    """
    tuned_on, checked_on = _there(frame, seasons), _there(frame, held_out)
    known = frame.filter(pl.col("season") <= max(tuned_on))
    asked = _Asked(
        lambda parameters: objective(known, parameters, tuned_on),
        present,
        _Journal(journal, _Head(tuned_on, len(known))),
        trials,
        progress,
    )
    best = _descend(asked, present, default_ranges(present) if ranges is None else ranges)
    later = frame.filter(pl.col("season") <= max(checked_on))
    return _judged(asked, present, best, lambda parameters: objective(later, parameters, checked_on))


def flat(parameters: Struct) -> dict[str, float]:
    """Every number with a point in it by its dotted name: ``{"strength.odds_noise": 0.2, "weights.0": 0.5}``."""
    return dict(_leaves(msgspec.to_builtins(parameters), ""))


def with_values(parameters: P, values: Mapping[str, float]) -> P:
    """The parameters with values at dotted names.

    Raises:
        KeyError: there is no such name.
        ValidationError: a value is one that the parameters do not allow.
    """
    tree = msgspec.to_builtins(parameters)
    if unknown := values.keys() - dict(_leaves(tree, "")).keys():
        raise KeyError(min(unknown))
    return msgspec.convert(_replaced(tree, "", values), type(parameters))


def default_ranges(parameters: Struct) -> dict[str, Range]:
    """A range for every number: a ratio where it is above 0, else an offset."""
    return {name: RATIO if value > 0.0 else OFFSET for name, value in flat(parameters).items()}


def closing_error(frame: pl.DataFrame, parameters: Parameters, seasons: Sequence[int]) -> float:
    """Mean squared error of the logarithms of both sides' goals to the closing line's, by the ratings themselves.

    Raises:
        DataError: no match of the seasons has closing odds.
    """
    known = with_league_facts(frame.filter(pl.col("season") <= max(seasons)))
    scored = known.filter(pl.col("season").is_in(list(seasons)) & pl.col("price_is_closing"))
    wanted = encode(scored, parameters.rho).odds if len(scored) else np.empty((0, 2))
    priced = np.isfinite(wanted).all(axis=1)
    if not priced.any():
        raise DataError("matches", 0, "none of the seasons to tune on has closing odds: pull more")
    rows = RowMaker(build_history(known, parameters), parameters).matches(scored).matrix
    said = np.column_stack((sum_of(rows, DIFFERENCE), sum_of(rows, SUM)))
    return float(np.mean((said - wanted)[priced] ** 2) / 2.0)


class _EnoughError(Exception):
    """There are as many trials as were wanted."""


class _Asked(Generic[P]):
    """The objective, asked once of the same values: what it said before is in the journal."""

    def __init__(
        self,
        ask: Callable[[P], float],
        present: P,
        journal: "_Journal",
        trials: int,
        progress: Callable[[int], None],
    ) -> None:
        self._ask = ask
        self._present = present
        self._journal = journal
        self._trials = trials
        self._progress = progress

    def loss(self, values: Mapping[str, float]) -> float:
        """The objective at these values, infinite where it has none or they are not allowed.

        Raises:
            _EnoughError: it would be one trial too many.
        """
        known = self._journal.losses
        key = _key(values)
        if key in known:
            return known[key]
        try:
            parameters = with_values(self._present, values)
        except msgspec.ValidationError:
            return math.inf
        if len(known) >= self._trials:
            raise _EnoughError
        self._journal.add(values, self._ask(parameters))
        self._progress(len(known))
        return known[key]


class _Journal:
    """The trials of a search in a file, a line each; one that was cut off is as if it had not been."""

    def __init__(self, path: Path, head: _Head) -> None:
        self.losses: dict[_Key, float] = {}
        self._path = path
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        if not lines:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(head) + b"\n")
        elif not _is_head(lines[0], head):
            raise SabiScoreError(
                f"{path} is of another search, on other matches: remove it or search elsewhere"
            )
        whole = [line for line in lines[1:] if line.endswith(b"\n")]
        if len(whole) < len(lines[1:]):
            path.write_bytes(b"".join([lines[0], *whole]))
        for line in whole:
            trial = msgspec.json.decode(line, type=_Trial)
            self.losses[_key(trial.values)] = math.inf if trial.loss is None else trial.loss

    def add(self, values: Mapping[str, float], loss: float) -> None:
        """Keep a trial that came to its end."""
        found = loss if math.isfinite(loss) else None
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(_Trial(dict(values), found)) + b"\n")
        self.losses[_key(values)] = math.inf if found is None else found


def _is_head(line: bytes, head: _Head) -> bool:
    try:
        return msgspec.json.decode(line, type=_Head) == head
    except msgspec.DecodeError:
        return False


def _key(values: Mapping[str, float]) -> _Key:
    return tuple(sorted(values.items()))


class _Coordinate(Struct):
    """Where a value is in its range, and how far the next step goes."""

    place: float = 0.0
    step: float = FIRST_STEP

    def tries(self) -> list[float]:
        """The places one step away, within the range."""
        ways = (min(self.place + self.step, 1.0), max(self.place - self.step, -1.0))
        return [place for place in ways if place != self.place]


def _descend(asked: _Asked[P], present: P, ranges: Mapping[str, Range]) -> dict[str, float]:
    """The best values that are found, one coordinate after the other, until no step helps or trials are used up."""
    start = best = flat(present)
    coordinates = {name: _Coordinate() for name in ranges}
    try:
        least = asked.loss(start)
        while any(one.step >= FINEST_STEP for one in coordinates.values()):
            for name, one in coordinates.items():
                for place in one.tries():
                    values = best | {name: ranges[name].at(start[name], place)}
                    if (loss := asked.loss(values)) < least:
                        best, least, one.place = values, loss, place
                        break
                else:
                    one.step /= 2.0
    except _EnoughError:
        pass
    return best


def _judged(asked: _Asked[P], present: P, best: Mapping[str, float], later: Callable[[P], float]) -> Tuned[P]:
    """What was found, adopted if it is better ``later`` too."""
    found, before = with_values(present, best), flat(present)
    tuned = Tuned(
        found={name: value for name, value in best.items() if value != before[name]},
        before=asked.loss(before),
        after=asked.loss(best),
        held_out_before=later(present),
        held_out_after=later(found),
        adopted=present,
    )
    return msgspec.structs.replace(tuned, adopted=found) if tuned.is_adopted else tuned


def _leaves(tree: object, name: str) -> Iterator[tuple[str, float]]:
    """Numbers by name of dictionaries and lists in each other."""
    if isinstance(tree, float):
        yield name, tree
    for key, below in _branches(tree):
        yield from _leaves(below, f"{name}.{key}" if name else str(key))


def _replaced(tree: object, name: str, values: Mapping[str, float]) -> object:
    below = [
        (key, _replaced(each, f"{name}.{key}" if name else str(key), values)) for key, each in _branches(tree)
    ]
    if isinstance(tree, dict):
        return dict(below)
    return [each for _, each in below] if isinstance(tree, list | tuple) else values.get(name, tree)


def _branches(tree: object) -> Iterable[tuple[object, object]]:
    if isinstance(tree, dict):
        return tree.items()
    return enumerate(tree) if isinstance(tree, list | tuple) else ()


def _there(frame: pl.DataFrame, seasons: Sequence[int]) -> list[int]:
    """Those of ``seasons`` that the frame has."""
    known = set(frame["season"])
    found = [season for season in seasons if season in known]
    if not found:
        raise DataError(
            "matches",
            0,
            f"tuning needs seasons that begin in {min(seasons)} to {max(seasons)}: pull more, or leave --tune",
        )
    return found
