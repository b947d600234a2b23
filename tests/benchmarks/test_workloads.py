from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from benchmarks import fixtures, workloads
from benchmarks.fixtures import Asked
from sabiscore.advice.rules import check_odds
from sabiscore.domain import Odds
from sabiscore.service import PredictionService


def bodies(name: str, directory: Path, seconds: float = 1.0) -> list[bytes]:
    return workloads.write(workloads.BY_NAME[name], directory, seconds=seconds).path.read_bytes().splitlines()


class TestFixtures:
    def test_are_all_that_the_last_season_knew(self) -> None:
        pairs = fixtures.pairs()
        assert (
            len(pairs)
            == len(set(pairs))
            == sum(n * (n - 1) for n in (*4 * [20], *4 * [24], *6 * [18], *3 * [10], 22, 19, 16, 14, 12))
        )
        assert all(pair.home_team != pair.away_team for pair in pairs)

    def test_are_known_to_the_service(self, service: PredictionService) -> None:
        for pair in fixtures.pairs():
            fixture = service.resolve(
                home_team=pair.home_team,
                away_team=pair.away_team,
                league=pair.league,
                kickoff_time=datetime(2025, 8, 30, 16, 30, tzinfo=UTC),
                odds=None,
            )
            assert (fixture.home.name, fixture.away.name) == (pair.home_team, pair.away_team)

    @pytest.mark.parametrize("workload", workloads.ALL, ids=lambda each: each.name)
    def test_kick_off_within_a_year_even_after_a_long_run(self, workload: workloads.Workload) -> None:
        start = fixtures.midnight() + workloads.ALL.index(workload) * timedelta(days=workloads.DAYS_APART)
        asked = workload.fixtures(fixtures.pairs(), start)
        last = next(islice(asked, 200_000, None)) if workload.most > 1 else next(asked)
        assert last.kickoff_time < datetime.now(UTC) + timedelta(days=360)


class TestCold:
    @pytest.mark.parametrize("name", ["cold", "odds", "batch", "paced cold"])
    def test_bodies_never_come_again(self, name: str, tmp_path: Path) -> None:
        found = bodies(name, tmp_path)
        assert len(found) == len(set(found)) == workloads.BY_NAME[name].most

    def test_workloads_share_no_fixture(self, tmp_path: Path) -> None:
        assert not set(bodies("cold", tmp_path)) & set(bodies("paced cold", tmp_path))
        assert not set(bodies("cold", tmp_path)) & set(bodies("mix", tmp_path))


class TestMix:
    @pytest.mark.parametrize("part", [slice(6_000, 9_000), slice(10_000, 30_000)])
    def test_has_73_percent_that_were_there_before_in_any_part_of_it(
        self, part: slice, tmp_path: Path
    ) -> None:
        found = bodies("mix", tmp_path)
        before = set(found[: part.start])
        again = 0
        for body in found[part]:
            again += body in before
            before.add(body)
        assert again / (part.stop - part.start) == pytest.approx(0.73, abs=0.02)

    def test_is_the_same_each_time(self, tmp_path: Path) -> None:
        assert bodies("mix", tmp_path, 0.1) == bodies("mix", tmp_path, 0.1)


class TestOdds:
    def test_are_those_of_a_bookmaker(self, tmp_path: Path) -> None:
        for body in bodies("odds", tmp_path, 0.2):
            price = msgspec.json.decode(body, type=Asked).odds
            assert price is not None
            check_odds(Odds(price.home, price.draw, price.away))
            assert 0.02 < 1 / price.home + 1 / price.draw + 1 / price.away - 1 < 0.09


class TestBatch:
    def test_has_256_fixtures_that_all_differ(self, tmp_path: Path) -> None:
        asked = [
            item for body in bodies("batch", tmp_path, 0.1) for item in msgspec.json.decode(body)["fixtures"]
        ]
        assert len(asked) == 20 * workloads.BATCH == len({msgspec.json.encode(item) for item in asked})
