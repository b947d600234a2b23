import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from sabiscore.models import bundles
from sabiscore.models.signature import PublicKey
from tests.cli.test_cli import premier_league, run, served
from tests.models.keys import make

NOTHING_NEW = "stays: there is nothing new"


@pytest.fixture
def site(match_files: Path, tmp_path: Path) -> Path:
    """A site's files: two seasons of the Premier League."""
    return premier_league(match_files, tmp_path / "site", since=2023)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="module")
def first(match_files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """What an update of nothing says of that site, and the data directory that it makes."""
    directory = tmp_path_factory.mktemp("first")
    with served(premier_league(match_files, directory / "site", since=2023)) as url:
        return run("update", "--data", directory / "data", "--base-url", url), directory / "data"


@pytest.fixture
def updated(first: tuple[Result, Path], data: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(first[1], data, symlinks=True)


def test_update_pulls_makes_and_publishes_and_then_has_nothing_to_do(
    first: tuple[Result, Path], site: Path
) -> None:
    made, data = first
    with served(site) as url:
        again = run("update", "--data", data, "--base-url", url)
    assert made.exit_code == 0, made.stderr
    assert "with matches through 2025-05-25, is new" in made.stdout
    assert NOTHING_NEW in again.stdout
    version = made.stdout.split()[1].rstrip(",")
    listed = run("bundle", "list", "--data", data).stdout.split()
    assert listed[:5] == ["*", version, "matches", "through", "2025-05-25"]
    card = json.loads(run("bundle", data / "bundles" / version).stdout)
    assert card["version"] == version
    assert date.fromisoformat(card["data_from"]) == date(2023, 8, 11)


def test_update_goes_on_without_a_file_that_it_refuses_and_names_it(site: Path, data: Path) -> None:
    with served(site) as url:
        run("update", "--data", data, "--base-url", url)
        file = site / "2425" / "E0.csv"
        file.write_text(file.read_text().replace("Man United", "Man Utied"))
        refused = run("update", "--data", data, "--base-url", url)
    assert refused.exit_code == 1
    assert "refused 2425/E0.csv: line 2: Unknown club 'Man Utied'" in refused.stderr
    assert "Manchester United" in refused.stderr
    assert NOTHING_NEW in refused.stdout


def test_update_knows_the_fixtures_to_come_and_names_a_line_that_it_refuses(site: Path, data: Path) -> None:
    header = "Div,Date,Time,HomeTeam,AwayTeam,AvgH,AvgD,AvgA\n"
    coming = "E0,16/08/2025,17:30,Arsenal,Wolves,1.5,4.2,6.5\n"
    played = "E0,25/05/2025,16:00,Bournemouth,Leicester,1.5,4.2,6.5\n"
    fixtures = site / "fixtures.csv"
    fixtures.write_text(header + coming + played)
    with served(site) as url:
        assert run("update", "--data", data, "--base-url", url).exit_code == 0
        fixtures.write_text(header + "E0,17/08/2025,17:30,Evertn,Leeds,,,\n" + coming.replace("16/", "18/"))
        refused, again = (run("update", "--data", data, "--base-url", url) for _ in range(2))
    assert (refused.exit_code, again.exit_code) == (1, 1)
    assert "fixtures.csv:2: Unknown club 'Evertn' in Premier League. Closest known: Everton" in refused.stderr
    assert ("is new" in refused.stdout, NOTHING_NEW in again.stdout) == (True, True)
    current = (data / "bundles" / "current").read_text().strip()
    kept = json.loads((data / "bundles" / current / "coming.json").read_text())
    assert [one["id"] for one in kept] == ["premier-league-2025-26-arsenal-wolverhampton-wanderers"]
    assert kept[0]["kickoff"] == "2025-08-18T16:30:00Z"


def test_update_warns_once_of_what_is_not_a_setting(
    updated: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SABISCORE_DATA", str(updated))
    monkeypatch.setenv("SABISCORE_CASH_TTL", "60")
    assert NOTHING_NEW in run("update", "--no-pull").stdout
    assert caplog.text.count("SABISCORE_CASH_TTL is not a setting") == 1


def test_update_of_a_site_that_is_down_changes_nothing(updated: Path) -> None:
    failed = run("update", "--data", updated, "--base-url", "nowhere://")
    assert failed.exit_code == 1
    assert "no answer" in failed.stderr
    assert run("bundle", "list", "--data", updated).stdout.startswith("* ")


def test_a_bundle_is_rolled_back_and_made_current_again(site: Path, data: Path) -> None:
    file = site / "2425" / "E0.csv"
    whole = file.read_text()
    file.write_text("\n".join([*whole.splitlines()[:-20], ""]))
    with served(site) as url:
        run("update", "--data", data, "--base-url", url)
        file.write_text(whole)
        run("update", "--data", data, "--base-url", url)
    newer, older = (line[2:14] for line in run("bundle", "list", "--data", data).stdout.splitlines())
    assert run("bundle", "rollback", "--data", data).stdout == f"bundle {older} is current\n"
    assert run("update", "--data", data, "--no-pull").stdout.startswith(f"bundle {older}, with")
    assert run("bundle", "activate", newer, "--data", data).stdout == f"bundle {newer} is current\n"
    refused = run("bundle", "activate", "0123456789ab", "--data", data)
    assert refused.exit_code == 1
    assert "`sabiscore bundle list` tells which" in refused.stderr


def test_update_packs_signs_and_publishes_once(site: Path, data: Path, tmp_path: Path) -> None:
    keys, there = make(tmp_path), tmp_path / "www"
    with served(site) as url:
        asked = ("update", "--data", data, "--base-url", url, "--publish", there, "--sign-key", keys.private)
        first, again = run(*asked), run(*asked)
    assert first.exit_code == again.exit_code == 0, first.stderr
    assert f"published to {there}" in first.stdout
    assert "published" not in again.stdout
    packed = bundles.read(there / "bundle.tar", PublicKey(keys.public))
    assert packed.version == first.stdout.split()[1].rstrip(",")
    assert json.loads(run("bundle", there / "bundle.tar").stdout)["version"] == packed.version


def test_where_none_is_published_the_list_is_empty_and_says_why(tmp_path: Path) -> None:
    listed = run("bundle", "list", "--data", tmp_path)
    assert (listed.exit_code, listed.stdout) == (0, "")
    assert "none is published" in listed.stderr


def test_what_the_system_refuses_is_told_in_a_line(tmp_path: Path) -> None:
    keys = make(tmp_path)
    bundle = Path(shutil.copytree(bundles.SHIPPED, tmp_path / "bundle"))
    (there := bundle / f".{bundles.SIGNATURE}.new").mkdir()
    said = run("bundle", "sign", bundle, "--key", keys.private)
    assert (said.exit_code, said.stderr) == (1, f"Error: {there}: Is a directory\n")


def test_a_bundle_is_signed(tmp_path: Path) -> None:
    keys = make(tmp_path)
    bundle = shutil.copytree(bundles.SHIPPED, tmp_path / "bundle")
    said = run("bundle", "sign", bundle, "--key", keys.private)
    assert said.stdout == f"signed {bundles.read(bundle, PublicKey(keys.public)).digest}\n"
    refused = run("bundle", "sign", bundle, "--key", keys.public)
    assert refused.exit_code == 1
    assert "no private key" in refused.stderr


def test_update_wants_heads_that_are_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABISCORE_BUNDLE", "https://example.com/bundle.tar")
    refused = run("update", "--data", data, "--no-pull")
    assert refused.exit_code == 2
    assert "SABISCORE_BUNDLE is an address" in refused.stderr
