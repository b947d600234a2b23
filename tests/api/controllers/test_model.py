from sabiscore.service import PredictionService
from tests.api.asking import FIXTURE, PREDICT, Client


class TestTheCard:
    def test_is_that_of_the_bundle_that_answers(self, client: Client, service: PredictionService) -> None:
        card = client.get("/api/v1/model").json()
        assert card["version"] == client.post(PREDICT, json=FIXTURE).json()["model"]["version"]
        assert card["version"] == service.version
        assert card["data_through"] == service.data_through.isoformat()
        assert set(card["calibration"]["confidence"]) == {"low", "medium", "high"}
