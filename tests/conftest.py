import os
from pathlib import Path

import pytest

BESIDE_THE_CHECKOUT = Path(__file__).parents[2] / "shared" / "data" / "football-data"


@pytest.fixture(scope="session")
def match_files() -> Path:
    """Real match files in football-data.co.uk's layout; `sabiscore pull --into DIR` gets them."""
    directory = Path(os.environ.get("SABISCORE_TEST_DATA", BESIDE_THE_CHECKOUT))
    assert directory.is_dir(), (
        f"no match files in {directory}: run `sabiscore pull --into DIR` and set SABISCORE_TEST_DATA=DIR"
    )
    return directory
