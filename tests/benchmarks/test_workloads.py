from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec
import pytest

from benchmarks import fixtures, workloads
from benchmarks.fixtures import Asked
from benchmarks.measure import WARM_UP
from sabiscore.advice.rules import check_odds
from sabiscore.domain import Odds
from sabiscore.service import PredictionService

NEW_OF_MIX = 0.27
LONGEST = 10.0
"""Seconds that a run's measurements may have at most."""


def lines(name: str, directory: Path, seconds: float = 1.0) -> list[bytes]:
    """The file of a workload."""
    written = workloads.write([workloads.BY_NAME[name]], directory, seconds=seconds)
    return written[name].path.read_bytes().splitlines()


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

    def test_of_some_leagues_are_of_these_alone(self) -> None:
        assert {pair.league for pair in fixtures.pairs(["E0", "D1"])} == {"Premier League", "Bundesliga"}


class TestWhatIsNew:
    def test_is_a_pair_on_a_day_that_never_comes_again(self) -> None:
        known = fixtures.pairs(["D1"])
        asked = list(fixtures.coming(known, fixtures.midnight()))
        days = {(one.home_team, one.away_team, one.kickoff_time.date()) for one in asked}
        assert len(days) == len(asked) == len(known) * fixtures.DAYS

    def test_kicks_off_within_the_year_that_is_predicted(self) -> None:
        last = max(one.kickoff_time for one in fixtures.coming(fixtures.pairs(["D1"]), fixtures.midnight()))
        assert last < datetime.now(UTC) + timedelta(days=360)

    def test_is_new_to_every_other_workload(self, tmp_path: Path) -> None:
        written = workloads.write(workloads.ALL, tmp_path, seconds=0.1)
        seen: set[tuple[str, str, str]] = set()
        for name in ("cold", "odds", "mix", "paced cold 700", "paced cold 1000"):
            asked = {
                (one["home_team"], one["away_team"], one["kickoff_time"])
                for one in map(msgspec.json.decode, written[name].path.read_bytes().splitlines())
            }
            assert not asked & seen
            seen |= asked

    def test_is_enough_for_the_longest_run(self) -> None:
        supply = len(fixtures.pairs(workloads.LEAGUES)) * fixtures.DAYS
        seconds = WARM_UP + LONGEST + workloads.SPARE
        needed = sum(
            each.fixtures_per_request
            * (1 if each.repeats else workloads.PROBES + each.most * seconds)
            * (NEW_OF_MIX if each.name == "mix" else 1.0)
            for each in workloads.ALL
        )
        assert needed < supply

    @pytest.mark.parametrize("name", ["cold", "odds", "batch", "paced cold 1000"])
    def test_is_as_much_as_is_asked_in_the_time(self, name: str, tmp_path: Path) -> None:
        found = lines(name, tmp_path)
        assert len(found) == len(set(found)) == 2 * workloads.BY_NAME[name].most


class TestAQuery:
    def test_means_what_the_body_means(self, tmp_path: Path) -> None:
        (query,) = lines("hot get", tmp_path)
        (body,) = lines("hot", tmp_path)
        assert dict(parse_qsl(query.decode())) == msgspec.json.decode(body)


class TestMix:
    @pytest.mark.parametrize("part", [slice(6_000, 9_000), slice(10_000, 30_000)])
    def test_has_73_percent_that_were_there_before_in_any_part_of_it(
        self, part: slice, tmp_path: Path
    ) -> None:
        found = lines("mix", tmp_path, 2.0)
        before = set(found[: part.start])
        again = 0
        for body in found[part]:
            again += body in before
            before.add(body)
        assert again / (part.stop - part.start) == pytest.approx(0.73, abs=0.02)

    def test_is_the_same_each_time(self, tmp_path: Path) -> None:
        assert lines("mix", tmp_path, 0.1) == lines("mix", tmp_path, 0.1)


class TestOdds:
    def test_are_those_of_a_bookmaker(self, tmp_path: Path) -> None:
        for body in lines("odds", tmp_path, 0.2):
            price = msgspec.json.decode(body, type=Asked).odds
            assert price is not None
            check_odds(Odds(price.home, price.draw, price.away))
            assert 0.02 < 1 / price.home + 1 / price.draw + 1 / price.away - 1 < 0.09


class TestBatch:
    def test_has_256_fixtures_that_all_differ(self, tmp_path: Path) -> None:
        asked = [
            item for body in lines("batch", tmp_path, 0.1) for item in msgspec.json.decode(body)["fixtures"]
        ]
        assert len(asked) == 88 * workloads.BATCH == len({msgspec.json.encode(item) for item in asked})
