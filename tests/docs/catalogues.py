"""The catalogues of languages: with each message of the program and its pages, and as gettext reads them."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes

import sabiscore
from sabiscore.api.problems import KINDS
from sabiscore.api.web.look import Look
from sabiscore.data import catalogue as clubs
from sabiscore.domain import Language
from sabiscore.errors import SameClubError
from sabiscore.languages.wording import BOTH_CLUBS, DATES, LANGUAGES, NAMES, ONE_CLUB, catalogue_of

OTHERS: tuple[Language, ...] = tuple(each for each in LANGUAGES if each != "en")
"""All but English, which needs none."""

WIDTH = 110

HEAD = ('"Language:', '"Plural-Forms:', '"Content-')

Found: TypeAlias = tuple[str | tuple[str, ...], str | None]
"""A message, or the one of one and that of many, and its context."""

ROOT = Path(sabiscore.__file__).parent
TEMPLATES = ROOT / "api" / "web" / "templates"
OF_ONE, OF_MANY = {"say", "say_in", "of_club", "gettext_noop"}, {"count", "count_of_club"}
OF_CLUBS = {"of_club", "count_of_club"}
ERRORS = {"InvalidFixtureError", "KickoffOutOfRangeError", "InvalidOddsError"}


@cache
def found() -> Catalog:
    """Every message there is, in the order of the places where it is said."""
    made = Catalog(fuzzy=False)
    for message, context in _messages():
        made.add(message, context=context)
    return made


def _messages() -> Iterator[Found]:
    for path in sorted(ROOT.rglob("*.py")):
        yield from _in_module(ast.parse(path.read_text("utf-8")))
    for path in sorted(TEMPLATES.iterdir()):
        yield from _in_template(path.read_text("utf-8"))
    for context, messages in (*DATES.items(), *NAMES.items()):
        yield from ((message, context) for message in messages)
    yield from ((kind.title, None) for kind in KINDS)
    yield SameClubError.text, None
    known = clubs.load()
    yield from ((league.country, None) for league in known.leagues)
    sources = {rules.ranking_source for seasons in known.seasons.values() for rules in seasons}
    yield from ((source, None) for source in sorted(sources - {""}))


def _in_module(module: ast.Module) -> Iterator[Found]:
    """What is said by calls of `Wording`, or marked."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        yield from _said(name.lstrip("_"), [list(_texts(each)) for each in node.args])


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _in_template(text: str) -> Iterator[Found]:
    """What filters of `Look` say."""
    for node in Look("en").templates.parse(text).find_all(nodes.Filter):
        given = [node.node, *node.args]
        texts = [[each.value] if isinstance(each, nodes.Const) else [] for each in given]
        if node.name == "say_in":
            texts[:2] = texts[1::-1]
        yield from _said(node.name, texts)


def _said(name: str, given: list[list[str]]) -> Iterator[Found]:
    """What a call says of what it is given."""
    if not given or not given[0]:
        return
    contexts: Iterable[str | None] = (ONE_CLUB, BOTH_CLUBS) if name in OF_CLUBS else (None,)
    if name in OF_MANY and len(given) > 1 and given[1]:
        yield from (((given[0][0], given[1][0]), context) for context in contexts)
    elif name == "say_in" and len(given) > 1:
        yield from ((text, context) for context in given[0] for text in given[1])
    elif name in {"say", "of_club", *ERRORS}:
        yield from ((text, context) for text in given[0] for context in contexts)
    elif name == "gettext_noop":
        marked: list[str | None] = [text for each in given[1:] for text in each]
        yield from ((text, context) for text in given[0] for context in marked or [None])


def catalogue(language: Language) -> Catalog:
    """What people read."""
    with catalogue_of(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def updated(language: Language) -> bytes:
    """The same with all messages that are said, and with no others; what is new has no translation yet."""
    told = catalogue(language)
    told.update(found(), no_fuzzy_matching=True)
    told.obsolete.clear()
    return _written(told)


def _written(told: Catalog) -> bytes:
    """A catalogue as people read it, without what of its head changes with every run."""
    made = BytesIO()
    write_po(made, told, width=WIDTH, no_location=True)
    head, _, rest = made.getvalue().decode().partition("\n\n")
    kept = [line for line in head.splitlines() if not line.startswith('"') or line.startswith(HEAD)]
    return "\n".join([*kept, "", rest]).encode()


def compiled(language: Language) -> bytes:
    """What gettext reads."""
    made = BytesIO()
    write_mo(made, catalogue(language))
    return made.getvalue()


def rewritten(language: Language) -> list[str]:
    """Bring both files up to date; the messages that nobody has translated yet."""
    catalogue_of(language, "po").write_bytes(updated(language))
    catalogue_of(language).write_bytes(compiled(language))
    return [str(each.id) for each in catalogue(language) if each.id and not _whole(each.string)]


def is_stale(language: Language) -> bool:
    """Whether it has not what is said, or gettext would not say what people read."""
    path = catalogue_of(language)
    return (
        _ids(catalogue(language)) != _ids(found())
        or not path.exists()
        or _said_by(path.read_bytes()) != _said_by(compiled(language))
    )


def _ids(of: Catalog) -> set[tuple[Any, Any]]:
    return {(each.id, each.context) for each in of if each.id}


def _whole(said: Any) -> bool:  # noqa: ANN401 - a text, or one for each number
    return all(said) if isinstance(said, tuple) else bool(said)


def _said_by(binary: bytes) -> dict[Any, str]:
    """All messages; the head of a catalogue has the time when it was made."""
    told: dict[Any, str] = dict(vars(GNUTranslations(BytesIO(binary)))["_catalog"])
    del told[""]
    return told
