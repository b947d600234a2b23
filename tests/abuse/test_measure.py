"""A harness that could not tell a bad service from a good one would prove nothing."""

import asyncio
import os
import signal
from collections import Counter

import pytest
from click.testing import CliRunner

from benchmarks.abuse.__main__ import ATTACKS, main
from benchmarks.abuse.measure import Attack, measure, outage
from benchmarks.serving import Service

STOPPED = 1.5


async def _stopped(target: Service, _: float) -> str:
    """All workers stand still for a while."""
    workers = target.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    await asyncio.sleep(STOPPED)
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
    return "stopped"


async def _harmless(_: Service, __: float) -> str:
    raise AssertionError("the wrong answer")


class TestAnAttack:
    async def test_that_hurts_is_seen_to_hurt(self) -> None:
        row = await measure(Attack("stopped", _stopped), workers=1)
        assert row.outage > 0.9 * STOPPED
        assert [said.split()[0] for said in row.shortfalls] == ["out", "p99"]

    async def test_after_which_the_service_is_not_as_it_must_be_says_so(self) -> None:
        row = await measure(Attack("harmless", _harmless, grows=1e6, outage=1e6, p99=1e6), workers=2)
        assert row.shortfalls == ("not as it must be: the wrong answer",)
        assert row.probes > 20
        assert row.before > 50

    def test_has_a_name_of_its_own(self) -> None:
        named = Counter((attack.name, workers) for attack in ATTACKS for workers in attack.workers)
        assert set(named.values()) == {1}


class TestTheOutage:
    @pytest.mark.parametrize(
        ("samples", "seconds"),
        [
            ([(0.0, 0.1, 200), (1.0, 0.1, 200)], 1.0),
            ([(0.0, 0.1, 200), (1.0, 0.1, 503), (2.0, 0.1, 200)], 2.0),
            ([(0.0, 5.0, 0), (1.0, 5.0, 0)], 1.0),
            ([(0.0, 3.0, 200), (1.0, 1.5, 200)], 2.5),
        ],
    )
    def test_is_the_longest_time_without_a_good_answer(
        self, samples: list[tuple[float, float, int]], seconds: float
    ) -> None:
        assert outage(samples) == pytest.approx(seconds)


class TestTheCommand:
    def test_knows_only_the_attacks_there_are(self) -> None:
        ended = CliRunner().invoke(main, ["--only", "kindness"])
        assert ended.exit_code == 2
