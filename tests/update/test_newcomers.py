from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from sabiscore.data import newcomers
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.server.ready import Ready
from sabiscore.service import PredictionService
from sabiscore.trial import try_bundle
from sabiscore.update.place import Place
from sabiscore.update.update import update

NEWCOMER = "Penzance Town"
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
    assert [fixture.id for fixture in made.season.coming] == ["national-league-2025-26-penzance-town-barnet"]
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


@pytest.mark.parametrize("name", ["Yeovil Twn", "Oldham Ath", "Real Madrid"])
def test_a_name_close_to_another_and_a_club_of_another_country_are_refused(place: Place, name: str) -> None:
    place.fixtures.write_text(LIST.format(day="09", home=name))
    (refused,) = update(place, SHIPPED).refused
    assert refused.line == 2
    assert newcomers.FILE not in bundles.read(place.shelf.directory / place.shelf.version).files
