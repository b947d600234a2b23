import numpy as np
import pytest

from sabiscore.evaluation.aged import Aged, aged, bands
from tests.evaluation.standin import BOUNDS

SAID = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.47, 0.3, 0.23], [0.2, 0.2, 0.6]])


def told(age: int, joins: tuple[bool, ...] = (False,) * 4) -> Aged:
    return aged(
        league=np.array(["E0", "E0", "D1", "D1"]),
        ours=SAID,
        outcomes=np.array([0, 1, 0, 2]),
        age=np.full(4, age),
        joins=np.array(joins),
        bounds=BOUNDS,
    )


class TestAged:
    @pytest.mark.parametrize(
        ("age", "level"),
        [
            (60, ["high", "high", "medium", "high"]),
            (61, ["medium", "medium", "low", "medium"]),
            (121, ["low"] * 4),
        ],
    )
    def test_has_the_confidence_of_its_age_and_what_it_would_be_otherwise(
        self, age: int, level: list[str]
    ) -> None:
        found = told(age)
        assert found.level.tolist() == level
        assert found.unlowered.tolist() == ["high", "high", "medium", "high"]

    def test_is_low_for_a_club_that_joins(self) -> None:
        found = told(1, (True, False, False, False))
        assert found.level.tolist() == found.unlowered.tolist() == ["low", "high", "medium", "high"]


class TestBands:
    def test_are_those_that_have_a_forecast(self) -> None:
        found = bands([told(90), told(20), told(90)])
        assert [(each.since, each.through, each.scores.n) for each in found] == [(0, 30, 4), (60, 120, 8)]

    def test_tell_how_often_each_level_was_right(self) -> None:
        fresh, old = bands([told(20), told(90)])
        assert fresh.given == fresh.unlowered == old.unlowered
        assert {name: (hits.hit_rate, hits.share) for name, hits in old.given.items()} == {
            "medium": (pytest.approx(2 / 3), 0.75),
            "low": (1.0, 0.25),
        }
