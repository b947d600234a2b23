"""SabiScore: honest football probabilities, calibrated and explained.

What is named in ``__all__`` is public. It is imported when it is first asked for, so that the command line does not
wait for CatBoost.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sabiscore.domain import (
        Club,
        Fixture,
        InPlay,
        InPlayPrediction,
        League,
        Odds,
        Prediction,
        SideCounts,
    )
    from sabiscore.errors import BundleError, InvalidFixtureError, SabiScoreError
    from sabiscore.service import Answer, PredictionService

__version__ = version("sabiscore")

__all__ = [
    "Answer",
    "BundleError",
    "Club",
    "Fixture",
    "InPlay",
    "InPlayPrediction",
    "InvalidFixtureError",
    "League",
    "Odds",
    "Prediction",
    "PredictionService",
    "SabiScoreError",
    "SideCounts",
]

_HOMES = {
    "sabiscore.domain": (
        "Club",
        "Fixture",
        "InPlay",
        "InPlayPrediction",
        "League",
        "Odds",
        "Prediction",
        "SideCounts",
    ),
    "sabiscore.errors": ("BundleError", "InvalidFixtureError", "SabiScoreError"),
    "sabiscore.service": ("Answer", "PredictionService"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
