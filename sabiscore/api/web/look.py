"""How pages say things: numbers, days and names, and the templates that have them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from sabiscore.advice.case import ADJUSTMENT, ODDS
from sabiscore.advice.reasons import check_groups
from sabiscore.features.columns import EXPLAINED_GROUPS
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
    "prices": "Odds of past matches",
    "results": "Results",
    "recent": "Recent form",
    "home": "Home advantage",
    "goals": "Goals",
    "motivation": "What is at stake",
    "schedule": "Rest",
    "promotion": "Promotion and relegation",
    "certainty": "How well the clubs are known",
    "odds": "The odds given",
    "adjustment": "Goals that you adjusted",
}
"""What the groups that move a probability are called."""

FORECASTS: Mapping[Forecast, str] = {
    "ours": "SabiScore",
    "ours_with_odds": "SabiScore, given the odds",
    "market": "Market",
    "closing": "Closing line",
    "base_rates": "Base rates",
}

_LITTLE = 0.005


def percent(share: float) -> str:
    """0.539 as "53.9%"."""
    return f"{share:.1%}"


def whole_percent(share: float) -> str:
    """0.8 as "80%"."""
    return f"{share:.0%}"


def share(chance: float | None) -> str:
    """A chance in a table: what is not there is a dash, what is nearly nothing or nearly sure is said to be that."""
    if chance is None:
        return DASH
    if 0.0 < chance < _LITTLE:
        return "<1%"
    if 1.0 - _LITTLE < chance < 1.0:
        return ">99%"
    return whole_percent(chance)


def goals(number: float) -> str:
    """Two decimals."""
    return f"{number:.2f}"


def points(number: float) -> str:
    """One decimal."""
    return f"{number:.1f}"


def signed(number: float) -> str:
    """Two decimals and a sign, where it is not nothing."""
    rounded = round(number, 2)
    return f"{rounded:+.2f}".replace("-", MINUS) if rounded else "0.00"


def day(when: date) -> str:
    """25 May 2025."""
    return f"{when.day} {when:%b %Y}"


def long_day(when: date) -> str:
    """Saturday 30 August 2025."""
    return f"{when:%A} {when.day} {when:%B %Y}"


def short_day(when: date) -> str:
    """Sat 30 Aug."""
    return f"{when:%a} {when.day} {when:%b}"


def clock(when: datetime) -> str:
    """The time of day, UTC."""
    return f"{when:%H:%M}"


def moment(when: datetime) -> str:
    """Sat 30 Aug 2025, 16:30 UTC."""
    return f"{when:%a} {day(when)}, {when:%H:%M} UTC"


def instant(when: datetime) -> str:
    """RFC 3339, for machines."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def likeliest(chances: PlaceChances) -> str:
    """The likeliest final place and its chance."""
    best = max(range(len(chances.positions)), key=chances.positions.__getitem__)
    return f"{best + 1}, {percent(chances.positions[best])}"


FILTERS: Mapping[str, Callable[..., str]] = {
    "percent": percent,
    "percent0": whole_percent,
    "share": share,
    "goals": goals,
    "points": points,
    "signed": signed,
    "day": day,
    "long_day": long_day,
    "short_day": short_day,
    "clock": clock,
    "moment": moment,
    "instant": instant,
    "likeliest": likeliest,
    "thousands": "{:,}".format,
    "group": GROUPS.__getitem__,
    "forecast": FORECASTS.__getitem__,
}


class Look:
    """The templates, and the files that stand beside them."""

    def __init__(self) -> None:
        check_groups((*EXPLAINED_GROUPS, ODDS, ADJUSTMENT), GROUPS)
        folder = files(__package__) / "static"
        self.files: Mapping[str, bytes] = {name: (folder / name).read_bytes() for name in STATIC}
        self._templates = Environment(
            loader=PackageLoader(__package__),
            autoescape=select_autoescape(("html", "svg")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(FILTERS)
        self._templates.globals["asset"] = self.asset

    def asset(self, name: str) -> str:
        """The address of a file, another one when the file is another: it may be kept for ever."""
        return f"/static/{sha256(self.files[name]).hexdigest()[:8]}/{name}"

    def render(self, template: str, **context: Any) -> bytes:  # noqa: ANN401 - what templates take
        """A template with what it asks for, as UTF-8."""
        return self._templates.get_template(template).render(context).encode()
