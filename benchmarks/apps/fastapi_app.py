"""FastAPI with the same model and no cache."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request

from benchmarks.apps.contract import PredictionRequest, PredictionResponse
from benchmarks.apps.plain import Predictor
from sabiscore.errors import InvalidFixtureError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once."""
    app.state.predictor = Predictor()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/predict")
async def predict(asked: PredictionRequest, request: Request) -> PredictionResponse:
    """Predict one fixture."""
    predictor: Predictor = request.app.state.predictor
    try:
        return PredictionResponse(**predictor.predict(**asked.model_dump()))
    except InvalidFixtureError as error:
        raise HTTPException(422, str(error)) from error


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    """200 once the model is loaded."""
    return {"status": "ok"}
