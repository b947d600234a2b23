import numpy as np
import pytest

from benchmarks.simulate import Alone, Costs, Pauses, poisson, serve

COSTS = Costs(hit=0.001, call=0.010, row=0.002)


class TestAQueue:
    @pytest.mark.parametrize("load", [0.3, 0.6, 0.9])
    def test_of_hits_alone_waits_as_pollaczek_and_khinchine_say(self, load: float) -> None:
        """The mean of M/D/1: a service, and load / (2 (1 - load)) of one."""
        count = 200_000
        served = serve(poisson(load / COSTS.hit, count, seed=1), ["known"] * count, COSTS, known=["known"])
        assert np.mean(served.took) == pytest.approx(COSTS.hit * (1 + load / (2 * (1 - load))), rel=0.05)
        assert served.busy == pytest.approx(load, rel=0.02)
        assert served.calls == 0

    def test_makes_all_that_wait_in_one_call(self) -> None:
        served = serve([0.0, 0.001, 0.002, 0.003], list("abcd"), COSTS)
        assert served.took == pytest.approx([0.012, 0.027, 0.026, 0.025])
        assert (served.calls, served.rows) == (2, 4)

    def test_gives_a_call_no_more_than_so_many_rows(self) -> None:
        served = serve([0.0] * 5, list("abcde"), COSTS, most=2)
        assert served.calls == 3
        assert max(served.took) == pytest.approx(3 * COSTS.call + 5 * COSTS.row)

    def test_makes_once_what_several_wait_for_and_then_knows_it(self) -> None:
        served = serve([0.0, 0.0, 1.0], ["same"] * 3, COSTS)
        assert served.took == pytest.approx([0.012, 0.012, 0.001])
        assert served.rows == 1

    def test_that_sleeps_wakes_up_first_and_answers_go_their_way(self) -> None:
        costs = Costs(hit=0.001, call=0.010, row=0.002, wake=0.004, hits=Alone(way=0.1), calls=Alone(way=0.2))
        served = serve([0.0, 0.0, 1.0], ["known", "new", "new"], costs, known=["known"])
        assert served.took == pytest.approx([0.101, 0.213, 0.105])
        assert served.busy == pytest.approx((0.001 + 0.012 + 0.005) / 1.005)

    def test_takes_as_variable_a_time_as_was_measured(self) -> None:
        """The mean of M/G/1: a service, and load (1 + cv^2) / (2 (1 - load)) of one."""
        load, count = 0.6, 200_000
        costs = Costs(hit=0.001, call=0.0, row=0.0, hits=Alone((0.5, 1.5)))
        served = serve(poisson(load / costs.hit, count, seed=1), ["known"] * count, costs, known=["known"])
        assert np.mean(served.took) == pytest.approx(
            costs.hit * (1 + load * 1.25 / (2 * (1 - load))), rel=0.05
        )

    def test_does_nothing_in_a_pause(self) -> None:
        costs = Costs(hit=0.001, call=0.010, row=0.002, pauses=Pauses([0.005], [0.105], period=1.0))
        served = serve([0.0, 0.050, 1.004, 1.5], list("abcd"), costs)
        assert served.took == pytest.approx([0.112, 0.074, 0.112, 0.012])


class TestPauses:
    @pytest.mark.parametrize(
        ("begun", "work", "done"),
        [
            (0.0, 1.0, 1.0),
            (0.5, 1.0, 2.5),
            (1.5, 0.0, 2.0),
            (1.5, 3.0, 6.0),
            (11.5, 0.1, 12.1),
            (4.5, 9.0, 16.0),
        ],
    )
    def test_put_off_what_is_done(self, begun: float, work: float, done: float) -> None:
        assert Pauses([1.0, 4.0], [2.0, 5.0], period=10.0).done(begun, work) == pytest.approx(done)
