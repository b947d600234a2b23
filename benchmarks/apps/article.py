"""The article's design: FastAPI, pydantic, an async Redis client, prometheus_client, uvicorn; model loaded once.

Its key, its `setex` of an hour, its histogram. Answers are kept as JSON text.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio as redis
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from benchmarks.apps.contract import PredictionRequest, PredictionResponse
from benchmarks.apps.plain import Predictor
from sabiscore.errors import InvalidFixtureError

TTL_SECONDS = 3600

LATENCY = Histogram("prediction_latency_seconds", "Time spent on a prediction")
HITS = Counter("prediction_cache_hits", "Predictions answered from the cache")
MISSES = Counter("prediction_cache_misses", "Predictions answered by the model")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model and open the cache once."""
    app.state.predictor = Predictor()
    app.state.cache = redis.from_url(os.environ["VALKEY_URL"], decode_responses=True)
    yield
    await app.state.cache.aclose()


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/predict")
async def predict(asked: PredictionRequest, request: Request) -> PredictionResponse:
    """Predict one fixture, or answer what was predicted within the hour."""
    started = time.perf_counter()
    cache: redis.Redis = request.app.state.cache
    predictor: Predictor = request.app.state.predictor
    key = f"prediction:{asked.home_team}:{asked.away_team}:{asked.league}:{asked.kickoff_time}"
    cached = await cache.get(key)
    if cached:
        HITS.inc()
        LATENCY.observe(time.perf_counter() - started)
        return PredictionResponse(**json.loads(cached))
    MISSES.inc()
    try:
        answer = predictor.predict(**asked.model_dump())
    except InvalidFixtureError as error:
        raise HTTPException(422, str(error)) from error
    await cache.setex(key, TTL_SECONDS, json.dumps(answer))
    LATENCY.observe(time.perf_counter() - started)
    return PredictionResponse(**answer)


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    """200 once the model is loaded."""
    return {"status": "ok"}


@app.get("/metrics")
async def metrics() -> Response:
    """In Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
