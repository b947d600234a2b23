import re
from collections.abc import Iterator

import msgspec
import pytest
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.loaded import Loaded
from sabiscore.api.schemas import RecordAnswer
from sabiscore.cache.protocol import Cache
from sabiscore.ledger.ledger import Ledger
from sabiscore.ledger.record import NOTHING, record
from sabiscore.making import ModelHook
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from tests.api.asking import Client, refused
from tests.api.conftest import built
from tests.ledger.entries import sealed, settled

RECORD = "/api/v1/record"


@pytest.fixture(scope="module")
def kept(service: PredictionService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of an application with a record: three settled fixtures of two leagues, and two that are not."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    ledger.seal([sealed(number, league="E0" if number < 2 else "SP1") for number in range(5)])
    ledger.settle([settled(number) for number in range(3)])
    found = record(ledger.read())

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:  # noqa: ARG001
        return Loaded(service, record=found)

    with TestClient(built(load, front=True)) as client:
        yield client


def said(client: Client, query: str = "") -> RecordAnswer:
    response = client.get(RECORD + query)
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=RecordAnswer)


class TestTheRecord:
    def test_says_that_nothing_is_settled_and_where_the_backtest_is(self, client: Client) -> None:
        for query in ("", "?league=E0", "?season=2025-26"):
            found = said(client, query)
            assert (found.statement, found.settled, found.part) == (NOTHING, 0, None)

    def test_is_of_all_matches_with_parts(self, kept: Client) -> None:
        found = said(kept)
        assert (found.sealed, found.settled) == (5, 3)
        assert found.part is not None
        assert found.part.matches.n == 3
        assert found.leagues.keys() == {"E0", "SP1"}
        assert found.seasons.keys() == {"2025/26"}
        assert found.months.keys() == {"2025-08"}
        assert found.ledger.lines > 0

    @pytest.mark.parametrize("name", ["premier-league", "E0", "EPL", "Premier League"])
    def test_of_a_league_is_of_no_other(self, kept: Client, name: str) -> None:
        found = said(kept, f"?league={name}")
        assert found.part is not None
        assert (found.league, found.part.matches.n) == ("E0", 2)
        assert "2 matches" in found.statement
        assert found.leagues == {}

    @pytest.mark.parametrize("season", ["2025-26", "2025%2F26", "2025/26"])
    def test_of_a_season_has_its_leagues(self, kept: Client, season: str) -> None:
        found = said(kept, f"?season={season}")
        assert found.season == "2025/26"
        assert {code: part.matches.n for code, part in found.leagues.items()} == {"E0": 2, "SP1": 1}
        both = said(kept, f"?season={season}&league=la-liga")
        assert both.part == found.leagues["SP1"]

    def test_of_what_is_not_settled_says_so(self, kept: Client) -> None:
        found = said(kept, "?season=2024-25&league=la-liga")
        assert (found.part, found.settled) == (None, 3)
        assert "settled" in found.statement

    def test_is_refused_where_the_query_makes_no_sense(self, client: Client) -> None:
        refused(client.get(f"{RECORD}?league=nowhere"), problems.UNKNOWN_LEAGUE)
        for query in ("season=2025", "season=now", "month=2025-08", "league="):
            refused(client.get(f"{RECORD}?{query}"), problems.INVALID_REQUEST)


class TestItsPage:
    def test_has_a_name_of_its_own_for_each_part(self, kept: Client) -> None:
        names = re.findall(r'role="region" aria-label="([^"]*)"', kept.get("/record").text)
        assert len(set(names)) == len(names) >= 5
