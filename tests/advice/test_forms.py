import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.advice.forms import HUNDREDTHS, form, marks, texts
from sabiscore.domain import Handicap, Points
from tests.advice.cases import read


class TestTexts:
    def test_are_every_thousandth_as_json_has_it(self) -> None:
        every = range(1001)
        assert texts(np.array(every)) == [msgspec.json.encode(figure / 1000) for figure in every]

    def test_are_every_hundredth_up_to_a_hundred_either_way(self) -> None:
        every = range(-10_000, 10_001)
        found = texts(HUNDREDTHS + np.array(every))
        assert found == [msgspec.json.encode(figure / 100) for figure in every]


class TestAForm:
    @given(st.tuples(*[st.integers(-10_000, 10_000)] * 3))
    def test_filled_is_the_json_of_its_struct(self, points: tuple[int, int, int]) -> None:
        found = form(Points(*marks(3))).filled(texts(HUNDREDTHS + np.array(points)))
        home, draw, away = (point / 100 for point in points)
        assert read(found, Points) == Points(home, draw, away)

    def test_tells_which_figure_goes_where(self) -> None:
        push, home, away = marks(3)
        made = form(Handicap(-0.5, home, away, push))
        assert made.figures.tolist() == [1, 2, 0]
        found = made.filled(texts(np.array([0, 540, 460])[made.figures]))
        assert read(found, Handicap) == Handicap(-0.5, 0.54, 0.46, 0.0)
