from datetime import date
from pathlib import Path

import click
import pytest

from benchmarks.season.__main__ import Stretch, live
from benchmarks.season.site import FOLDER, LISTED, Site


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_site_has_results_until_a_day_and_fixtures_from_it_on(match_files: Path, tmp_path: Path) -> None:
    site = Site(tmp_path, match_files, ["E0"], since=2023, season=2024)
    assert len(site.days) > 80
    site.show(date(2024, 8, 18), date(2024, 8, 24))
    assert len(lines_of(tmp_path / FOLDER / "2324" / "E0.csv")) == 381
    assert len(lines_of(tmp_path / FOLDER / "2425" / "E0.csv")) == 1 + 7
    header, first, *_ = lines_of(tmp_path / "fixtures.csv")
    assert header == ",".join(LISTED)
    assert first.startswith("E0,18/08/2024,")
    assert not (tmp_path / FOLDER / "2223").exists()


def test_a_season_lived_through_is_the_walk_to_the_last_digit(match_files: Path, tmp_path: Path) -> None:
    lived = live(match_files, ["E0"], Stretch(40), since=2023, directory=tmp_path, load=False)
    assert lived.compared.n == lived.record.settled == lived.record.sealed == 380
    assert lived.compared.largest == 0.0
    assert lived.record.overall
    rps = lived.record.overall.matches.forecasts["ours"].rps.value
    assert rps == pytest.approx(lived.compared.walked, rel=1e-14)


def test_a_stretch_ends_where_its_last_list_of_fixtures_does() -> None:
    days = [date(2024, 8, day) for day in (16, 17, 18, 19, 23, 24)]
    stretch = Stretch(2, begin=date(2024, 8, 17), end=date(2024, 8, 21))
    first, last, end = date(2024, 8, 17), date(2024, 8, 19), date(2024, 8, 21)
    assert stretch.steps(days) == [(first, last), (last, end), (end, end)]
    with pytest.raises(click.UsageError, match="no match day"):
        Stretch(1, begin=date(2025, 1, 1)).steps(days)
