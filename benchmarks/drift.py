"""Alarms of the record on past seasons: how often they fire for nothing, and how soon when something is wrong.

    uv run python -m benchmarks.drift --data DIR [--write]

Season files in DIR as `pull` makes them; takes a minute or two and prints what is in DRIFT.md, or writes it there.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import click
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.data import catalogue
from sabiscore.data.parse import read_matches
from sabiscore.data.seasons import name_of
from sabiscore.features import build_history
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.drift import (
    CLIP,
    EVERY_LEAGUE,
    GAP,
    SLOPE,
    THRESHOLD,
    TILT,
    calibration,
    evidence,
    market_gap,
)
from sabiscore.ledger.shift import LIMIT, WEEKS, shifts
from sabiscore.models.bundles import Bundle
from sabiscore.models.calibration import complete
from sabiscore.models.heads import probabilities
from sabiscore.scoring.outcomes import base_rates, closing_line, market, outcomes
from sabiscore.scoring.scores import Outcomes

FILE = Path(__file__).with_name("DRIFT.md")
CHOSEN_ON, REPORTED = range(2012, 2015), range(2015, 2025)
FEWEST = 100
"""Matches of a league's season that is looked at."""

WORLDS = 5
"""Seasons drawn from each real one, in which outcomes are as likely as said."""

RARELY = (10.0, 100.0, THRESHOLD)
SEED = 2025


class Season(Struct, frozen=True):
    """``n`` matches of a league's season, or of all leagues', in order; ``frozen`` are without results since January.

    All but ``days`` and ``outcomes`` are ``[n, 3]``; ``late`` ``[n]`` are the matches after that.
    """

    league: str
    season: int
    days: pl.Series
    outcomes: Outcomes
    ours: Floats
    frozen: Floats
    rates: Floats
    market: Floats
    closing: Floats
    late: NDArray[np.bool_]

    @property
    def is_all(self) -> bool:
        """Whether it is of all leagues."""
        return self.league == EVERY_LEAGUE

    def calibration(self, ours: Floats, truth: Outcomes) -> Floats:
        """The evidence ``[n]`` that ``ours`` are not calibrated."""
        return evidence(calibration(ours, self.rates, truth), self.days)

    def gap(self, ours: Floats) -> Floats:
        """The evidence ``[n]`` that ``ours`` are too far behind the market; of a match without odds as before it."""
        known = complete(np.hstack((self.market, self.closing)))
        factors = np.ones((len(known), 2))
        factors[known] = market_gap(ours[known], self.market[known], self.closing[known])
        return evidence(factors, self.days)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True)
@click.option("--write", is_flag=True, help="Write DRIFT.md.")
def main(data: Path, *, write: bool) -> None:
    """Print the page, or write it."""
    page = "\n".join(_page(data)) + "\n"
    if write:
        FILE.write_text(page)
    else:
        print(page)


def _page(data: Path) -> Iterator[str]:
    forecaster = Forecaster.load()
    frame = read_matches(data, catalogue.load()).filter(pl.col("season") <= REPORTED[-1])
    history = build_history(frame, forecaster.rows.parameters)
    forecaster = Forecaster(Bundle(forecaster.manifest, "", {}), history, forecaster.head)
    seasons = list(_seasons(forecaster, frame))
    chosen_on, reported = ([one for one in seasons if one.season in years] for years in (CHOSEN_ON, REPORTED))
    yield _HEAD
    yield from _calm("Seasons that the promises were chosen on", chosen_on)
    yield from _calm("Ten calm seasons", reported)
    yield from _promised(reported)
    yield from _drifts(reported)
    yield from _features(forecaster, frame)


_HEAD = f"""# Alarms of the record

Printed by `uv run python -m benchmarks.drift --data DIR --write`; what is tested and how is in
[drift](../sabiscore/ledger/drift.py) and [shift](../sabiscore/ledger/shift.py). Promised is that what happens is not
nearer to base rates than what we say by more than {SLOPE:.0%}, nor as much farther; that the odds of each outcome are
right to {TILT:.0%}; and that our RPS, by the closing line and at most {CLIP:g} a match, is behind the market's by
{GAP:g} on average at most. Evidence begins at 1 each season, and an alarm fires at {THRESHOLD:g}: while the promise is
kept, in one of {THRESHOLD:g} seasons of a league at most.

Each match is forecast from the matches of the days before it. The heads are the shipped ones, which were trained on all
of these seasons: live they are a little worse (the backtest's expected gap of the five leagues is .0004), so that calm
seasons are calmer here than they will be. Promises were chosen on {name_of(CHOSEN_ON[0])} to {name_of(CHOSEN_ON[-1])}.
That no stake waits for May and June agrees with these seasons, whose gap is .0006 to .0010 in May, but was seen on
{name_of(REPORTED[0])}: with such stakes its alarm for all leagues would have fired, for nothing. Closing lines are
averages of bookmakers from 2019/20 on, Pinnacle's before."""


def _seasons(forecaster: Forecaster, frame: pl.DataFrame) -> Iterator[Season]:
    """Each league's seasons, and those of all leagues."""
    since = (frame["season"] >= CHOSEN_ON[0]).to_numpy()
    rates = base_rates(frame)[since]
    matches = frame.filter(since)
    ours = _said(forecaster, matches)
    frozen, late = _frozen(forecaster, matches, ours)
    before, closing, truth = market(matches, "average"), closing_line(matches), outcomes(matches)
    leagues, years = matches["league"].to_numpy(), matches["season"].to_numpy()
    for year in (*CHOSEN_ON, *REPORTED):
        for league in (*np.unique(leagues), EVERY_LEAGUE):
            here = (years == year) & ((leagues == league) | (league == EVERY_LEAGUE))
            if here.sum() >= FEWEST:
                yield Season(
                    league=str(league),
                    season=year,
                    days=matches["date"].filter(here),
                    outcomes=truth[here],
                    ours=ours[here],
                    frozen=frozen[here],
                    rates=rates[here],
                    market=before[here],
                    closing=closing[here],
                    late=late[here],
                )


def _said(forecaster: Forecaster, matches: pl.DataFrame, ago: int = 0) -> Floats:
    return probabilities(forecaster.head.log_odds(forecaster.rows.matches(matches, ago).matrix))


def _frozen(forecaster: Forecaster, matches: pl.DataFrame, ours: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """What would be said after New Year's Eve had no later match been known, and of which matches that is."""
    numbered = matches.with_row_index("row").with_columns(eve=pl.date(pl.col("season") + 1, 1, 1))
    late = numbered.filter(pl.col("date") > pl.col("eve"))
    found = ours.copy()
    for (day, eve), part in late.group_by("date", "eve"):
        assert isinstance(day, date)
        assert isinstance(eve, date)
        found[part["row"].to_numpy()] = _said(forecaster, part, (day - eve) // timedelta(days=1))
    is_late = (numbered["date"] > numbered["eve"]).to_numpy()
    return found, is_late


def _calm(title: str, seasons: Sequence[Season]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield "| alarm | seasons | fired | promised at most | largest evidence | in |"
    yield "| :-- | --: | --: | --: | --: | :-- |"
    for what, found in _as_said(seasons).items():
        highest = [float(each.max()) for each in found.values()]
        worst = int(np.argmax(highest))
        league, season = list(found)[worst]
        fired = sum(each >= THRESHOLD for each in highest)
        yield (
            f"| {what} | {len(found)} | {fired} | {len(found) / THRESHOLD:.2g} | {highest[worst]:.1f} "
            f"| {league} {name_of(season)} |"
        )


def _as_said(seasons: Sequence[Season]) -> dict[str, dict[tuple[str, int], Floats]]:
    """The evidence of every alarm, by league and season."""
    found: dict[str, dict[tuple[str, int], Floats]] = {}
    for whole, where in ((False, "each league"), (True, "all leagues together")):
        here = [one for one in seasons if one.is_all is whole]
        found[f"calibration, {where}"] = {
            (one.league, one.season): one.calibration(one.ours, one.outcomes) for one in here
        }
        priced = [one for one in here if complete(np.hstack((one.market, one.closing))).any()]
        found[f"market, {where}"] = {(one.league, one.season): one.gap(one.ours) for one in priced}
    return found


def _promised(seasons: Sequence[Season]) -> Iterator[str]:
    """How rare evidence is where outcomes are as likely as said."""
    random = np.random.default_rng(SEED)
    highest = np.array(
        [
            one.calibration(one.ours, _drawn(one.ours, random)).max()
            for one in seasons
            for _ in range(WORLDS)
            if not one.is_all
        ]
    )
    yield "\n## Worlds in which outcomes are as likely as said\n"
    yield f"Drawn from our probabilities: {len(highest)} seasons.\n"
    yield "| evidence of calibration reaches | in seasons | promised at most |"
    yield "| --: | --: | --: |"
    for level in RARELY:
        yield f"| {level:g} | {(highest >= level).mean():.3%} | {1.0 / level:.3%} |"


def _drawn(chances: Floats, random: np.random.Generator) -> Outcomes:
    drawn: Outcomes = (chances.cumsum(axis=1)[:, :2] < random.random(len(chances))[:, None]).sum(axis=1)
    return drawn


def _drifts(seasons: Sequence[Season]) -> Iterator[str]:
    """How soon what goes wrong on 1 January is found."""
    random = np.random.default_rng(SEED)

    def shuffled(one: Season) -> Floats:
        truth = one.outcomes.copy()
        truth[one.late] = random.permutation(truth[one.late])
        return one.calibration(one.ours, truth)

    drifts: dict[str, Callable[[Season], Floats]] = {
        "ratings stay as they were: market": lambda one: one.gap(one.frozen),
        "ratings stay as they were: calibration": lambda one: one.calibration(one.frozen, one.outcomes),
        "outcomes are shuffled: calibration": shuffled,
    }
    yield "\n## What goes wrong on 1 January\n"
    yield "Matches and days until the alarm, among the seasons in which it fires by their end.\n"
    yield "| what, and which alarm | where | seasons | fired | matches: median | most | days: median | most |"
    yield "| :-- | :-- | --: | --: | --: | --: | --: | --: |"
    for what, found in drifts.items():
        for whole, where in ((False, "each league"), (True, "all leagues together")):
            here = [one for one in seasons if one.is_all is whole and one.late.sum() >= FEWEST]
            soon = [each for each in (_until(one, found(one)) for one in here) if each]
            yield f"| {what} | {where} | {len(here)} | {len(soon)} | {_spread(soon)} |"


def _until(one: Season, found: Floats) -> tuple[int, int] | None:
    """Matches and days from 1 January until the alarm."""
    beyond = np.flatnonzero(found >= THRESHOLD)
    if not beyond.size:
        return None
    first = int(beyond[0])
    day: date = one.days[first]
    return int(one.late[: first + 1].sum()), (day - date(one.season + 1, 1, 1)) // timedelta(days=1)


def _spread(soon: Sequence[tuple[int, int]]) -> str:
    if not soon:
        return " | | | "
    matches, days = np.array(soon).T
    return f"{np.median(matches):.0f} | {matches.max()} | {np.median(days):.0f} | {days.max()}"


def _features(forecaster: Forecaster, frame: pl.DataFrame) -> Iterator[str]:
    """The features of some weeks of each season, beside those of the same weeks of five seasons before."""
    yield "\n## Features\n"
    yield f"Population stability index of the matches of {WEEKS} weeks against the same weeks of five"
    yield f"seasons before; an alarm fires above {LIMIT:g}.\n"
    yield "| season | until | matches | largest | of | next | of | median | fired |"
    yield "| :-- | :-- | --: | --: | :-- | --: | :-- | --: | --: |"
    for season in REPORTED:
        for end in (date(season, 11, 30), date(season + 1, 4, 30)):
            found = shifts(forecaster.rows, frame.filter(pl.col("date") <= end), range(season - 5, season))
            if found is not None:
                first, second = found.shifts[:2]
                median = found.shifts[len(found.shifts) // 2].psi
                yield (
                    f"| {name_of(season)} | {end} | {found.n} | {first.psi:.2f} | {first.feature} | {second.psi:.2f} "
                    f"| {second.feature} | {median:.2f} | {'yes' if found.fired else 'no'} |"
                )


if __name__ == "__main__":
    main()
