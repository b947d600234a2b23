"""The catalogues of languages as gettext reads them, made of those that people read."""

from gettext import GNUTranslations
from io import BytesIO
from typing import Any, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from sabiscore.advice.wording import catalogue_of
from sabiscore.domain import Language

OTHERS: tuple[Language, ...] = tuple(each for each in get_args(Language) if each != "en")
"""All but English, which needs none."""


def catalogue(language: Language) -> Catalog:
    """What people read."""
    with catalogue_of(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def compiled(language: Language) -> bytes:
    """What gettext reads."""
    made = BytesIO()
    write_mo(made, catalogue(language))
    return made.getvalue()


def is_stale(language: Language) -> bool:
    """Whether gettext would not say what people read."""
    path = catalogue_of(language)
    return not path.exists() or _messages(path.read_bytes()) != _messages(compiled(language))


def _messages(binary: bytes) -> dict[Any, str]:
    """All of them; the head of a catalogue has the time when it was made."""
    found: dict[Any, str] = dict(vars(GNUTranslations(BytesIO(binary)))["_catalog"])
    del found[""]
    return found
