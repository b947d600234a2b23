"""The contract as pydantic models, for the contenders on FastAPI."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field


class PredictionRequest(BaseModel):
    """A fixture as people name it."""

    home_team: str = Field(min_length=1, max_length=100)
    away_team: str = Field(min_length=1, max_length=100)
    league: str = Field(min_length=1, max_length=100)
    kickoff_time: AwareDatetime


class PredictionResponse(BaseModel):
    """The first six fields of ours."""

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Literal["home", "draw", "away", "no_bet"]
    confidence: Literal["low", "medium", "high"]
    reasoning: list[str]
