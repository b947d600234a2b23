import ast
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient

import sabiscore
from benchmarks.process import free_port
from sabiscore import testing
from sabiscore.client import Client, ProblemAnswerError
from sabiscore.settings import Settings
from tests.conftest import TODAY
from tests.server.wire import listens
from tests.waiting import LONG, eventually

PAGE = Path(sabiscore.__file__).parent / "api" / "README.md"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with testing.client() as client:
        yield client


class TestTheServiceForTests:
    def test_has_fixtures_to_come_with_predictions(self, client: Client) -> None:
        listed = list(client.fixtures(team="Arsenal"))
        assert [one.id for one in listed] == ["premier-league-2025-26-arsenal-chelsea"]
        assert listed[0].prediction
        assert len(list(client.fixtures(until=datetime(2025, 8, 31, tzinfo=UTC).date()))) == 10

    def test_has_a_day_of_its_own(self, client: Client) -> None:
        assert testing.TODAY == TODAY
        with pytest.raises(ProblemAnswerError, match="out of range"):
            client.predict("Arsenal", "Chelsea", "EPL", testing.TODAY.replace(year=2027))

    def test_has_tables_clubs_and_what_was_played(self, client: Client) -> None:
        assert client.table("premier-league").rows
        assert client.team("arsenal").next[0].away.name == "Chelsea"
        assert next(client.fixtures(league="E0", team="Arsenal", status="played")).score

    def test_is_the_whole_application(self) -> None:
        with TestClient(testing.app(Settings(security_headers=True))) as client:
            assert "Arsenal" in client.get("/").text
            assert client.get("/health").headers["x-frame-options"] == "DENY"

    def test_can_be_served_on_a_port(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "sabiscore.testing", str(port)]
        with subprocess.Popen(command) as process:  # noqa: S603
            eventually(lambda: listens(port))
            with Client(f"http://127.0.0.1:{port}") as client:
                assert next(client.fixtures()).home.name == "Arsenal"
            process.terminate()
            process.wait(LONG)


class TestTheExamplesOnThePage:
    def test_of_a_test_passes(self) -> None:
        block = PAGE.read_text("utf-8").partition("a day that stays:\n\n")[2].partition("\n\nFor ")[0]
        code = "\n".join(line.removeprefix("    ") for line in block.splitlines())
        found: dict[str, object] = {}
        exec(compile(ast.parse(code), "README.md", "exec"), found)  # noqa: S102 - our own
        run = found["test_shows_who_plays"]
        assert callable(run)
        run()
