from pathlib import Path

import pytest

from sabiscore.data.table import read_table
from sabiscore.errors import DataError

PATH = Path("2425/E0.csv")


def refusal(body: bytes) -> tuple[int, str]:
    with pytest.raises(DataError) as error:
        read_table(body, PATH)
    assert error.value.file == str(PATH)
    return error.value.line, error.value.reason


class TestRows:
    def test_know_their_lines_past_blank_ones(self) -> None:
        table = read_table(b"A,B\r\n\r\n1,2\r\n,\r\n , \r\n3,4\r\n,,,,\r\n\r\n", PATH)
        assert table.rows == [["1", "2"], ["3", "4"]]
        assert table.lines == [3, 6]

    def test_are_filled_up_and_lose_extra_commas(self) -> None:
        assert read_table(b"A,B,C,,\n1\n1,2,3,,,,\n", PATH).rows == [["1", "", ""], ["1", "2", "3"]]

    def test_wider_than_the_header_are_refused(self) -> None:
        assert refusal(b"A,B\n1,2\n1,2,,4\n") == (3, "more values than the 2 columns")

    def test_cut_off_at_the_end_are_refused(self) -> None:
        assert refusal(b"A,B,C\n1,2,3\n1,2") == (3, "the row is cut off: the file is not whole")

    def test_need_no_line_break_at_the_end_if_whole(self) -> None:
        assert read_table(b"A,B\n1,2", PATH).rows == [["1", "2"]]

    def test_may_quote_a_comma(self) -> None:
        assert read_table(b'A,B\n"Kinh, T",2\n', PATH).column("A") == ["Kinh, T"]

    @pytest.mark.parametrize("body", [b'A,B\n"1,2\n3,4\n', b'A,B\n"1"x,2\n', b"A\n" + b"1" * 200_000])
    def test_that_are_no_csv_are_refused(self, body: bytes) -> None:
        line, reason = refusal(body)
        assert line > 1
        assert reason


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
    def test_comes_in_any_western_encoding(self, encoding: str) -> None:
        table = read_table("Div,Referee\nD1,Jörg Keßler\n".encode(encoding), PATH)
        assert table.header == ["Div", "Referee"]
        assert table.column("Referee") == ["Jörg Keßler"]

    def test_may_have_a_byte_order_mark_before_an_older_encoding(self) -> None:
        assert read_table(b"\xef\xbb\xbfDiv,Referee\nD1,J\xf6rg\n", PATH).column("Referee") == ["Jörg"]

    @pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,,\n"])
    def test_is_there(self, body: bytes) -> None:
        assert refusal(body) == (0, "the file is empty")

    def test_is_no_web_page(self) -> None:
        assert refusal(b"\n <!DOCTYPE html><html>") == (1, "a web page, not a match file")
