"""Projected tables as a bundle has them: whatever their bytes, they are read or refused, and never anything else."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.season.schemas import PlaceChances
from sabiscore.season.tables import MOST_BYTES, ProjectedTable, dump, load

FIRST = PlaceChances(80.0, [0.75, 0.25], 0.75, 1.0, 1.0, None, None, None, 0.0)
SECOND = PlaceChances(70.0, [0.25, 0.75], 0.25, 1.0, 1.0, None, None, None, 0.0)
CLUBS = {"arsenal": FIRST, "chelsea": SECOND}
TABLES = {"E0": ProjectedTable("digest", 2025, date(2025, 12, 1), 10_000, 250, CLUBS)}


def test_come_back() -> None:
    assert load(dump(TABLES)) == TABLES


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"E0":' * 10_000, b" " * (MOST_BYTES + 1)])
def test_are_nothing_else(content: bytes) -> None:
    with pytest.raises(ValueError, match="no projected tables"):
        load(content)


@given(st.binary(max_size=40), st.integers(0, 400))
def test_that_were_changed_are_read_or_refused(noise: bytes, at: int) -> None:
    whole = dump(TABLES)
    with suppress(ValueError):
        for table in load(whole[:at] + noise + whole[at + len(noise) :]).values():
            assert all(sum(club.positions) == pytest.approx(1.0, abs=0.01) for club in table.clubs.values())
