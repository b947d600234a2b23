"""FastAPI around our own forecaster and advice, our whole answer, no cache: what the framework alone costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

from benchmarks.apps.contract import PredictionRequest
from sabiscore.domain import Odds
from sabiscore.errors import InvalidFixtureError
from sabiscore.service import PredictionService


class DecimalOdds(BaseModel):
    """Of one bookmaker."""

    home: float
    draw: float
    away: float


class RequestWithOdds(PredictionRequest):
    """A fixture, and odds where there are any."""

    odds: DecimalOdds | None = None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once."""
    app.state.service = PredictionService.load()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/predict")
async def predict(asked: RequestWithOdds, request: Request) -> Response:
    """Predict one fixture."""
    service: PredictionService = request.app.state.service
    try:
        fixture = service.resolve(
            home_team=asked.home_team,
            away_team=asked.away_team,
            league=asked.league,
            kickoff_time=asked.kickoff_time,
            odds=None if asked.odds is None else Odds(**asked.odds.model_dump()),
        )
    except InvalidFixtureError as error:
        raise HTTPException(422, str(error)) from error
    answer = await service.answer(fixture)
    return Response(answer.body, media_type="application/json")


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    """200 once the model is loaded."""
    return {"status": "ok"}
