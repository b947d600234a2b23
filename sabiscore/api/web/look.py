"""How pages say things: numbers, days and names of a language, and the templates that have them."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from sabiscore.advice.case import ADJUSTMENT, ODDS
from sabiscore.advice.reasons import check_groups
from sabiscore.domain import Confidence, Language
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.languages.wording import LANGUAGES, Wording, gettext_noop, wording
from sabiscore.ledger.schemas import Forecast
from sabiscore.season.schemas import PlaceChances

STATIC: Mapping[str, str] = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
"""The files beside the pages, and their types."""

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"

GROUPS = {
    "prices": gettext_noop("Odds of past matches"),
    "results": gettext_noop("Results"),
    "recent": gettext_noop("Recent form"),
    "home": gettext_noop("Home advantage"),
    "goals": gettext_noop("Goals"),
    "motivation": gettext_noop("What is at stake"),
    "schedule": gettext_noop("Rest"),
    "promotion": gettext_noop("Promotion and relegation"),
    "certainty": gettext_noop("How well the clubs are known"),
    "odds": gettext_noop("The odds given"),
    "adjustment": gettext_noop("Goals that you adjusted"),
}
"""What the groups that move a probability are called."""

FORECASTS: Mapping[Forecast, str] = {
    "ours": "SabiScore",
    "ours_with_odds": gettext_noop("SabiScore, given the odds"),
    "market": gettext_noop("Market"),
    "closing": gettext_noop("Closing line"),
    "base_rates": gettext_noop("Base rates"),
}

LEVELS: Mapping[Confidence, tuple[str, str]] = {
    "low": (gettext_noop("low"), gettext_noop("low confidence")),
    "medium": (gettext_noop("medium"), gettext_noop("medium confidence")),
    "high": (gettext_noop("high"), gettext_noop("high confidence")),
}
"""Alone, and on their own feet."""

RESULT = "result"
FORM = (gettext_noop("W", "result"), gettext_noop("D", "result"), gettext_noop("L", "result"))
"""Letters of results that are form, and their context."""

MESSAGES = 1024
"""Without values, that are kept as they were said last."""

_LITTLE = 0.005


class Said:
    """The filters of templates, in one language."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._told = lru_cache(MESSAGES)(lambda message: _filled(words.translated(message), {}))
        self._form = str.maketrans({letter: words.say_in(RESULT, letter) for letter in FORM})

    def filters(self) -> Mapping[str, Callable[..., str]]:
        """By the names that templates have for them."""
        words = self._words
        return {
            "say": self.say,
            "say_in": self.say_in,
            "count": self.count,
            "percent": words.share,
            "percent0": self.whole_percent,
            "share": self.share,
            "goals": self.goals,
            "points": self.points,
            "score": self.score,
            "signed": self.signed,
            "gain": self.gain,
            "mark": self.mark,
            "thousands": words.whole,
            "day": words.short_day,
            "month": self.month,
            "long_day": self.long_day,
            "short_day": words.short_weekday,
            "clock": clock,
            "moment": self.moment,
            "instant": instant,
            "likeliest": self.likeliest,
            "group": self.group,
            "forecast": self.forecast,
            "level": self.level,
            "form": self.form,
        }

    def say(self, message: str, **values: object) -> Markup:
        """A message, whose values may be markup."""
        return _filled(self._words.translated(message), values) if values else self._told(message)

    def say_in(self, message: str, context: str, **values: object) -> Markup:
        """The same of one that is another in another context."""
        return _filled(self._words.translated_in(context, message), values)

    def count(self, one: str, many: str, number: int, **values: object) -> Markup:
        """The same in the form that goes with a number."""
        form = self._words.translated_for(one, many, number)
        return _filled(form, {"number": self._words.whole(number)} | values)

    def month(self, text: str) -> str:
        """2025-08 as "Aug 2025"."""
        year, month = text.split("-")
        return f"{self._words.short_month(int(month))} {year}"

    def whole_percent(self, share: float) -> str:
        """0.8 as "80%"."""
        return self._words.share(share, ".0%")

    def share(self, chance: float | None) -> str:
        """A chance in a table: what is not there is a dash, what is nearly nothing or nearly sure is said to be so."""
        if chance is None:
            return DASH
        if 0.0 < chance < _LITTLE:
            return f"<{self.whole_percent(0.01)}"
        if 1.0 - _LITTLE < chance < 1.0:
            return f">{self.whole_percent(0.99)}"
        return self.whole_percent(chance)

    def goals(self, number: float) -> str:
        """Two decimals."""
        return self._words.number(number, ".2f")

    def points(self, number: float) -> str:
        """One decimal."""
        return self._words.number(number, ".1f")

    def score(self, number: float) -> str:
        """Four decimals."""
        return self._words.number(number, ".4f")

    def signed(self, number: float) -> str:
        """Two decimals and a sign, where it is not nothing."""
        rounded = round(number, 2)
        return self._words.number(rounded, "+.2f").replace("-", MINUS) if rounded else self.goals(0.0)

    def gain(self, share: float) -> str:
        """A profit to expect: two decimals and a sign, where it is not nothing."""
        rounded = round(share, 4)
        form = "+.2%" if rounded else ".2%"
        return self._words.share(rounded or 0.0, form).replace("-", MINUS)

    def mark(self, value: float) -> str:
        """A round number beside a rule, with its sign."""
        return self._words.number(value, "+.2g").replace("-", MINUS) if value else "0"

    def long_day(self, when: date) -> str:
        """Saturday 30 August 2025."""
        text = self._words.weekday(when)
        return text[0].upper() + text[1:]

    def moment(self, when: datetime) -> str:
        """Sat 30 Aug 2025, 16:30 UTC."""
        return f"{self._words.short_weekday(when, year=True)}, {clock(when)} UTC"

    def likeliest(self, chances: PlaceChances) -> str:
        """The likeliest final place and its chance."""
        best = max(range(len(chances.positions)), key=chances.positions.__getitem__)
        return f"{best + 1}, {self._words.share(chances.positions[best])}"

    def group(self, name: str) -> str:
        """What a group that moves a probability is called."""
        return self._words.say(GROUPS[name])

    def forecast(self, name: Forecast) -> str:
        """What a forecast is called."""
        return self._words.say(FORECASTS[name])

    def level(self, name: Confidence, *, alone: bool = False) -> str:
        """How sure a prediction is."""
        return self._words.say(LEVELS[name][0 if alone else 1])

    def form(self, results: str) -> str:
        """The last results: "WWDLW"."""
        return results.translate(self._form)


def clock(when: datetime) -> str:
    """The time of day, UTC."""
    return f"{when:%H:%M}"


def instant(when: datetime) -> str:
    """RFC 3339, for machines."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    told = str(escape(text))
    return Markup(told.format(**{name: escape(value) for name, value in values.items()}))  # noqa: S704 - all escaped


@lru_cache(2 * len(STATIC))
def _address(name: str, content: bytes) -> str:
    return f"/static/{sha256(content).hexdigest()[:8]}/{name}"


class Compiled(FileSystemBytecodeCache):
    """Templates as they were compiled for one language, for all; in a directory, too, if Python may write there."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), "template.%s.cache")
        self._known: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called for a template that is wanted."""
        bucket.code = self._known.get(bucket.key)
        if bucket.code is None:
            super().load_bytecode(bucket)
        self._known[bucket.key] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called when one was compiled."""
        self._known[bucket.key] = bucket.code
        with suppress(OSError):
            if not sys.dont_write_bytecode:
                super().dump_bytecode(bucket)


@cache
def _compiled() -> Compiled:
    """Beside what Python keeps of this module."""
    return Compiled(Path(__file__).with_name("__pycache__"))


def _spoken(said: Callable[..., str]) -> Callable[..., str]:
    """A filter that is not applied when a template is compiled: then one compiled template serves all languages."""
    return pass_context(lambda _, *given, **values: said(*given, **values))


class Look:
    """The templates in one language, and the files that stand beside them."""

    def __init__(self, language: Language) -> None:
        check_groups((*EXPLAINED_GROUPS, ODDS, ADJUSTMENT), GROUPS)
        folder = files(__package__) / "static"
        self.files: Mapping[str, bytes] = {name: (folder / name).read_bytes() for name in STATIC}
        self.templates = Environment(
            loader=PackageLoader(__package__),
            autoescape=select_autoescape(("html", "svg")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_compiled(),
        )
        said = Said(wording(language)).filters()
        self.templates.filters.update({name: _spoken(each) for name, each in said.items()})
        self.templates.globals.update(asset=self.asset, language=language)

    def asset(self, name: str) -> str:
        """The address of a file, another one when the file is another: it may be kept for ever."""
        return _address(name, self.files[name])

    def render(self, template: str, **context: Any) -> str:  # noqa: ANN401 - what templates take
        """A template with what it asks for."""
        return self.templates.get_template(template).render(context)

    def row(self, fixture: Any) -> str:  # noqa: ANN401 - what the template takes
        """A fixture to come in a list of them."""
        return self.templates.get_template("row.html").render(f=fixture)


@cache
def look(language: Language) -> Look:
    """The templates, read when the first page is asked for."""
    return Look(language)


def read_all() -> None:
    """Read all templates of all languages, for whoever comes after, and for processes that are forked."""
    for each in map(look, LANGUAGES):
        for name in each.templates.list_templates():
            each.templates.get_template(name)
