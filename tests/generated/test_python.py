"""The client that openapi-python-client makes of the document."""

import importlib
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from sabiscore.api import openapi

KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the package."""
    directory = tmp_path_factory.mktemp("generated")
    (directory / "config.yml").write_text("post_hooks: []\n")
    asked = [
        "generate",
        "--path",
        str(openapi.DOCUMENT),
        "--output-path",
        str(directory / "made_of_document"),
    ]
    options = ["--meta", "none", "--config", str(directory / "config.yml"), "--fail-on-warning"]
    command = [sys.executable, "-m", "openapi_python_client", *asked, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return str(directory)


@pytest.fixture
def package(generated: str, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - nobody knows its types
    """Imports a module of it."""
    monkeypatch.syspath_prepend(generated)
    return lambda name: importlib.import_module(f"made_of_document.{name}")


class TestAGeneratedClient:
    def test_is_answered(self, package: Any, address: str) -> None:  # noqa: ANN401
        models, predict = package("models"), package("api.predictions.predict")
        asked = models.PredictRequest("Arsenal", "Chelsea", "EPL", KICKOFF)
        with package("client").Client(base_url=address, raise_on_unexpected_status=True) as client:
            said = predict.sync(client=client, body=asked, detail=models.PredictDetail.FULL)
            page = package("api.fixtures.list_fixtures").sync(client=client, league="premier-league")
            table = package("api.leagues.get_table").sync("premier-league", client=client)
        assert (said.home_win_prob + said.draw_prob + said.away_win_prob) == pytest.approx(1)
        assert said.fixture.kickoff_time == KICKOFF
        assert page.fixtures[0].home.name == "Arsenal"
        assert table.rows[0].position == 1

    def test_knows_problems(self, package: Any, address: str) -> None:  # noqa: ANN401
        models, predict = package("models"), package("api.predictions.predict")
        with package("client").Client(base_url=address) as client:
            asked = models.PredictRequest("Arsenal", "Chels", "EPL", KICKOFF)
            problem = predict.sync(client=client, body=asked)
        assert isinstance(problem, models.Problem)
        assert problem.type_ == "/problems/unknown-club"
        assert "Chelsea" in problem.closest
