from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from sabiscore.domain import ByOutcome
from sabiscore.ledger.files import (
    MOST_BYTES,
    dump_record,
    dump_sealed,
    load_record,
    load_sealed,
)
from sabiscore.ledger.ledger import Kept, Ledger
from sabiscore.ledger.record import record

from .entries import KICKOFF, SEALED, sealed, settled


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path)
    ledger.seal([sealed(number) for number in range(5)])
    ledger.settle([settled(number) for number in range(3)])
    return ledger


class TestTheRecordOfABundle:
    def test_comes_back(self, ledger: Ledger) -> None:
        found = record(ledger.read())
        assert load_record(dump_record(found)) == found

    @pytest.mark.parametrize(
        "change",
        [
            (b'"settled":3', b'"settled":"3"'),
            (b'"settled":3', b'"settled":3,"more":1'),
            (b'"settled":3', b'"settled":1e999'),
            (b'"value":', b'"value":1e999,"was":'),
            (b'"ece":', b'"ece":NaN,"was":'),
            (b'"settled":3', b'"settled":' + b"[" * 100_000),
            (b'"statement"', b'"\xff"'),
            (b"\n", b""),
        ],
    )
    def test_that_was_crafted_is_refused(self, ledger: Ledger, change: tuple[bytes, bytes]) -> None:
        content = dump_record(record(ledger.read())).replace(*change)
        with pytest.raises(ValueError, match=r"record|read"):
            load_record(content)

    def test_that_is_too_large_is_refused(self) -> None:
        with pytest.raises(ValueError, match="more than"):
            load_record(b" " * (MOST_BYTES + 1))


class TestWhatWasSealed:
    def test_comes_back_by_id(self, ledger: Ledger) -> None:
        found = load_sealed(dump_sealed(ledger.fixtures()))
        assert dict(found) == {f"fixture-{number}": sealed(number) for number in range(5)}
        assert len(found) == 5
        assert found.get("another") is None

    def test_may_be_nothing(self) -> None:
        assert len(load_sealed(dump_sealed({}))) == 0

    def test_is_of_two_seasons(self) -> None:
        kept = {
            f"fixture-{year}": Kept([structs.replace(SEALED, id=f"fixture-{year}", season=year)], [])
            for year in (2023, 2024, 2025)
        }
        assert list(load_sealed(dump_sealed(kept))) == ["fixture-2024", "fixture-2025"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": "another"},
            {"probabilities": ByOutcome(0.9, 0.9, 0.9)},
            {"probabilities": ByOutcome(-0.5, 0.5, 1.0)},
            {"with_odds": ByOutcome(2.0, 0.0, 0.0)},
            {"sealed_at": KICKOFF},
            {"kickoff_time": KICKOFF.replace(tzinfo=None)},
        ],
    )
    def test_that_cannot_be_right_is_refused(self, wrong: dict[str, object]) -> None:
        content = dump_sealed({SEALED.id: Kept([structs.replace(SEALED, **wrong)], [])})
        with pytest.raises(ValueError, match=r"cannot be right|with a timezone"):
            load_sealed(content)

    @given(st.binary(max_size=200))
    def test_that_is_anything_else_is_refused(self, content: bytes) -> None:
        with pytest.raises(ValueError, match=r"sealed|read"):
            load_sealed(content)
        with pytest.raises(ValueError, match=r"record|read"):
            load_record(content)
