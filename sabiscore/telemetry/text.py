"""Prometheus' text of one process put together with that of others: beside it, or on top of it."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

COUNTING = frozenset({"counter", "histogram"})
"""Kinds of which the samples only grow, so that two of them may be added."""


class Family(Struct, frozen=True):
    """A metric; ``header`` are its HELP and TYPE lines, ``samples`` the others."""

    name: str
    header: str
    kind: str
    samples: list[str]


def families(text: str) -> Iterator[Family]:
    """Each metric of a text in which each has HELP and TYPE."""
    for block in f"\n{text}".split("\n# HELP ")[1:]:
        helped, typed, *samples = block.removesuffix("\n").split("\n")
        kind = typed.rpartition(" ")[2]
        yield Family(helped.partition(" ")[0], f"# HELP {helped}\n{typed}", kind, samples)


def merge(texts: Mapping[str, str]) -> str:
    """One text of several, by worker: each family once, its samples labelled ``worker="..."``."""
    merged: dict[str, list[str]] = {}
    for worker, text in sorted(texts.items()):
        for family in families(text):
            lines = merged.setdefault(family.name, [family.header])
            lines.extend(_labelled(line, worker) for line in family.samples)
    return _joined(merged)


def counts(text: str) -> str:
    """What of a text outlives its process: no gauges."""
    return _joined({one.name: [one.header, *one.samples] for one in families(text) if one.kind in COUNTING})


def add(text: str, base: str) -> str:
    """A text with the `counts` of a predecessor added, series by series; those it has not yet, too."""
    before = {family.name: family for family in families(base)}
    added: dict[str, list[str]] = {}
    for family in families(text):
        earlier = before.pop(family.name, None)
        samples = _sums(family.samples, earlier.samples) if earlier else family.samples
        added[family.name] = [family.header, *samples]
    added |= {name: [family.header, *family.samples] for name, family in before.items()}
    return _joined(added)


def value(text: str, name: str) -> float | None:
    """The sample ``name``, which has no labels; None if there is none."""
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return None


def _sums(samples: list[str], earlier: list[str]) -> list[str]:
    sums = {series: float(n) for series, _, n in (line.rpartition(" ") for line in samples)}
    for series, _, n in (line.rpartition(" ") for line in earlier):
        sums[series] = sums.get(series, 0.0) + float(n)
    return [f"{series} {total!r}" for series, total in sums.items()]


def _joined(lines: Mapping[str, list[str]]) -> str:
    return "".join(f"{line}\n" for family in lines.values() for line in family)


def _labelled(sample: str, worker: str) -> str:
    name, brace, rest = sample.partition("{")
    if brace:
        return f'{name}{{worker="{worker}",{rest}'
    name, _, rest = sample.partition(" ")
    return f'{name}{{worker="{worker}"}} {rest}'
