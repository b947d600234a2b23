"""How things are worded: a catalogue of each language, and how that language writes numbers and days.

Messages are English; those of other languages are beside this file as gettext has them: ``.po`` to be read and changed,
``.mo`` made of it by ``python -m tests.docs --write``, which also finds new messages. English needs no catalogue.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import get_args

from msgspec import Struct

from sabiscore.domain import Language

HERE = Path(__file__).parent

LANGUAGES: tuple[Language, ...] = get_args(Language)

ONE_CLUB, BOTH_CLUBS = "one club", "both clubs"
"""What a verb goes with, where that changes it."""

MONTH, SHORT_MONTH, WEEKDAY, SHORT_WEEKDAY = "in a date", "short month", "weekday", "short weekday"

NAMES: Mapping[str, tuple[str, ...]] = {
    MONTH: (
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
    ),
    SHORT_MONTH: ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    WEEKDAY: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    SHORT_WEEKDAY: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
"""Of months and days of the week, by the context that their messages have."""

DATES: Mapping[str, tuple[str, ...]] = {
    "first of a month": ("{day} {month} {year}",),
    "other days": ("{day} {month} {year}",),
    "short, first of a month": ("{day} {month} {year}", "{day} {month}"),
    "short, other days": ("{day} {month} {year}", "{day} {month}"),
}
"""How they are put together, likewise."""

_NO_BREAK = "\N{NO-BREAK SPACE}"
_ORDINAL = "\N{MASCULINE ORDINAL INDICATOR}"


class Numerals(Struct, frozen=True):
    """What stands before decimals, between thousands, before a per cent sign, and behind a place in a table."""

    decimal: str
    thousands: str
    per_cent: str
    place: str


NUMERALS: dict[Language, Numerals] = {
    "en": Numerals(".", ",", "", ""),
    "de": Numerals(",", ".", _NO_BREAK, "."),
    "es": Numerals(",", ".", _NO_BREAK, f".{_ORDINAL}"),
    "it": Numerals(",", ".", "", _ORDINAL),
    "fr": Numerals(",", "\N{NARROW NO-BREAK SPACE}", _NO_BREAK, "e"),
}


def gettext_noop(text: str, *_contexts: str) -> str:
    """A message that is said elsewhere, in these contexts if any: so whoever looks for messages finds it."""
    return text


class Wording:
    """Says messages in one language."""

    def __init__(self, language: Language, translations: NullTranslations) -> None:
        self.language = language
        self._numerals = NUMERALS[language]
        self._translations = translations
        self._gettext: Callable[[str], str] = str if language == "en" else translations.gettext
        self._dated = lru_cache(maxsize=8)(self._written)

    def translated(self, message: str) -> str:
        """A message as it is in the catalogue, itself where it is not there."""
        return self._gettext(message)

    def translated_in(self, context: str, message: str) -> str:
        """The same of one that is another in another context."""
        return self._translations.pgettext(context, message)

    def translated_for(self, one: str, many: str, number: int) -> str:
        """The same in the form that goes with a number."""
        return self._translations.ngettext(one, many, number)

    def say(self, message: str, **values: object) -> str:
        """A message with its values."""
        return self._gettext(message).format(**values)

    def say_in(self, context: str, message: str, **values: object) -> str:
        """The same of one that is another in another context."""
        return self.translated_in(context, message).format(**values)

    def of_club(self, message: str, *, both: bool) -> str:
        """What is said of a club, or of both."""
        return self.translated_in(BOTH_CLUBS if both else ONE_CLUB, message)

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """A message in the form that goes with a number, which it has as ``number``."""
        return self.translated_for(one, many, number).format(number=self.whole(number), **values)

    def count_of_club(self, one: str, many: str, number: int, *, both: bool) -> str:
        """The same, of a club or of both."""
        context = BOTH_CLUBS if both else ONE_CLUB
        return self._translations.npgettext(context, one, many, number).format(number=number)

    def number(self, value: float, form: str) -> str:
        """A number in a form such as ``+.1f``."""
        text = f"{value:{form}}"
        return text if self._numerals.decimal == "." else text.replace(".", self._numerals.decimal)

    def whole(self, value: int) -> str:
        """A whole number, with its thousands apart."""
        return f"{value:,}".replace(",", self._numerals.thousands)

    def share(self, value: float, form: str = ".1%") -> str:
        """A share in per cent."""
        return self.number(value, form).replace("%", f"{self._numerals.per_cent}%")

    def place(self, place: int) -> str:
        """A place in a table."""
        if self.language != "en":
            return f"{place}{self._numerals.place}"
        suffix = "th" if place // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
        return f"{place}{suffix}"

    def day(self, day: date) -> str:
        """A day with its month in words: 25 May 2025."""
        return self._dated(day)

    def short_day(self, day: date) -> str:
        """The same with a short month."""
        return self._short(day, "{day} {month} {year}")

    def weekday(self, day: date) -> str:
        """A day of the week and its date: Sunday 25 May 2025."""
        name = self._translations.pgettext(WEEKDAY, NAMES[WEEKDAY][day.weekday()])
        return self.say("{weekday} {date}", weekday=name, date=self.day(day))

    def short_weekday(self, day: date, *, year: bool = False) -> str:
        """The same in short: Sun 25 May, or Sun 25 May 2025."""
        name = self._translations.pgettext(SHORT_WEEKDAY, NAMES[SHORT_WEEKDAY][day.weekday()])
        told = self.short_day(day) if year else self._short(day, "{day} {month}")
        return self.say_in("short", "{weekday} {date}", weekday=name, date=told)

    def short_month(self, month: int) -> str:
        """The first is Jan."""
        return self._translations.pgettext(SHORT_MONTH, NAMES[SHORT_MONTH][month - 1])

    def _short(self, day: date, form: str) -> str:
        month = self.short_month(day.month)
        context = "short, first of a month" if day.day == 1 else "short, other days"
        return self.say_in(context, form, day=day.day, month=month, year=day.year)

    def _written(self, day: date) -> str:
        month = self._translations.pgettext(MONTH, NAMES[MONTH][day.month - 1])
        context = "first of a month" if day.day == 1 else "other days"
        return self.say_in(context, "{day} {month} {year}", day=day.day, month=month, year=day.year)


@cache
def wording(language: Language) -> Wording:
    """How things are worded in a language."""
    if language == "en":
        return Wording(language, NullTranslations())
    with catalogue_of(language).open("rb") as file:
        return Wording(language, GNUTranslations(file))


def catalogue_of(language: Language, kind: str = "mo") -> Path:
    """Where the catalogue of a language is."""
    return HERE / f"{language}.{kind}"
