"""What does not fit its type: where that is, and what belongs there, for the person who wrote it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

_WHERE = re.compile(r"(?P<message>.*) - at `(?P<path>\$.*)`", re.DOTALL)
_FIELD = re.compile(r"Object (?:missing required|contains unknown) field `(.*)`", re.DOTALL)


def misfit(error: msgspec.ValidationError, model: type[Any]) -> tuple[str, str]:
    """The path of what is wrong, ``$`` being the whole, and what is, with what a field of ``model`` takes."""
    text = str(error)
    found = _WHERE.fullmatch(text)
    path, message = (found["path"], found["message"]) if found else ("$", text)
    if named := _FIELD.fullmatch(message):
        path = f"{path}.{named[1]}"
    note = _notes(model).get(path)  # type: ignore[arg-type] # a class has a hash, which mypy does not see
    return path, f"{message} ({note})" if note else message


@cache
def _notes(model: type[Any]) -> Mapping[str, str]:
    """By path what is said of each field: its description, and the values that it may have if they are few."""
    described = msgspec.json.schema(model).get("$defs", {}).get(model.__name__, {})
    return {
        f"$.{name}": "; ".join(filter(None, (schema.get("description"), ", ".join(schema.get("enum", ())))))
        for name, schema in described.get("properties", {}).items()
    }
