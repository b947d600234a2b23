"""A client of a service that runs elsewhere: each route a method, each answer a Struct, each refusal an exception.

    from sabiscore.client import Client

    with Client("https://sabiscore.example", key="...") as client:
        print(client.predict("Arsenal", "Chelsea", "EPL", kickoff).home_win_prob)
        for fixture in client.fixtures(league="premier-league"):
            print(fixture.home.name, fixture.away.name)

`AsyncClient` has the same methods, to be awaited, and ``async for``. Neither imports what makes predictions.
"""

from sabiscore.api.schemas import PredictRequest, Problem
from sabiscore.client.asking import ClientError, ProblemAnswerError, UnreachableError
from sabiscore.client.clients import AsyncClient, Client
from sabiscore.domain import GoalAdjustment, Odds, SideCounts

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "GoalAdjustment",
    "Odds",
    "PredictRequest",
    "Problem",
    "ProblemAnswerError",
    "SideCounts",
    "UnreachableError",
]
