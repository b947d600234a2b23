"""BentoML with the same model and no cache; one worker."""

from typing import Any

import bentoml

from benchmarks.apps.plain import Predictor, asked


@bentoml.service(workers=1)
class Predicting:
    """Predicts one fixture."""

    def __init__(self) -> None:
        self.predictor = Predictor()

    @bentoml.api(route="/api/v1/predict")
    def predict(self, home_team: str, away_team: str, league: str, kickoff_time: str) -> dict[str, Any]:
        """Predict it."""
        return dict(
            self.predictor.predict(
                **asked(
                    {
                        "home_team": home_team,
                        "away_team": away_team,
                        "league": league,
                        "kickoff_time": kickoff_time,
                    }
                )
            )
        )
