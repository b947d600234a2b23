import sys

import pytest

from sabiscore.api import problems
from sabiscore.api.problems import ProblemError
from sabiscore.api.work import SWITCH_AFTER, Handover, Room


class TestARoom:
    def test_takes_as_many_as_it_has_places(self) -> None:
        room = Room(2)
        with room, room:
            assert room.full
            with pytest.raises(ProblemError) as refused, room:
                pass
        assert refused.value.kind is problems.OVERLOADED
        assert not room.full

    def test_has_a_place_again_after_a_failure(self) -> None:
        room = Room(1)
        with pytest.raises(ValueError, match="within"), room:
            raise ValueError("within")
        assert not room.full


class TestALoad:
    def test_has_the_interpreter_change_hands_sooner_until_it_is_over(self) -> None:
        usual, handover = sys.getswitchinterval(), Handover()
        singles, batches = Room(4, handover=handover, loaded=2), Room(4, handover=handover)
        with singles:
            assert sys.getswitchinterval() == pytest.approx(usual)
            with batches, singles:
                assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
            with singles:
                assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
        assert sys.getswitchinterval() == pytest.approx(usual)
