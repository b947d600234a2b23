"""Who looks while others attack."""

import multiprocessing
import os

from benchmarks.abuse.probe import go_first


def _gone_first() -> None:
    assert go_first() == (os.sched_getscheduler(0) == os.SCHED_RR)


class TestTheProber:
    def test_says_whether_it_has_a_core_whenever_it_wants_one(self) -> None:
        prober = multiprocessing.get_context("fork").Process(target=_gone_first)
        prober.start()
        prober.join()
        assert prober.exitcode == 0
