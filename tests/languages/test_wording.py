from collections.abc import Iterator
from datetime import date
from string import Formatter

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES, MONTH, NAMES, wording
from tests.docs.catalogues import OTHERS, catalogue, is_stale


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def messages(language: Language) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each message in all its forms, and what is said for it in all of theirs."""
    for message in catalogue(language):
        if message.id:
            yield _forms(message.id), _forms(message.string)


def _forms(said: object) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, tuple) else (str(said),)


class TestCatalogues:
    @pytest.mark.parametrize("language", OTHERS)
    def test_have_each_message_with_all_that_it_is_given(self, language: Language) -> None:
        for ids, strings in messages(language):
            assert len(ids) == len(strings)
            assert all(strings), ids
            assert all(fields(each) == fields(ids[-1]) for each in strings), ids

    @pytest.mark.parametrize("language", OTHERS)
    def test_have_what_is_said_and_nothing_else_and_are_compiled(self, language: Language) -> None:
        assert not is_stale(language), "python -m tests.docs --write"


class TestNumbers:
    @pytest.mark.parametrize(
        ("language", "share", "place"),
        [
            ("en", "53.3%", "18th"),
            ("de", "53,3\xa0%", "18."),
            ("es", "53,3\xa0%", "18.º"),
            ("it", "53,3%", "18º"),
        ],
    )
    def test_are_written_as_people_write_them(self, language: Language, share: str, place: str) -> None:
        assert (wording(language).share(0.533), wording(language).place(18)) == (share, place)

    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [
            ("en", "1 June 2025", "2 June 2025"),
            ("de", "1. Juni 2025", "2. Juni 2025"),
            ("es", "1 de junio de 2025", "2 de junio de 2025"),
            ("it", "1º giugno 2025", "2 giugno 2025"),
            ("fr", "1er juin 2025", "2 juin 2025"),
        ],
    )
    def test_and_days(self, language: Language, first: str, second: str) -> None:
        said = wording(language)
        assert (said.day(date(2025, 6, 1)), said.day(date(2025, 6, 2))) == (first, second)
        months = NAMES[MONTH]
        assert len({said.day(date(2025, month, 2)) for month in range(1, 1 + len(months))}) == len(months)

    @given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(LANGUAGES))
    def test_and_days_of_the_week(self, day: date, language: Language) -> None:
        locale = "en_GB" if language == "en" else language
        said = wording(language).short_weekday(day)
        assert format_date(day, "E", locale).strip(".") in said
        assert format_date(day, "MMM", locale).replace("Sept", "Sep").strip(".") in said
        assert wording(language).weekday(day).startswith(format_date(day, "EEEE", locale))

    @pytest.mark.parametrize(
        ("language", "said"),
        [("en", "43,210"), ("de", "43.210"), ("es", "43.210"), ("it", "43.210"), ("fr", "43\u202f210")],
    )
    def test_and_thousands(self, language: Language, said: str) -> None:
        assert wording(language).whole(43210) == said
