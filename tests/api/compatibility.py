"""Which changes of the OpenAPI document would break a client that was written by the one before."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

Schema: TypeAlias = Mapping[str, Any]
Document: TypeAlias = Mapping[str, Any]

PROMISED = Path(__file__).with_name("promised.json")
"""What clients were promised by the last release: the document without what is only to be read."""

ONLY_READ = frozenset({"description", "summary", "title", "examples", "example", "tags", "info", "contact"})
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf")


def promised(document: Any, *, names: bool = False) -> Any:  # noqa: ANN401 - any part of one
    """A document without what is only to be read; ``names`` where keys are names that somebody chose."""
    if isinstance(document, list):
        return [promised(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        key: promised(value, names=key in {"properties", "schemas", "paths"} and not names)
        for key, value in document.items()
        if names or key not in ONLY_READ
    }


def written(document: Document) -> str:
    """As `PROMISED` has it."""
    return msgspec.json.format(msgspec.json.encode(promised(document)), indent=1).decode() + "\n"


def breaks(before: Document, after: Document) -> list[str]:
    """What a client of ``before`` would stumble over in ``after``, a line each."""
    return list(_Comparison(before, after).all())


class _Comparison:
    def __init__(self, before: Document, after: Document) -> None:
        self._before = before
        self._after = after
        self._seen = set[tuple[str, str, bool]]()

    def all(self) -> Iterator[str]:
        if _is_open(self._before) and not _is_open(self._after):
            yield "a key is needed"
        for path, item in self._before["paths"].items():
            for method, old in item.items():
                where = f"{method.upper()} {path}"
                new = self._after["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{where} is gone"
                else:
                    yield from self._operation(where, old, new)

    def _operation(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where} has another name: {new.get('operationId')}"
        yield from self._parameters(where, _named(old), _named(new))
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                again = new["responses"].get(status, {})
                yield from self._content(f"{where} {status}", answer, again, asked=False)

    def _parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        for name in old.keys() - new.keys():
            yield f"{where} has no parameter {name} any more"
        for name, parameter in new.items():
            if parameter.get("required") and not old.get(name, {}).get("required"):
                yield f"{where} needs the parameter {name}"
            if name in old:
                yield from self._schema(
                    f"{where} ?{name}", old[name]["schema"], parameter["schema"], asked=True
                )

    def _body(self, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new and new.get("required") and not (old and old.get("required")):
            yield f"{where} needs a body"
        if old:
            yield from self._content(f"{where} body", old, new or {}, asked=True)

    def _content(self, where: str, old: Schema, new: Schema, *, asked: bool) -> Iterator[str]:
        for media, described in old.get("content", {}).items():
            if media not in new.get("content", {}):
                yield f"{where} is not {media} any more"
            else:
                again = new["content"][media]
                yield from self._schema(f"{where} $", described["schema"], again["schema"], asked=asked)

    def _schema(self, where: str, old: Schema, new: Schema, *, asked: bool) -> Iterator[str]:
        """What was ``asked`` must still be understood; what is answered must be no more than was understood before."""
        pair = (old.get("$ref", ""), new.get("$ref", ""), asked)
        if all(pair[:2]) and pair in self._seen:
            return
        self._seen.add(pair)
        before, after = _alternatives(self._before, old), _alternatives(self._after, new)
        narrow, wide = (before, after) if asked else (after, before)
        for kind, one in narrow.items():
            other = wide.get(kind) or (wide.get("number") if kind == "integer" else None) or wide.get("any")
            if other is None:
                yield f"{where} may {'not ' if asked else ''}be {kind} {'any more' if asked else 'now'}"
            else:
                yield from _bounds(where, one, other)
                yield from self._inside(where, *((one, other) if asked else (other, one)), asked=asked)

    def _inside(self, where: str, old: Schema, new: Schema, *, asked: bool) -> Iterator[str]:
        for part, again in _pairs(old, new):
            yield from self._schema(f"{where}[]", part, again, asked=asked)
        fields, now = old.get("properties", {}), new.get("properties", {})
        for name, field in fields.items():
            if name not in now:
                yield f"{where}.{name} is gone"
            else:
                yield from self._schema(f"{where}.{name}", field, now[name], asked=asked)
        must, must_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(must_now - must if asked else (must - must_now) & now.keys()):
            yield f"{where}.{name} is {'needed now' if asked else 'not always there any more'}"
        if (
            asked
            and new.get("additionalProperties") is False
            and old.get("additionalProperties") is not False
        ):
            yield f"{where} may have no other fields any more"


def _is_open(document: Document) -> bool:
    """Whether anybody may ask."""
    wanted = document.get("security")
    return not wanted or {} in wanted


def _named(operation: Schema) -> dict[str, Schema]:
    return {each["name"]: each for each in operation.get("parameters", ())}


def _alternatives(document: Document, schema: Schema) -> dict[str, Schema]:
    """What a value may be, by its JSON type; "any" where nothing is said."""
    if name := schema.get("$ref"):
        return _alternatives(document, document["components"]["schemas"][name.rpartition("/")[2]])
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return {kind: one for each in several for kind, one in _alternatives(document, each).items()}
    kinds = schema.get("type", _kind_of(schema))
    return dict.fromkeys([kinds] if isinstance(kinds, str) else kinds, schema)


def _kind_of(schema: Schema) -> str | list[str]:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return sorted({names[type(value)] for value in values}) or "any"


def _bounds(where: str, narrow: Schema, wide: Schema) -> Iterator[str]:
    """Every value of ``narrow`` has to be one of ``wide``."""
    allowed, given = _values(wide), _values(narrow)
    if allowed is not None and (given is None or not given <= allowed):
        more = "any value" if given is None else ", ".join(sorted(given - allowed))
        yield f"{where} has other values: {more}"
    for name in (*LEAST, *MOST):
        if name in wide and (
            name not in narrow or (narrow[name] < wide[name] if name in LEAST else narrow[name] > wide[name])
        ):
            yield f"{where} has another {name}"
    for name in EXACT:
        if name in wide and narrow.get(name) != wide[name]:
            yield f"{where} has another {name}"


def _values(schema: Schema) -> set[str] | None:
    """The values that are named, as JSON."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None if values is None else {msgspec.json.encode(value).decode() for value in values}


def _pairs(old: Schema, new: Schema) -> Iterator[tuple[Schema, Schema]]:
    """What is in lists and in objects whose names are anybody's, as it was and as it is."""
    for name in ("items", "additionalProperties"):
        if isinstance(old.get(name), dict) and isinstance(new.get(name), dict):
            yield old[name], new[name]
    yield from zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)
