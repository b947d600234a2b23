import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from litestar.cli import litestar_group
from litestar.testing import TestClient

from sabiscore.api.openapi import DOCUMENT
from sabiscore.errors import SettingsError
from sabiscore.models import bundles
from sabiscore.server import logs
from sabiscore.server.worker import create
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from sabiscore.update import remote
from tests.api.asking import FIXTURE, ORIGIN, PREDICT
from tests.update.depot import Depot
from tests.update.test_remote import PATH, variant
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """It is set up for the whole process; put back what the tests themselves log with, and how much is said."""
    loggers = [logging.getLogger(name) for name in (None, *logs.config(Settings())["loggers"])]
    before = [(logger.level, logger.propagate, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers


class TestTheApplicationOfAServer:
    def test_is_what_the_environment_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SABISCORE_FRONTEND_ORIGIN", ORIGIN)
        with TestClient(create()) as client:
            response = client.post(PREDICT, json=FIXTURE, headers={"origin": ORIGIN})
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN

    def test_answers_from_the_bundle_that_ships(self, service: PredictionService) -> None:
        with TestClient(create()) as client:
            assert client.get("/api/v1/model").json()["version"] == service.version

    def test_answers_from_a_packed_bundle_at_an_address_and_takes_up_the_next(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(remote, "try_bundle", lambda path: bundles.read(path).digest)
        with Depot() as depot:
            settings = {"BUNDLE": depot.url + PATH, "BUNDLE_EVERY": "1", "DATA": str(tmp_path / "data")}
            for name, value in settings.items():
                monkeypatch.setenv(f"SABISCORE_{name}", value)
            contents = [variant(tmp_path, name) for name in ("one", "two")]
            versions = [bundles.unpack(content, "it").version for content in contents]
            depot.files[PATH] = contents[0]
            with TestClient(create()) as client:
                assert client.get("/api/v1/model").json()["version"] == versions[0]
                depot.files[PATH] = contents[1]
                eventually(lambda: client.get("/api/v1/model").json()["version"] == versions[1])

    def test_is_described_by_litestar_as_by_itself(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("LITESTAR_APP", "sabiscore.server.worker:create")
        where = tmp_path / "openapi.json"
        asked = ["schema", "openapi", "--output", str(where)]
        assert CliRunner().invoke(litestar_group, asked, catch_exceptions=False).exit_code == 0
        assert msgspec.json.decode(where.read_bytes()) == msgspec.json.decode(DOCUMENT.read_bytes())

    def test_does_not_start_with_a_bundle_that_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("SABISCORE_BUNDLE", str(tmp_path))
        with pytest.raises(BaseExceptionGroup), TestClient(create()):
            pass
        assert f"cannot start: bundle refused: {tmp_path}" in capsys.readouterr().err

    def test_is_none_with_settings_that_make_no_sense(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SABISCORE_CACHE_TTL", "soon")
        with pytest.raises(SettingsError):
            create()

    def test_writes_one_line_with_level_process_and_logger(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("SABISCORE_LOG_LEVEL", "warning")
        monkeypatch.setenv("SABISCORE_LOG_FORMAT", "text")
        create()
        logging.getLogger("sabiscore.api").info("unheard")
        logging.getLogger("sabiscore.api").warning("heard")
        [line] = capsys.readouterr().err.splitlines()
        assert " WARNING " in line
        assert line.endswith("sabiscore.api: heard")
