import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sabiscore.telemetry.provider import Telemetry


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry()
    yield telemetry
    telemetry.close()


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """Short: the path of a Unix socket has at most 107 bytes."""
    directory = Path(tempfile.mkdtemp(prefix="sabi"))
    yield directory
    shutil.rmtree(directory)
