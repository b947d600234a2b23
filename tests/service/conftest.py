import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService
from tests.conftest import ON_TODAY

from .asking import Calls, Memory


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def cached(catalogue: Catalogue, forecaster: Forecaster, calls: Calls) -> PredictionService:
    return PredictionService(forecaster, catalogue=catalogue, cache=Memory(), hook=calls, clock=ON_TODAY)
