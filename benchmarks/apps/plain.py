"""The shipped model as one would call it after reading the article: the ensemble model by model, the contract's answer.

Same bundle, same features and same probabilities as ours; no more than the first six fields of the answer.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

import msgspec
import numpy as np
from catboost import CatBoost

from sabiscore.arrays import Floats, Matrix
from sabiscore.data import catalogue
from sabiscore.domain import OUTCOMES, Club, Confidence, League, Recommendation
from sabiscore.features import Parameters, RowMaker, Rows, columns
from sabiscore.features.calendar import day_number
from sabiscore.features.history import load
from sabiscore.features.kalman import margin
from sabiscore.models import bundles
from sabiscore.models.calibration import Calibration
from sabiscore.models.confidence import level_of
from sabiscore.models.heads import HeadWeights, probabilities


class Answer(TypedDict):
    """The contract."""

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Recommendation
    confidence: Confidence
    reasoning: list[str]


class Predictor:
    """Loads the bundle once, then predicts one fixture at a time."""

    def __init__(self) -> None:
        shipped = bundles.read(bundles.SHIPPED)
        manifest = shipped.manifest
        history = load(shipped.files["history.npz"])
        self._catalogue = catalogue.load()
        self._rows = RowMaker(history, msgspec.convert(manifest.parameters, Parameters))
        self._head = msgspec.convert(manifest.head, HeadWeights)
        self._members = [
            _load(content) for name, content in sorted(shipped.files.items()) if name.endswith(".cbm")
        ]
        self._bounds = msgspec.convert(manifest.calibration, Calibration).bounds
        self._known_through = manifest.data_through

    def predict(self, *, home_team: str, away_team: str, league: str, kickoff_time: datetime) -> Answer:
        """The answer for a fixture; ``kickoff_time`` is aware.

        Raises:
            InvalidFixtureError: a name is unknown.
        """
        found = self._catalogue.league(league)
        home, away = (self._catalogue.club(name, found) for name in (home_team, away_team))
        day = day_number(kickoff_time.astimezone(UTC).date())
        rows = self._rows.fixtures([(found.code, home.key, away.key, day)])
        probabilities = [round(p, 3) for p in self._probabilities(rows.matrix)[0].tolist()]
        age = (kickoff_time.astimezone(UTC).date() - self._known_through).days
        level = self._confidence(rows, max(probabilities), age)
        likeliest = OUTCOMES[int(np.argmax(probabilities))]
        return {
            "home_win_prob": probabilities[0],
            "draw_prob": probabilities[1],
            "away_win_prob": probabilities[2],
            "recommended_bet": "no_bet" if level == "low" else likeliest,
            "confidence": level,
            "reasoning": self._reasoning((home, away), found, rows.matrix[0].tolist(), probabilities),
        }

    def _probabilities(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]``: the linear part, and the mean of what each member adds."""
        linear = self._head.linear
        seen = self._head.tree_columns(linear.design(matrix), matrix)
        added = [
            member.predict(seen, prediction_type="RawFormulaVal", thread_count=1) for member in self._members
        ]
        return probabilities(linear.scores(matrix) + np.mean(added, axis=0).reshape(len(matrix), 3))

    def _confidence(self, rows: Rows, likeliest: float, age: int) -> Confidence:
        return level_of(likeliest, age, self._bounds, unsure=bool(rows.standing.joins.any()))

    def _reasoning(
        self, clubs: tuple[Club, Club], league: League, row: Sequence[float], probabilities: Sequence[float]
    ) -> list[str]:
        home, away = (club.name for club in clubs)
        value = dict(zip(columns.NAMES, row, strict=True))
        return [
            f"{home} win in {probabilities[0]:.1%}, {away} in {probabilities[2]:.1%}.",
            f"Results rate {home} {margin(value['results']):+.2f} goals a match against {away}.",
            f"Home advantage in {league.name} is worth {margin(value['home_advantage']):.2f} goals.",
            f"{home} rested {value['home_rest']:.0f} days, {away} {value['away_rest']:.0f}.",
            f"The last match known is of {self._known_through}.",
        ]


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Predictor.predict` in a JSON body, for frameworks that hand over no more than that."""
    return body | {"kickoff_time": datetime.fromisoformat(body["kickoff_time"])}


def _load(content: bytes) -> CatBoost:
    model = CatBoost()
    model.load_model(blob=content)
    return model
