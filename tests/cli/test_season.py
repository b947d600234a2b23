import json
from pathlib import Path

import pytest

from sabiscore.data import coming
from sabiscore.data.catalogue import Catalogue
from sabiscore.models import bundles
from sabiscore.update.place import Place
from tests.api.coming import coming_fixtures
from tests.cli.test_cli import run

FROM = ("--from", "2025-08-01")


@pytest.fixture
def data(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory whose published bundle has fixtures to come; commands find it by the settings."""
    shipped = bundles.read(bundles.SHIPPED)
    files = {**shipped.files, coming.FILE: coming.dump(coming_fixtures(catalogue))}
    Place(tmp_path).shelf.publish(shipped.manifest, files, lambda _: None)
    monkeypatch.setenv("SABISCORE_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("data")
class TestFixtures:
    def test_are_those_of_the_bundle_that_would_be_served(self) -> None:
        shown = run("fixtures", *FROM)
        assert shown.exit_code == 0, shown.stderr
        assert "Friday 1 August 2025" in shown.stdout
        arsenal = next(line for line in shown.stdout.splitlines() if "Arsenal" in line)
        assert arsenal.split()[:5] == ["19:00", "Premier", "League", "Arsenal", "Chelsea"]
        assert arsenal.count("%") == 3

    def test_are_of_one_league_and_day_on(self) -> None:
        shown = run("fixtures", "--league", "La Liga", "--from", "2025-08-08", "--json")
        listed = json.loads(shown.stdout)
        assert listed["from"] == "2025-08-08"
        assert [(each["league"]["code"], each["home"]["name"]) for each in listed["fixtures"]] == [
            ("SP1", "Valencia")
        ]

    def test_a_bundle_without_a_list_says_how_to_get_one(self) -> None:
        shown = run("fixtures", "--bundle", bundles.SHIPPED)
        assert shown.exit_code == 0
        assert "`sabiscore update` makes one" in shown.stdout

    def test_an_unknown_league_is_named(self) -> None:
        refused = run("fixtures", "--league", "Premiership of Mars")
        assert refused.exit_code == 1
        assert "Premiership of Mars" in refused.stderr


@pytest.mark.usefixtures("data")
class TestTable:
    @pytest.mark.parametrize("league", ["E0", "Premier League", "premier-league"])
    def test_is_printed(self, league: str) -> None:
        shown = run("table", league)
        assert shown.exit_code == 0, shown.stderr
        assert "Premier League 2024/25" in shown.stdout
        first = next(line for line in shown.stdout.splitlines() if "Liverpool" in line)
        assert first.split() == ["1", "Liverpool", "38", "25", "9", "4", "86:41", "+45", "84", "WLDLD"]

    def test_is_json_as_it_is_over_http(self) -> None:
        table = json.loads(run("table", "E0", "--json").stdout)
        assert [row["points"] for row in table["rows"][:2]] == [84, 74]

    def test_a_bundle_that_must_not_be_served_is_refused(self, tmp_path: Path) -> None:
        refused = run("table", "E0", "--bundle", tmp_path / "nowhere")
        assert refused.exit_code == 1
        assert "nowhere" in refused.stderr
        assert "Traceback" not in refused.stderr
