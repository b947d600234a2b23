import sys

import pytest

from sabiscore.api import problems
from sabiscore.api.problems import ProblemError
from sabiscore.api.work import SWITCH_AFTER, BatchRoom, Room


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


class TestTheRoomOfBatches:
    def test_hands_the_interpreter_over_sooner_until_the_last_has_left(self) -> None:
        usual = sys.getswitchinterval()
        room = BatchRoom(2)
        with room:
            with room:
                assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
            assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
        assert sys.getswitchinterval() == pytest.approx(usual)
