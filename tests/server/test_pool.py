import pytest

from sabiscore.server.pool import LONGEST_PAUSE, READY_WITHIN, STEADY, Pool, Times, pause
from sabiscore.telemetry.report import Loss

PATIENCE, DRAIN, HANDOVER = 8.0, 15.0, 20.0


class Worker:
    """A process in name only."""

    def __init__(self, place: int, age: str) -> None:
        self.place = place
        self.age = age
        self.alive = True
        self.ready = False
        self.answers = True
        self.leaves_at_once = True
        self.told: list[str] = []

    def is_alive(self) -> bool:
        return self.alive

    def is_ready(self) -> bool:
        return self.ready

    def ask(self) -> None:
        self.told.append("ask")

    def has_answered(self) -> bool:
        return self.answers

    def end_service(self) -> None:
        self.told.append("end")

    def leave(self) -> None:
        self.told.append("leave")
        self.alive = not self.leaves_at_once

    def kill(self) -> None:
        self.told.append("kill")
        self.alive = False


class Scene:
    """A pool, its workers and its time; also its hook."""

    def __init__(self, size: int = 2) -> None:
        self.now = 1000.0
        self.started: list[Worker] = []
        self.losses: list[Loss] = []
        self.renewals: list[bool] = []
        self.announced = 0
        self.refused = 0
        self.pool = Pool(self.start, size, Times(PATIENCE, DRAIN, HANDOVER), self)

    def start(self, place: int, age: str = "old") -> Worker:
        if self.refused:
            self.refused -= 1
            raise BlockingIOError("no more processes")
        self.started.append(Worker(place, age))
        return self.started[-1]

    def start_new(self, place: int) -> Worker:
        return self.start(place, "new")

    def ready(self) -> None:
        self.announced += 1

    def lost(self, reason: Loss) -> None:
        self.losses.append(reason)

    def renewed(self, *, ok: bool) -> None:
        self.renewals.append(ok)

    def go_on(self, seconds: float = 0.25, *, ready: bool = True) -> None:
        """Let time pass, and new workers get ready."""
        ticks = max(1, round(seconds / 0.25))
        for _ in range(ticks):
            self.now += 0.25
            self.pool.tick(self.now)
            for worker in self.started:
                worker.ready |= ready

    @property
    def serving(self) -> list[tuple[int, str]]:
        """Place and age of those that are alive and were not told to go."""
        return sorted((one.place, one.age) for one in self.started if one.alive and "leave" not in one.told)


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.go_on(1)
    assert scene.serving == [(0, "old"), (1, "old")]
    return scene


class TestADeadWorker:
    def test_is_replaced_at_once_and_the_other_stays(self, scene: Scene) -> None:
        scene.started[0].alive = False
        scene.go_on()
        assert [one.place for one in scene.started] == [0, 1, 0]
        assert scene.started[1].told.count("leave") == 0
        assert scene.losses == ["died"]

    def test_is_replaced_after_longer_and_longer_pauses_if_the_next_ones_die_too(self, scene: Scene) -> None:
        starts = []
        for _ in range(5):
            scene.started[-1].alive = False
            died, before = scene.now, len(scene.started)
            while len(scene.started) == before:
                scene.go_on()
            starts.append(scene.now - died - 0.25)
            scene.go_on()
        assert starts == [0, 0.5, 1, 2, 4]
        assert not scene.pool.has_failed()
        assert scene.started[0].alive

    def test_that_had_lived_a_while_does_not_make_the_next_one_wait(self, scene: Scene) -> None:
        for _ in range(3):
            scene.started[-1].alive = False
            scene.go_on(STEADY + 5)
        scene.started[-1].alive = False
        scene.go_on()
        assert scene.started[-1].alive

    def test_leaves_its_place_to_rest_while_it_pauses(self, scene: Scene) -> None:
        for _ in range(2):
            assert scene.pool.resting(scene.now) == []
            scene.started[-1].alive = False
            scene.go_on()
        assert len(scene.pool.resting(scene.now)) == 1
        scene.go_on(1)
        assert scene.pool.resting(scene.now) == []

    def test_pauses_for_half_a_minute_at_most(self) -> None:
        assert [pause(deaths) for deaths in (1, 2, 3, 7, 8, 1000)] == [
            0,
            0.5,
            1,
            16,
            LONGEST_PAUSE,
            LONGEST_PAUSE,
        ]


class TestAWorkerThatCannotBeStarted:
    @pytest.mark.parametrize("renewed", [False, True])
    def test_is_tried_again_later_and_the_others_stay(self, scene: Scene, *, renewed: bool) -> None:
        scene.refused = 2
        if renewed:
            scene.pool.renew(scene.start_new)
        else:
            scene.started[0].alive = False
        scene.go_on(5)
        assert scene.serving == [(0, "old"), (1, "old")]
        assert scene.renewals == [False] * renewed


class TestTheStart:
    def test_has_failed_once_every_worker_died_and_none_was_ready(self) -> None:
        scene = Scene()
        scene.go_on(ready=False)
        scene.started[0].alive = False
        scene.go_on(ready=False)
        assert not scene.pool.has_failed()
        scene.started[1].alive = False
        scene.go_on(ready=False)
        assert scene.pool.has_failed()
        assert len(scene.started) == 3

    def test_that_takes_too_long_is_given_up(self) -> None:
        scene = Scene(size=1)
        scene.go_on(READY_WITHIN + 1, ready=False)
        assert scene.losses == ["late"]
        assert scene.pool.has_failed()

    def test_is_told_of_each_that_gets_ready(self, scene: Scene) -> None:
        assert scene.announced == 2


class TestAWorkerThatDoesNotAnswer:
    def test_is_killed_within_the_patience_and_replaced(self, scene: Scene) -> None:
        scene.go_on(20)
        scene.started[0].answers = False
        scene.go_on(PATIENCE + 0.5)
        assert scene.started[0].told[-1] == "kill"
        assert scene.losses == ["hung"]
        assert scene.serving == [(0, "old"), (1, "old")]

    def test_that_answers_is_left_alone(self, scene: Scene) -> None:
        scene.go_on(10 * PATIENCE)
        assert {word for one in scene.started for word in one.told} == {"ask"}

    def test_is_not_blamed_if_we_were_held_up_ourselves(self, scene: Scene) -> None:
        while scene.started[0].told[-1:] != ["ask"]:
            scene.go_on()
        scene.started[0].answers = False
        scene.now += 100
        scene.go_on()
        scene.started[0].answers = True
        scene.go_on(PATIENCE)
        assert scene.losses == []


class TestARenewal:
    def test_replaces_one_after_the_other_each_when_its_successor_is_ready(self, scene: Scene) -> None:
        scene.pool.renew(scene.start_new)
        scene.go_on(60, ready=False)
        assert scene.serving == [(0, "new"), (0, "old"), (1, "old")]
        scene.go_on(0.5)
        assert scene.serving == [(0, "new"), (1, "new"), (1, "old")]
        scene.go_on(5)
        assert scene.serving == [(0, "new"), (1, "new")]
        assert scene.renewals == [True]
        assert [one.told[-1] for one in scene.started[:2]] == ["leave", "leave"]

    def test_waits_for_the_one_that_leaves_and_kills_it_in_the_end(self, scene: Scene) -> None:
        scene.started[0].leaves_at_once = False
        scene.pool.renew(scene.start_new)
        scene.go_on(HANDOVER)
        assert len(scene.started) == 3
        scene.go_on(5)
        assert scene.started[0].told[-1] == "kill"
        assert scene.serving == [(0, "new"), (1, "new")]

    @pytest.mark.parametrize("end", ["death", "lateness"])
    def test_ends_with_a_new_one_that_fails_and_the_old_ones_stay(self, scene: Scene, end: str) -> None:
        scene.pool.renew(scene.start_new)
        scene.go_on(ready=False)
        if end == "death":
            scene.started[-1].alive = False
        scene.go_on(READY_WITHIN + 1, ready=False)
        assert scene.serving == [(0, "old"), (1, "old")]
        assert (scene.renewals, scene.losses) == ([False], [])
        scene.started[0].alive = False
        scene.go_on(1)
        assert scene.serving == [(0, "old"), (1, "old")]

    def test_is_what_later_starts_are_like(self, scene: Scene) -> None:
        scene.pool.renew(scene.start_new)
        scene.go_on(5)
        scene.started[-1].alive = False
        scene.go_on(1)
        assert scene.serving == [(0, "new"), (1, "new")]

    def test_goes_on_where_the_old_one_dies_meanwhile(self, scene: Scene) -> None:
        scene.pool.renew(scene.start_new)
        scene.go_on(ready=False)
        scene.started[0].alive = False
        scene.go_on(5)
        assert scene.serving == [(0, "new"), (1, "new")]
        assert len(scene.started) == 4

    def test_begins_again_if_it_is_asked_for_once_more(self, scene: Scene) -> None:
        scene.pool.renew(scene.start_new)
        scene.go_on(ready=False)
        scene.pool.renew(lambda place: scene.start(place, "newest"))
        scene.go_on(10)
        assert scene.serving == [(0, "newest"), (1, "newest")]
        assert scene.renewals == [True]


class TestTheEnd:
    def test_lets_the_ready_ones_leave_and_kills_those_that_are_not(self) -> None:
        scene = Scene()
        scene.go_on(1)
        scene.started[0].alive = False
        scene.go_on(ready=False)
        scene.pool.stop(scene.now)
        assert [one.told[-1:] for one in scene.started[1:]] == [["leave"], ["kill"]]
        scene.go_on()
        assert scene.pool.workers() == []

    def test_is_announced_to_all_who_serve_on_and_starts_nobody_any_more(self, scene: Scene) -> None:
        scene.pool.announce_end()
        assert [one.told[-1:] for one in scene.started] == [["end"], ["end"]]
        scene.started[0].alive = False
        scene.go_on(60)
        assert scene.serving == [(1, "old")]
        assert len(scene.started) == 2

    def test_starts_nobody_any_more(self, scene: Scene) -> None:
        scene.pool.stop(scene.now)
        scene.go_on(60)
        assert len(scene.started) == 2

    def test_does_not_wait_longer_for_one_that_is_being_replaced(self, scene: Scene) -> None:
        scene.started[0].leaves_at_once = False
        scene.pool.renew(scene.start_new)
        scene.go_on(1)
        scene.pool.stop(scene.now)
        assert scene.started[0].told[-2:] == ["leave", "end"]
        scene.go_on(DRAIN + 0.5)
        assert scene.pool.workers() == []

    def test_comes_to_those_that_do_not_leave(self, scene: Scene) -> None:
        scene.started[1].leaves_at_once = False
        scene.pool.stop(scene.now)
        scene.go_on(DRAIN)
        assert scene.pool.workers() == [scene.started[1]]
        scene.go_on(1)
        assert scene.pool.workers() == []
