from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from litestar.testing import TestClient

from sabiscore.api.loaded import Loaded
from sabiscore.cache.protocol import Cache
from sabiscore.clock import Clock
from sabiscore.data import newcomers
from sabiscore.making import ModelHook
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.server.ready import Ready
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from sabiscore.trial import try_bundle
from sabiscore.update.place import Place
from sabiscore.update.update import update
from tests.api.conftest import built

NEWCOMER = "Penzance Town"
ID = "national-league-2025-26-penzance-town-barnet"
MATCH = {
    "home_team": NEWCOMER,
    "away_team": "Barnet",
    "league": "EC",
    "kickoff_time": "2025-08-09T15:00:00+01:00",
}
LIST = "Div,Date,Time,HomeTeam,AwayTeam\nEC,{day}/08/2025,15:00,{home},Barnet\n"
FILE = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nEC,09/08/2025,{home},Barnet,2,1,H\n"


@pytest.fixture
def place(tmp_path: Path, match_files: Path) -> Place:
    """A data directory with the National League's last two files, and a list whose first club is in none of them."""
    place = Place(tmp_path / "data")
    for season in ("2324", "2425"):
        (place.matches / season).mkdir(parents=True)
        (place.matches / season / "EC.csv").write_bytes((match_files / season / "EC.csv").read_bytes())
    place.fixtures.write_text(LIST.format(day="09", home=NEWCOMER))
    return place


def ready(place: Place) -> Ready:
    assert place.shelf.current
    return Ready.of(bundles.read(place.shelf.current))


def test_a_newcomer_is_listed_predicted_and_in_the_table_from_its_first_match_on(place: Place) -> None:
    assert not update(place, SHIPPED).refused
    made = ready(place)
    assert made.season
    assert [fixture.id for fixture in made.season.coming] == [ID]
    service = PredictionService(made.forecaster, catalogue=made.catalogue)
    fixture = service.resolve(
        home_team="penzance town",
        away_team="Barnet",
        league="National League",
        kickoff_time=datetime(2025, 8, 9, 14, tzinfo=UTC),
        odds=None,
    )
    (body,) = service.made([fixture]).values()
    said = msgspec.json.decode(body)
    assert said["confidence"] == "low"
    assert any("Penzance Town have no match on record" in sentence for sentence in said["reasoning"])

    (place.matches / "2526").mkdir()
    (place.matches / "2526" / "EC.csv").write_text(FILE.format(home=NEWCOMER))
    place.fixtures.write_text(LIST.format(day="16", home="Yeovil"))
    assert update(place, SHIPPED).is_new
    made = ready(place)
    assert made.season
    assert made.season.coming[0].id == "national-league-2025-26-yeovil-town-barnet"
    assert made.catalogue
    league = made.catalogue.league("EC")
    table, club = made.season.table(league), made.catalogue.club(NEWCOMER, league)
    assert table
    assert NEWCOMER in str(table)
    assert made.season.team(club)
    assert place.shelf.current
    try_bundle(place.shelf.current)


def test_a_newcomer_is_answered_over_http_whenever_the_service_starts(place: Place) -> None:
    update(place, SHIPPED)
    for _ in range(2):
        with TestClient(built(partial(loaded, ready(place)), front=True)) as client:
            asked = client.post("/api/v1/predict", json=MATCH)
            (listed,) = client.get("/api/v1/fixtures?league=EC").json()["fixtures"]
            team = client.get("/api/v1/teams/penzance-town").json()
            page = client.get("/teams/penzance-town")
            match = client.get(f"/fixtures/{ID}")
        assert asked.status_code == 200
        assert (listed["id"], listed["home"]["name"]) == (ID, NEWCOMER)
        assert listed["prediction"]["home_win_prob"] == asked.json()["home_win_prob"]
        assert (team["team"]["name"], team["next"][0]["id"]) == (NEWCOMER, ID)
        assert (page.status_code, match.status_code) == (200, 200)
        assert NEWCOMER in page.text
        assert NEWCOMER in match.text


def loaded(ready: Ready, _: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
    """What a service that starts makes of a bundle, on the Friday before the match."""
    clock = Clock(unix=datetime(2025, 8, 8, 12, tzinfo=UTC).timestamp)
    service = PredictionService(
        ready.forecaster, catalogue=ready.catalogue, cache=cache, hook=hook, clock=clock
    )
    return Loaded(service, ready.season, ready.answered, ready.record, ready.sealed, clock)


@pytest.mark.parametrize("name", ["Yeovil Twn", "Oldham Ath", "Real Madrid"])
def test_a_name_close_to_another_and_a_club_of_another_country_are_refused(place: Place, name: str) -> None:
    place.fixtures.write_text(LIST.format(day="09", home=name))
    (refused,) = update(place, SHIPPED).refused
    assert refused.line == 2
    assert newcomers.FILE not in bundles.read(place.shelf.directory / place.shelf.version).files
