"""One fixture and its answer, as the OpenAPI document shows them."""

from pathlib import Path

import msgspec

from sabiscore.domain import Prediction

FIXTURE = {
    "home_team": "Arsenal",
    "away_team": "Chelsea",
    "league": "Premier League",
    "kickoff_time": "2025-08-30T16:30:00Z",
}
FIXTURE_WITH_ODDS = FIXTURE | {"odds": {"home": 1.8, "draw": 3.7, "away": 4.6}}

PREDICTION = msgspec.json.decode(Path(__file__).with_name("prediction.json").read_bytes(), type=Prediction)
"""What `FIXTURE_WITH_ODDS` was answered, written by the service itself."""
