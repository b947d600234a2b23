import numpy as np
import pytest

from sabiscore.models.market import devig, margin


class TestDevig:
    def test_takes_the_margin_off_in_proportion(self) -> None:
        assert devig(np.array([[1.9, 3.8, 3.8]]))[0].tolist() == pytest.approx([0.5, 0.25, 0.25])

    def test_an_unknown_price_makes_all_three_unknown(self) -> None:
        assert np.isnan(devig(np.array([[1.9, np.nan, 3.8]]))).all()


class TestMargin:
    def test_is_how_far_the_inverse_odds_exceed_one(self) -> None:
        assert margin(np.array([[2.0, 4.0, 4.0], [1.9, 3.8, 3.8]])).tolist() == pytest.approx(
            [0.0, 1 / 0.95 - 1]
        )
