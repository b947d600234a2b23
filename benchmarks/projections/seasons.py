"""Past seasons projected as they stood after some match days, by a model that knew earlier seasons only."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl
from msgspec import Struct, structs

from sabiscore.arrays import Floats
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import season_start
from sabiscore.features import Parameters, build_history, played
from sabiscore.features.calendar import day_number
from sabiscore.features.played import Played
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.heads import Head
from sabiscore.season.projection import project, seed, strengths
from sabiscore.season.standings import Results, results, standings
from sabiscore.season.to_come import unclear
from sabiscore.training.dataset import table
from sabiscore.training.fit import fit
from sabiscore.training.walk_forward import Plan

LEAGUES = ("E0", "SP1", "I1", "D1", "F1")
MATCH_DAYS = (0, 10, 20, 30)
FIRST_NAIVE = 1995
"""From this season on the fates of places are counted: a win was worth three points everywhere."""

TOP = 4
EVENTS = ("title", "top four", "relegation")


class Standing(Struct, frozen=True):
    """A league's season after a match day: its clubs' places then ``[c]`` and at the end, both from 0.

    Before the first match a place is that of the season before, and those who came up follow.
    """

    code: str
    season: int
    match_day: int
    results: Results
    before: int
    now: Floats
    final: Floats

    def happened(self) -> Floats:
        """Whether each club won the title, was among the first four, and went down ``[c, 3]``."""
        return events(np.eye(len(self.final))[self.final.astype(np.intp)], self.results)


def events(positions: Floats, of: Results) -> Floats:
    """The chances of title, first four and the places that go down ``[c, 3]``, of those of each place ``[c, c]``."""
    down = positions.shape[1] - of.rules.relegation
    sums = (positions[:, :1], positions[:, :TOP], positions[:, down:])
    return np.column_stack([each.sum(axis=1) for each in sums])


def standing(
    matches: Played, catalogue: Catalogue, code: str, season: int, match_day: int
) -> Standing | None:
    """How a season stood when so many matches a club had been played; none where it was not played to its end."""
    end = day_number(season_start(season + 1))
    whole = results(matches, catalogue, code, season, before=end)
    if unclear(whole) or len(whole.day) != len(whole.clubs) * whole.rules.rounds // 2:
        return None
    at = match_day * len(whole.clubs) // 2
    before = int(whole.day[at - 1]) + 1 if at else int(whole.day[0])
    then = results(matches, catalogue, code, season, before=before, members=whole.clubs)
    table = standings(then).clubs if at else _last_year(matches, catalogue, then)
    final = standings(whole).clubs
    return Standing(code, season, match_day, then, before, _places(table, then), _places(final, then))


def _places(order: Sequence[str], of: Results) -> Floats:
    return np.array([order.index(club) for club in of.clubs], np.float64)


def _last_year(matches: Played, catalogue: Catalogue, of: Results) -> list[str]:
    end = day_number(season_start(of.season))
    before = standings(results(matches, catalogue, of.league, of.season - 1, before=end)).clubs
    stayed = [club for club in before if club in of.clubs]
    return [*stayed, *(club for club in of.clubs if club not in stayed)]


def naive(past: Sequence[Standing], now: Standing) -> Floats:
    """What became in earlier seasons of the place that each club has ``[c, 3]``, places counted from the nearer end.

    Two seasons like all of them together are added, so that nothing is impossible.
    """
    size = len(now.now)
    place = np.concatenate([_from_ends(one.now, len(one.now)) for one in past])
    happened = np.concatenate([one.happened() for one in past])
    usual = now.happened().sum(axis=0) / size
    found = np.empty((size, len(EVENTS)))
    for club, mine in enumerate(_from_ends(now.now, size)):
        there = happened[place == mine]
        found[club] = (there.sum(axis=0) + 2.0 * usual) / (len(there) + 2.0)
    return found


def _from_ends(places: Floats, size: int) -> Floats:
    """Places from the first, or below 0 from the last: leagues have 18, 20 or 22 clubs."""
    return np.where(places < size / 2, places, places - size)


class Said(Struct, frozen=True):
    """Of one standing: chances of the events ``[c, 3]`` by the projection, by one whose ratings are sure, and naive.

    ``positions`` ``[c, c]`` are the projected chances of each club and place.
    """

    standing: Standing
    ours: Floats
    sure: Floats
    naive: Floats
    positions: Floats


def said(
    frame: pl.DataFrame,
    catalogue: Catalogue,
    seasons: Sequence[int],
    simulations: int,
    step: Callable[[str], None],
) -> Iterator[Said]:
    """Every standing of ``seasons`` projected by heads that were fitted on the seasons before each."""
    plan = Plan()
    history = build_history(frame, plan.features)
    rows = table(frame, plan.features, history)
    matches = played.of_frame(frame)
    all_of_them = _standings(matches, catalogue, max(seasons))
    shipped = bundles.read(bundles.SHIPPED)
    manifest = structs.replace(shipped.manifest, parameters=_plain(plan.features))
    for season in seasons:
        step(f"{season}: fitting")
        head: Head = fit(rows.of(rows.seasons < season), plan.fit, plan.seed, lambda: None).head()
        forecaster = Forecaster(structs.replace(shipped, manifest=manifest), history, head)
        for one in all_of_them:
            if one.season != season:
                continue
            past = [each for each in all_of_them if each.match_day == one.match_day and each.season < season]
            known = strengths(forecaster, one.results, one.before)
            still = structs.replace(
                known, lasting=0.0 * known.lasting, passing=0.0 * known.passing, drift=0.0
            )
            ours, sure = (
                project(one.results, each, seed(one.results), simulations) for each in (known, still)
            )
            step(f"{season}: {one.code} after {one.match_day}")
            positions = ours.places / simulations
            yield Said(
                one,
                events(positions, one.results),
                events(sure.places / simulations, one.results),
                naive(past, one),
                positions,
            )


def _standings(matches: Played, catalogue: Catalogue, last: int) -> list[Standing]:
    found = (
        standing(matches, catalogue, code, season, match_day)
        for season in range(FIRST_NAIVE, last + 1)
        for code in LEAGUES
        for match_day in MATCH_DAYS
    )
    return [one for one in found if one is not None]


def _plain(parameters: Parameters) -> dict[str, object]:
    return structs.asdict(parameters)
