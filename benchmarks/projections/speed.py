"""How long projecting and reading a season take, by the shipped bundle."""

import time
from collections.abc import Callable
from datetime import date

from benchmarks.projections.report import markdown
from benchmarks.projections.seasons import LEAGUES, standing
from sabiscore.data import catalogue
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.season.projection import SIMULATIONS, project, seed, strengths
from sabiscore.season.reader import Season

CHRISTMAS = date(2023, 12, 25)
RUNS = 5


def taken() -> str:
    """Milliseconds of CPU, the least of some runs but for what is done once."""
    known, bundle = catalogue.load(), bundles.read(bundles.SHIPPED)
    forecaster = Forecaster.from_bundle(bundle)
    season = Season.of(bundle, forecaster, known)
    rows = [("matches read", _taken(lambda: season.matches, runs=1))]
    league = known.league(LEAGUES[0])
    club, other = (known.club(name, league) for name in ("Arsenal", "Chelsea"))
    asked: dict[str, Callable[[], object]] = {
        "table": lambda: season.table(league),
        "table of a past day": lambda: season.table(league, CHRISTMAS),
        "ratings": lambda: season.ratings(league),
        "a club": lambda: season.team(club),
        "two clubs": lambda: season.head_to_head(club, other),
        "a match by its id": lambda: season.find("premier-league-2024-25-arsenal-chelsea"),
    }
    rows += [(name, _taken(ask, RUNS)) for name, ask in asked.items()]
    total = 0.0
    for code in LEAGUES:
        now = standing(season.matches, known, code, 2024, 0)
        if now is not None:
            state = strengths(forecaster, now.results, now.before)
            spent = _taken(lambda: project(now.results, state, seed(now.results), SIMULATIONS), runs=1)  # noqa: B023 - at once
            rows.append((f"{code} projected as it begins, {SIMULATIONS:,} simulations", spent))
            total += spent
    rows.append(("all five", total))
    return markdown(("what", "CPU, ms"), [(name, f"{spent:,.1f}") for name, spent in rows])


def _taken(run: Callable[[], object], runs: int) -> float:
    found = []
    for _ in range(runs):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return 1000.0 * min(found)
