"""Every fault of the table, shortened, at a real service and real Valkeys."""

import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from benchmarks.faults import faults
from benchmarks.faults.__main__ import main
from benchmarks.faults.measure import SETUPS, Plan, Row, measure

SHORT = Plan(rate=150, fixtures=30, held=1, calm=0.4)
IN_PROCESS = "kill -9, in-process layer on"
HUNG_UP = "10,000 clients hang up"
FEWER, SLOWER = 2_000, 400
"""Hang-ups, and how many a second; the benchmark has more, on a machine that does nothing else."""


class TestTheService:
    @pytest.mark.parametrize("name", ["alone", "proxy", "cluster", "sentinels"])
    async def test_answers_all_the_same_and_finds_its_answers_again(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(faults, "HANG_UPS", FEWER)
        monkeypatch.setattr(faults, "HANG_UPS_A_SECOND", SLOWER)
        rows = {row.fault: row async for row in measure(SETUPS[name], SHORT)}
        assert rows.keys() == SETUPS[name].faults.keys()
        assert {fault: row.shortfalls(timed=False) for fault, row in rows.items()} == {
            fault: [] for fault in rows
        }
        hung_up = rows.pop(HUNG_UP, None)
        assert hung_up is None or hung_up.lookups > 0.9 * FEWER
        assert all(row.during < 0.9 for row in rows.values()), "a fault that nobody felt shows nothing"


class TestTheCommand:
    def test_prints_a_row_which_with_memory_in_the_process_knows_no_miss(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules[measure.__module__], "P99_WITHIN", 1e6)
        file = tmp_path / "rows.json"
        arguments = ["--only", IN_PROCESS, "--seconds", "1", "--markdown", "--json", str(file)]
        ended = CliRunner().invoke(main, arguments)
        assert ended.exit_code == 0, ended.output
        assert f"| {IN_PROCESS} |" in ended.stdout
        [row] = msgspec.json.decode(file.read_bytes(), type=list[Row])
        assert (row.fault, row.during) == (IN_PROCESS, 1.0)


class TestARow:
    GOOD = Row(
        fault="none",
        requests=100,
        failed={},
        changed=0,
        p99=99.0,
        slowest=1000.0,
        recovery=4.9,
        before=1.0,
        during=0.0,
        lookups=50,
        after=0.95,
        connections=16,
    )

    def test_that_is_just_good_enough_falls_short_of_nothing(self) -> None:
        assert self.GOOD.shortfalls() == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"failed": {"500": 1}}, "answers other than 2xx: {'500': 1}"),
            ({"changed": 1}, "1 answers changed"),
            ({"p99": 100.0}, "p99 100 ms"),
            ({"recovery": 5.0}, "recovery 5.0 s"),
            ({"recovery": None}, "recovery inf s"),
            ({"after": 0.94}, "hit rate 0.94 after 1.00"),
            ({"connections": 17}, "17 connections"),
        ],
    )
    def test_says_where_it_falls_short(self, change: dict[str, object], said: str) -> None:
        assert msgspec.structs.replace(self.GOOD, **change).shortfalls() == [said]
