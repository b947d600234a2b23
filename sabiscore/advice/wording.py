"""How sentences are worded: a catalogue of each language, and how that language writes numbers and days.

Messages are English; those of other languages are in `languages/` as gettext has them (``.po`` to be read and changed,
``.mo`` made of it by ``python -m tests.docs --write``). English needs no catalogue.
"""

from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from msgspec import Struct

from sabiscore.domain import Language

LANGUAGES = Path(__file__).with_name("languages")

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ONE_CLUB, BOTH_CLUBS = "one club", "both clubs"
"""What a verb goes with, where that changes it."""

_NO_BREAK = "\N{NO-BREAK SPACE}"


class Numerals(Struct, frozen=True):
    """What stands before decimals, before a per cent sign, and behind a place in a table."""

    decimal: str
    per_cent: str
    place: str


NUMERALS: dict[Language, Numerals] = {
    "en": Numerals(".", "", ""),
    "de": Numerals(",", _NO_BREAK, "."),
    "es": Numerals(",", _NO_BREAK, "\N{MASCULINE ORDINAL INDICATOR}"),
    "it": Numerals(",", "", "\N{MASCULINE ORDINAL INDICATOR}"),
    "fr": Numerals(",", _NO_BREAK, "e"),
}


class Wording:
    """Says messages in one language."""

    def __init__(self, language: Language, translations: NullTranslations) -> None:
        self._language = language
        self._numerals = NUMERALS[language]
        self._translations = translations
        self._dated = lru_cache(maxsize=8)(self._written)

    def say(self, message: str, **values: object) -> str:
        """A message with its values."""
        return self._translations.gettext(message).format(**values)

    def of_club(self, message: str, *, both: bool) -> str:
        """What is said of a club, or of both."""
        return self._translations.pgettext(BOTH_CLUBS if both else ONE_CLUB, message)

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """A message in the form that goes with a number, which it has as ``number``."""
        return self._translations.ngettext(one, many, number).format(number=number, **values)

    def count_of_club(self, one: str, many: str, number: int, *, both: bool) -> str:
        """The same, of a club or of both."""
        context = BOTH_CLUBS if both else ONE_CLUB
        return self._translations.npgettext(context, one, many, number).format(number=number)

    def number(self, value: float, form: str) -> str:
        """A number in a form such as ``+.1f``."""
        text = f"{value:{form}}"
        return text if self._numerals.decimal == "." else text.replace(".", self._numerals.decimal)

    def share(self, value: float, form: str = ".1%") -> str:
        """A share in per cent."""
        return self.number(value, form).replace("%", f"{self._numerals.per_cent}%")

    def place(self, place: int) -> str:
        """A place in a table."""
        if self._language != "en":
            return f"{place}{self._numerals.place}"
        suffix = "th" if place // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
        return f"{place}{suffix}"

    def day(self, day: date) -> str:
        """A day with its month in words."""
        return self._dated(day)

    def _written(self, day: date) -> str:
        month = self._translations.pgettext("in a date", MONTHS[day.month - 1])
        context = "first of a month" if day.day == 1 else "other days"
        form = self._translations.pgettext(context, "{day} {month} {year}")
        return form.format(day=day.day, month=month, year=day.year)


@cache
def wording(language: Language) -> Wording:
    """How sentences are worded in a language."""
    if language == "en":
        return Wording(language, NullTranslations())
    with catalogue_of(language).open("rb") as file:
        return Wording(language, GNUTranslations(file))


def catalogue_of(language: Language, kind: str = "mo") -> Path:
    """Where the catalogue of a language is."""
    return LANGUAGES / f"{language}.{kind}"
