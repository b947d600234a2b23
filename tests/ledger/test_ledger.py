import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sabiscore.domain import ByOutcome
from sabiscore.errors import DataError, LedgerError
from sabiscore.ledger.ledger import HEAD, LINES, START, Ledger
from sabiscore.ledger.schemas import Head, Sealed

from .entries import KICKOFF, SEALED, SETTLED, sealed, settled

N = 8
"""Fixtures in `ledger`, each sealed and settled."""

SOON = timedelta(seconds=1)
same_directory = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def ledger(directory: Path) -> Ledger:
    found = Ledger(directory)
    found.seal([sealed(number) for number in range(N)])
    found.settle([settled(number) for number in range(N)])
    return found


def lines_of(directory: Path) -> list[bytes]:
    return (directory / LINES).read_bytes().splitlines(keepends=True)


def write_lines(directory: Path, lines: list[bytes]) -> None:
    (directory / LINES).write_bytes(b"".join(lines))


class TestWhatIsSealed:
    def test_comes_back(self, directory: Path) -> None:
        assert Ledger(directory).seal([SEALED]) == 1
        assert Ledger(directory).fixtures()[SEALED.id].sealed == SEALED

    def test_has_not_begun(self, directory: Path) -> None:
        assert Ledger(directory).seal([sealed(sealed_at=KICKOFF), sealed(sealed_at=KICKOFF + SOON)]) == 0

    def test_is_not_sealed_again_while_the_same_is_said(self, directory: Path) -> None:
        ledger = Ledger(directory)
        ledger.seal([SEALED])
        assert ledger.seal([sealed(id=SEALED.id, sealed_at=KICKOFF - SOON, bundle="e" * 64)]) == 0

    @pytest.mark.parametrize(
        "change",
        [
            {"probabilities": ByOutcome(0.52, 0.26, 0.22)},
            {"odds": None, "with_odds": None},
            {"kickoff_time": KICKOFF + timedelta(days=3)},
        ],
    )
    def test_is_sealed_again_when_something_else_is_said(
        self, directory: Path, change: dict[str, object]
    ) -> None:
        ledger = Ledger(directory)
        ledger.seal([SEALED])
        later = sealed(id=SEALED.id, sealed_at=KICKOFF - SOON, **change)
        assert ledger.seal([later]) == 1
        assert ledger.fixtures()[SEALED.id].sealed == later

    def test_before_the_day_of_the_match_counts_alone_where_it_was_brought_forward(
        self, directory: Path
    ) -> None:
        ledger = Ledger(directory)
        after = sealed(
            id=SEALED.id,
            sealed_at=KICKOFF + timedelta(days=1),
            kickoff_time=KICKOFF + timedelta(days=3),
        )
        ledger.seal([SEALED, after])
        ledger.settle([SETTLED])
        assert ledger.fixtures()[SEALED.id].sealed == SEALED

    def test_too_late_does_not_count_at_all(self, directory: Path) -> None:
        ledger = Ledger(directory)
        ledger.seal([SEALED])
        ledger.settle([settled(id=SEALED.id, date=SETTLED.date - timedelta(days=1))])
        assert ledger.fixtures()[SEALED.id].sealed is None


class TestWhatIsSettled:
    def test_is_so_once(self, ledger: Ledger) -> None:
        assert ledger.settle([settled(number, settled_at=KICKOFF) for number in range(N)]) == 0

    def test_was_sealed(self, ledger: Ledger) -> None:
        assert ledger.settle([settled(N)]) == 0

    def test_is_corrected_by_a_line_of_its_own(self, ledger: Ledger, directory: Path) -> None:
        before = lines_of(directory)
        right = settled(3, away_goals=2, result="draw")
        assert ledger.settle([right]) == 1
        assert lines_of(directory)[:-1] == before
        assert ledger.fixtures()["fixture-3"].settled == right


class TestAPast:
    def test_that_is_as_it_was_has_its_head(self, ledger: Ledger) -> None:
        assert ledger.verify().head.lines == 2 * N

    def test_that_is_empty_is_as_it_was(self, directory: Path) -> None:
        assert Ledger(directory).verify().head == START

    @same_directory
    @given(place=st.integers(0), byte=st.integers(0, 255))
    def test_with_a_changed_byte_is_found_at_its_line(
        self, ledger: Ledger, directory: Path, place: int, byte: int
    ) -> None:
        whole = (directory / LINES).read_bytes()
        place %= len(whole)
        if whole[place] == byte:
            return
        (directory / LINES).write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        try:
            with pytest.raises(LedgerError) as found:
                ledger.verify()
            assert found.value.line == 1 + whole[:place].count(b"\n")
        finally:
            (directory / LINES).write_bytes(whole)

    @pytest.mark.parametrize("number", range(2 * N))
    def test_without_a_line_is_found_there(self, ledger: Ledger, directory: Path, number: int) -> None:
        lines = lines_of(directory)
        write_lines(directory, [*lines[:number], *lines[number + 1 :]])
        with pytest.raises(LedgerError) as found:
            ledger.verify()
        assert found.value.line in (number, number + 1)

    @same_directory
    @given(order=st.permutations(range(2 * N)))
    def test_in_another_order_is_found(self, ledger: Ledger, directory: Path, order: list[int]) -> None:
        lines = lines_of(directory)
        if order == sorted(order):
            return
        write_lines(directory, [lines[number] for number in order])
        try:
            with pytest.raises(LedgerError):
                ledger.verify()
        finally:
            write_lines(directory, lines)

    @same_directory
    @given(cut=st.integers(1))
    def test_with_its_end_cut_off_is_found(self, ledger: Ledger, directory: Path, cut: int) -> None:
        whole = (directory / LINES).read_bytes()
        (directory / LINES).write_bytes(whole[: -(1 + cut % len(whole))])
        try:
            with pytest.raises(LedgerError):
                ledger.verify()
        finally:
            (directory / LINES).write_bytes(whole)

    @pytest.mark.parametrize("number", range(2 * N + 1))
    def test_with_a_line_put_in_is_found(self, ledger: Ledger, directory: Path, number: int) -> None:
        lines = lines_of(directory)
        lines.insert(number, lines[(number + 5) % len(lines)])
        write_lines(directory, lines)
        if number < 2 * N:
            with pytest.raises(LedgerError):
                ledger.verify()
        else:  # behind the head: as if a writer had ended there
            assert ledger.verify().torn == len(lines[-1])

    @same_directory
    @given(place=st.integers(0), byte=st.integers(0, 255))
    def test_whose_head_has_a_changed_byte_is_found(
        self, ledger: Ledger, directory: Path, place: int, byte: int
    ) -> None:
        whole = (directory / HEAD).read_bytes()
        place %= len(whole)
        if whole[place] == byte:
            return
        (directory / HEAD).write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        try:
            with pytest.raises(LedgerError):
                ledger.verify()
        finally:
            (directory / HEAD).write_bytes(whole)

    @pytest.mark.parametrize("name", [LINES, HEAD])
    def test_without_one_of_its_files_is_found(self, ledger: Ledger, directory: Path, name: str) -> None:
        (directory / name).unlink()
        with pytest.raises(LedgerError):
            ledger.verify()

    def test_that_was_written_anew_is_found_by_an_earlier_head(self, ledger: Ledger, tmp_path: Path) -> None:
        earlier = ledger.verify().head
        other = Ledger(tmp_path / "other")
        other.seal([sealed(number, probabilities=ByOutcome(1.0, 0.0, 0.0)) for number in range(3 * N)])
        assert other.verify().head.lines > earlier.lines
        with pytest.raises(LedgerError):
            other.verify([earlier])

    def test_that_grew_has_its_earlier_heads(self, ledger: Ledger) -> None:
        heads = [START, ledger.verify().head]
        ledger.seal([sealed(N)])
        assert ledger.verify(heads).head.lines == 2 * N + 1

    def test_that_was_changed_is_not_added_to(self, ledger: Ledger, directory: Path) -> None:
        lines = lines_of(directory)
        write_lines(directory, [lines[0].replace(b"0.51", b"0.91"), *lines[1:]])
        with pytest.raises(LedgerError, match=r"ledger\.jsonl:1: was changed"):
            ledger.seal([sealed(N)])

    def test_that_cannot_be_read_is_not_taken_for_an_empty_one(self, directory: Path) -> None:
        (directory / LINES).mkdir(parents=True)
        with pytest.raises(DataError, match="cannot be read"):
            Ledger(directory).seal([SEALED])


class TestAWriterThatEnds:
    @settings(same_directory, max_examples=40)
    @given(cut=st.integers(0))
    def test_anywhere_in_its_lines_leaves_those_that_are_whole(
        self, ledger: Ledger, directory: Path, cut: int
    ) -> None:
        """The lines are there in part, the head not yet."""
        files = {path: path.read_bytes() for path in directory.iterdir()}
        try:
            ledger.seal([sealed(number) for number in range(N, N + 3)])
            body, old = (directory / LINES).read_bytes(), files[directory / LINES]
            left = body[: len(old) + cut % (len(body) - len(old) + 1)]
            (directory / LINES).write_bytes(left)
            (directory / HEAD).write_bytes(files[directory / HEAD])
            whole = left.count(b"\n")
            found = ledger.verify()
            assert (found.head.lines, found.torn) == (whole, len(left) - len(left[: left.rfind(b"\n") + 1]))
            assert ledger.seal([sealed(number) for number in range(N, N + 3)]) == 2 * N + 3 - whole
            assert (directory / LINES).read_bytes() == body
            assert ledger.verify().head.lines == 2 * N + 3
        finally:
            for path, content in files.items():
                path.write_bytes(content)

    def test_before_its_head_is_made_good_though_nothing_is_new(
        self, ledger: Ledger, directory: Path
    ) -> None:
        old = (directory / HEAD).read_bytes()
        ledger.seal([sealed(N)])
        new = (directory / HEAD).read_bytes()
        (directory / HEAD).write_bytes(old)
        assert ledger.seal([]) == 0
        assert (directory / HEAD).read_bytes() == new

    def test_by_force_at_any_moment_leaves_a_whole_past(self, directory: Path) -> None:
        heads: list[Head] = [START]
        for number in range(6):
            with subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-c", _WRITER, str(directory), str(1000 * number)], stdout=subprocess.PIPE
            ) as writer:
                assert writer.stdout is not None
                writer.stdout.readline()  # it has sealed something
                time.sleep(0.013 * number)
                os.kill(writer.pid, signal.SIGKILL)
            head = Ledger(directory).verify(heads).head
            assert head.lines > heads[-1].lines
            heads.append(head)
        assert Ledger(directory).seal([sealed()]) == 1


_WRITER = """
import sys
from pathlib import Path
from tests.ledger.entries import sealed
from sabiscore.ledger.ledger import Ledger

ledger, first = Ledger(Path(sys.argv[1])), int(sys.argv[2])
for number in range(1, 1000):
    ledger.seal([sealed(first + number), sealed(-first - number)])
    print(number, flush=True)
"""


def test_what_is_read_is_what_was_written(directory: Path) -> None:
    said: list[Sealed] = [
        sealed(number, probabilities=ByOutcome(0.1 + 0.2, 1 / 3, 1e-9)) for number in range(3)
    ]
    Ledger(directory).seal(said)
    assert [kept.sealed for kept in Ledger(directory).fixtures().values()] == said
