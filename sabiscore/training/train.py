"""From matches to a bundle."""

import importlib.metadata
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from sabiscore.data import catalogue
from sabiscore.domain import OUTCOMES, Odds
from sabiscore.errors import DataError
from sabiscore.features import build_history, columns, played
from sabiscore.forecaster import Forecaster, golden, pack
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle, GoldenFixture, Manifest
from sabiscore.models.calibration import Validated, complete
from sabiscore.scoring.reliability import RELIABILITY, reliability
from sabiscore.scoring.scores import score
from sabiscore.training.dataset import FIRST_SEASON, Table, older_table, table
from sabiscore.training.final_table import last_seasons
from sabiscore.training.fit import Step
from sabiscore.training.walk_forward import Model, Plan, make_model, validation

LIBRARIES = ("catboost", "numpy", "polars")


def train(frame: pl.DataFrame, out: Path, plan: Plan, step: Step) -> str:
    """Train a bundle on all matches of a canonical frame and publish it at ``out``.

    Returns the bundle's digest: the same frame, plan and library versions give the same.

    Raises:
        DataError: there are no matches, or too few seasons of them.
        BundleError: ``out`` is something else than a bundle.
    """
    if not len(frame):
        raise DataError("matches", 0, "there are none")
    bundles.check_place(out)
    history = build_history(frame, plan.features)
    rows = table(frame, plan.features, history)
    older = older_table(frame, plan.features, history, validation(rows, plan))
    model = make_model(rows, older, plan, step)
    manifest = _manifest(frame, plan, rows, model)
    forecaster = Forecaster(Bundle(manifest, "", {}), history, model.fitted.head())
    said = forecaster.witness(golden_fixtures(frame, plan.golden_fixtures))
    manifest = msgspec.structs.replace(
        manifest, golden=msgspec.structs.replace(manifest.golden, fixtures=said)
    )
    return bundles.write(out, manifest, pack(history, model.fitted.members, played.of_frame(frame)))


def golden_fixtures(frame: pl.DataFrame, each: int) -> list[GoldenFixture]:
    """So many matches of each league from the later half of a canonical frame; those that had odds, with them too."""
    found, prices = [], [f"average_{outcome}" for outcome in OUTCOMES]
    told = frame.select("league", "home", "away", "date", *(name for name in prices if name in frame.columns))
    for _, league in sorted(told.sort("date", maintain_order=True).group_by("league", maintain_order=True)):
        for row in league[np.linspace(len(league) // 2, len(league) - 1, each).astype(np.intp)].to_dicts():
            fixture = GoldenFixture(row["league"], row["home"], row["away"], row["date"])
            found.append(fixture)
            known = [price for name in prices if (price := row.get(name)) is not None]
            if len(known) == len(prices):
                found.append(msgspec.structs.replace(fixture, odds=Odds(*known)))
    return found


def _manifest(frame: pl.DataFrame, plan: Plan, rows: Table, model: Model) -> Manifest:
    chosen = rows.matrix[np.linspace(0, len(rows.matrix) - 1, plan.golden_rows).astype(np.intp)]
    days: list[date] = frame["date"].sort().to_list()
    return Manifest(
        format=bundles.FORMAT,
        sabiscore=importlib.metadata.version("sabiscore"),
        classes=OUTCOMES,
        features=columns.NAMES,
        features_fingerprint=columns.fingerprint(),
        parameters=msgspec.to_builtins(plan.features),
        head=msgspec.to_builtins(model.fitted.weights),
        training=_training(plan, rows, model.validated),
        data_from=days[0],
        data_through=days[-1],
        calibration=msgspec.to_builtins(model.calibration),
        scores=_scores(model.validated),
        golden=golden(model.fitted.head(), chosen),
        libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
        files={},
        last_season=last_seasons(frame, catalogue.load()),
    )


def _training(plan: Plan, rows: Table, validated: Validated) -> dict[str, Any]:
    seasons = np.unique(validated.season).tolist()
    return {
        "seed": plan.seed,
        "first_season": FIRST_SEASON,
        "matches": len(rows.outcomes),
        "validation_seasons": seasons,
        "measured_on": seasons[-plan.measured_seasons :],
        "fit": msgspec.to_builtins(plan.fit),
    }


def _scores(validated: Validated) -> dict[str, Any]:
    """Of each validation season, predicted walk-forward: ours, and the market's where it had odds."""
    seasons = {
        str(season): _season_scores(validated.of(validated.season == season))
        for season in np.unique(validated.season).tolist()
    }
    return seasons | {RELIABILITY: _reliability(validated)}


def _reliability(validated: Validated) -> dict[str, Any]:
    """How often each outcome happened when it was said to be so likely, over all of these seasons."""
    return {
        name: msgspec.to_builtins(reliability(validated.ours[:, k], (validated.outcomes == k).astype(float)))
        for k, name in enumerate(OUTCOMES)
    }


def _season_scores(part: Validated) -> dict[str, Any]:
    priced = part.of(complete(part.market))
    rivals = {"market": priced.market, "market_closing": priced.closing} if len(priced.outcomes) else {}
    known = {name: said for name, said in rivals.items() if complete(said).all()}
    return {"model": msgspec.to_builtins(score(part.ours, part.outcomes))} | {
        name: msgspec.to_builtins(score(said, priced.outcomes)) for name, said in known.items()
    }
