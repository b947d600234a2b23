"""LitServe with the same model and no cache; one worker."""

import sys
from typing import Any

import litserve

from benchmarks.apps.plain import Predictor, asked


class Predicting(litserve.LitAPI):
    """Predicts one fixture."""

    def setup(self, device: str) -> None:
        """Load the model once."""
        del device
        self.predictor = Predictor()

    def decode_request(self, request: dict[str, Any]) -> dict[str, Any]:
        """The fixture."""
        return asked(request)

    def predict(self, fixture: dict[str, Any]) -> dict[str, Any]:
        """Predict it."""
        return dict(self.predictor.predict(**fixture))

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        """As it is."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(
        Predicting(api_path="/api/v1/predict"),
        accelerator="cpu",
        workers_per_device=1,
        healthcheck_path="/health/ready",
    )
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
