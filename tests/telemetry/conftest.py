from collections.abc import Iterator

import pytest

from sabiscore.telemetry.provider import Telemetry


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry()
    yield telemetry
    telemetry.close()
