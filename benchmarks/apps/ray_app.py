"""Ray Serve with the same model and no cache; one replica behind FastAPI, as its guide has it.

It may have more requests under way than there are connections: by default they are five, and the others wait for
a router that looks again ever more rarely, which answers a sixth as many.
"""

import sys

import ray
from fastapi import FastAPI
from ray import serve

from benchmarks.apps.contract import PredictionRequest, PredictionResponse
from benchmarks.apps.plain import Predictor

MOST_AT_ONCE = 100

app = FastAPI()


@serve.deployment(max_ongoing_requests=MOST_AT_ONCE)
@serve.ingress(app)
class Predicting:
    """Predicts one fixture."""

    def __init__(self) -> None:
        self.predictor = Predictor()

    @app.post("/api/v1/predict")
    async def predict(self, asked: PredictionRequest) -> PredictionResponse:
        """Predict it."""
        return PredictionResponse(**self.predictor.predict(**asked.model_dump()))

    @app.get("/health/ready")
    async def ready(self) -> dict[str, str]:
        """200 once the model is loaded."""
        return {"status": "ok"}


if __name__ == "__main__":
    ray.init(include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Predicting.bind(), blocking=True)  # type: ignore[attr-defined]
