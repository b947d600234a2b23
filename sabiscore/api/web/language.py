"""In which language a reader wants a page, and how its links keep that."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast
from urllib.parse import quote

from msgspec import Struct

from sabiscore.api.problems import BAD_REQUEST, ProblemError
from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES, wording

AUTONYMS: Mapping[Language, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "fr": "Français",
}

LONGEST = 200
"""Signs of an Accept-Language that are looked at."""

_GIVEN = re.compile(r"(?:^|&)lang=([^&]*)")
_LINK = re.compile(r'(<a\b[^>]*?\bhref="/(?!api/|schema/)[^"#?]*)(\?[^"#]*)?')
_FORM = re.compile(r"<form\b[^>]*>")


class Choice(Struct, frozen=True):
    """A language, whether the address chose it, and the query without that."""

    language: Language
    chosen: bool
    query: str


def choice(query: str, accepted: str) -> Choice:
    """By the query, else by what the reader's browser accepts.

    Raises:
        ProblemError: the query asks for one that there is not, or for several.
    """
    given = _GIVEN.findall(query)
    if not given:
        return Choice(preferred(accepted[:LONGEST]), chosen=False, query=query)
    if len(given) > 1 or given[0] not in LANGUAGES:
        words = wording(preferred(accepted[:LONGEST]))
        raise ProblemError(
            BAD_REQUEST,
            words.say("A page can have one lang, of {languages}.", languages=", ".join(LANGUAGES)),
        )
    return Choice(cast("Language", given[0]), chosen=True, query=_GIVEN.sub("", query).lstrip("&"))


@lru_cache(maxsize=256)
def preferred(accepted: str) -> Language:
    """The language there is that an Accept-Language (RFC 9110, section 12.5.4) has highest, else English."""
    best: Language = "en"
    most = 0.0
    for each in accepted.split(","):
        tag, _, weight = each.replace(" ", "").lower().partition(";q=")
        quality = _quality(weight)
        spoken = next((one for one in LANGUAGES if tag.partition("-")[0] == one), None)
        if spoken and quality > most:
            best, most = spoken, quality
    return best


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


def alternates(path: str, query: str) -> list[tuple[Language, str, str]]:
    """The same page in each language: it, its name in itself, and the address."""
    before = f"{quote(path)}?{query}&" if query else f"{quote(path)}?"
    return [(language, name, f"{before}lang={language}") for language, name in AUTONYMS.items()]


def keeping(page: str, language: Language) -> str:
    """A page whose links and forms lead to pages in the language that its address chose."""
    hidden = rf'\g<0><input type="hidden" name="lang" value="{language}">'
    return _LINK.sub(lambda found: _kept(found, language), _FORM.sub(hidden, page))


def _kept(found: re.Match[str], language: Language) -> str:
    before, query = found[1], found[2]
    if query and "lang=" in query:
        return found[0]
    return f"{before}{query}&amp;lang={language}" if query else f"{before}?lang={language}"
