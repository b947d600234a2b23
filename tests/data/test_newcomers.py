from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import structs

from sabiscore.data import newcomers
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.newcomers import FILE, MOST, Newcomer, dump, found, joined, load
from sabiscore.errors import UnknownClubError

PATH = Path("2526/EC.csv")
HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR"
NEWCOMER = Newcomer("Penzance Town", "EC")


def season(*names: str, code: str = "EC") -> bytes:
    """A file in which each club has played the one after it."""
    rows = [f"{code},09/08/2025,{home},{away},1,0,H" for home, away in pairwise(names)]
    return "\n".join([HEADER, *rows, ""]).encode()


class TestFound:
    def test_is_who_comes_to_the_lowest_division(self, known: Catalogue) -> None:
        assert found({PATH: season("Yeovil", "Penzance Town", "Woking")}, known) == [NEWCOMER]

    @pytest.mark.parametrize(
        "name",
        [
            "Yeovil Town",
            "Yeovill",
            "Penzance Yeovil",
            "Man Utd",
            "Real Madrid",
            "City",
            "FC",
            "Nürnberg",
            "1.",
        ],
    )
    def test_is_nobody_whose_name_is_known_or_close_to_one(self, known: Catalogue, name: str) -> None:
        assert not found({PATH: season("Yeovil", name, "Woking")}, known)

    def test_is_nobody_in_a_higher_division_or_an_earlier_season(self, known: Catalogue) -> None:
        assert not found({Path("2526/E3.csv"): season("Barrow", "Penzance Town", code="E3")}, known)
        assert not found({Path("2425/EC.csv"): season("Yeovil", "Penzance Town")}, known)

    def test_comes_after_the_seasons_of_which_the_catalogue_says_that_it_has_all_clubs(
        self, known: Catalogue
    ) -> None:
        later = structs.replace(known, complete=known.complete | {"England": 2025})
        assert not found({PATH: season("Yeovil", "Penzance Town")}, later)
        assert found({Path("2627/EC.csv"): season("Yeovil", "Penzance Town")}, later) == [NEWCOMER]

    def test_is_nobody_where_the_season_is_full(self, known: Catalogue) -> None:
        full = [club.key for club in known.clubs(known.league("EC"))][:24]
        assert found({PATH: season(*full[:23], "Penzance Town")}, known) == [NEWCOMER]
        assert not found({PATH: season(*full, "Penzance Town")}, known)

    def test_is_one_club_however_it_is_written_later(self, known: Catalogue) -> None:
        later = Path("2627/EC.csv")
        assert found(
            {later: season("Yeovil", "Penzance"), PATH: season("Yeovil", "Penzance Town")}, known
        ) == [NEWCOMER]

    def test_is_in_the_list_of_fixtures_before_its_first_match(self, known: Catalogue) -> None:
        body = b"Div,Date,HomeTeam,AwayTeam\nEC,09/08/2025,Penzance Town,Yeovil\nEC,none,Mousehole,Yeovil\n"
        assert found({Path("fixtures.csv"): body}, known) == [NEWCOMER]

    def test_keeps_its_place_whoever_the_list_of_fixtures_names(self, known: Catalogue) -> None:
        full = [club.key for club in known.clubs(known.league("EC"))][:23]
        listed = (
            b"Div,Date,HomeTeam,AwayTeam\nEC,09/08/2025,Penzanse,Yeovil\nEC,09/08/2025,Mousehole,Yeovil\n"
        )
        files = {PATH: season(*full, "Penzance Town"), Path("fixtures.csv"): listed}
        assert found(files, known) == [NEWCOMER]

    @pytest.mark.parametrize("body", [b"", b"<html>", b"Div,Date\nEC,09/08/2025\n", b'"'])
    def test_is_nobody_in_a_file_that_cannot_be_read(self, known: Catalogue, body: bytes) -> None:
        assert not found({PATH: body, Path("fixtures.csv"): body}, known)


class TestJoined:
    def test_is_known_in_all_leagues_of_the_country(self, known: Catalogue) -> None:
        more = joined(known, [NEWCOMER])
        for code in ("EC", "E3", "E0"):
            assert more.club("penzance town", more.league(code)).key == "Penzance Town"
        assert more.file_key("Penzance Town", "E3") == "Penzance Town"
        assert [club.key for club in more.clubs(more.league("EC"))].count("Penzance Town") == 1
        with pytest.raises(UnknownClubError):
            known.club("Penzance Town", known.league("EC"))

    def test_leaves_out_what_is_taken(self, known: Catalogue) -> None:
        assert joined(known, [Newcomer("Arsenal", "EC"), Newcomer("Penzance Town", "XX")]) == known


class TestFile:
    def test_is_what_was_found(self) -> None:
        assert load(dump([NEWCOMER])) == [NEWCOMER]
        assert newcomers.known({FILE: dump([NEWCOMER])}).added == (("EC", "Penzance Town"),)
        assert not newcomers.known({}).added

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{}",
            b'[{"name":"","league":"EC"}]',
            b'[{"name":"A\\nBC","league":"EC"}]',
            b"[" * 9_999,
            b" " * 2**15,
        ],
    )
    def test_of_anything_else_is_refused(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="no newcomers"):
            load(content)

    def test_of_too_many_is_refused(self) -> None:
        with pytest.raises(ValueError, match="too many"):
            load(dump([Newcomer(f"Club {number}", "EC") for number in range(MOST + 1)]))
