import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.data.spelling import fold, normalise


class TestNormalising:
    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("Brighton & Hove Albion", "brighton and hove albion"),
            ("1. FC Köln", "koln"),
            ("A.C. Milan", "milan"),
            ("S.S.C. Napoli", "napoli"),
            ("Preußen Münster", "preussen munster"),
            ("Bodø/Glimt", "bodo glimt"),
            ("Nott'm Forest", "nottm forest"),
            ("Saint-Étienne", "saint etienne"),
            ("  FC\tBarcelona ", "barcelona"),
            ("1. FC", "1 fc"),
            ("VfB Leipzig", "vfb leipzig"),
        ],
    )
    def test_leaves_what_tells_clubs_apart(self, name: str, plain: str) -> None:
        assert normalise(name) == plain

    @settings(deadline=None)
    @given(st.text())
    def test_twice_changes_nothing(self, name: str) -> None:
        assert fold(fold(name)) == fold(name)
        assert normalise(normalise(name)) == normalise(name)
