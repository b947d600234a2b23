import asyncio
from pathlib import Path

import pytest

from sabiscore.api.lifespan import LoadService
from sabiscore.api.loaded import Loaded
from sabiscore.cache.protocol import NoCache
from sabiscore.domain import Language
from sabiscore.export.export import Exported, export
from sabiscore.settings import Settings
from sabiscore.telemetry.instruments import Instruments
from tests.api.conftest import load_service, season

__all__ = ["load_service", "season"]


@pytest.fixture(scope="session")
def loaded(load_service: LoadService) -> Loaded:
    """What answers, with fixtures to come."""
    return load_service(Settings(), cache=NoCache(), hook=Instruments())


def exported(loaded: Loaded, directory: Path, language: Language = "en") -> Exported:
    """The Premier League's week, written there."""
    league = loaded.service.league("E0")
    return asyncio.run(export(loaded, directory, lambda *_: None, league, language))


@pytest.fixture(scope="session")
def site(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export, below a path of a site."""
    directory = tmp_path_factory.mktemp("host") / "football" / "week"
    exported(loaded, directory)
    return directory
