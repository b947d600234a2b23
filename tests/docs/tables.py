"""The parts of the documentation that the program knows, each by the name between its markers.

A new one is a function that returns Markdown, decorated with `part`, and its markers on a page.
"""

import ast
import asyncio
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from pathlib import Path
from textwrap import dedent, indent
from types import ModuleType
from typing import Any, TypeAlias

import click
import msgspec

from sabiscore.api import problems
from sabiscore.api.schemas import PredictRequest
from sabiscore.cli import main
from sabiscore.data.catalogue import load
from sabiscore.data.seasons import name_of
from sabiscore.season.standings import tie_break
from sabiscore.service import PredictionService
from sabiscore.settings import PREFIX, Settings
from sabiscore.telemetry.families import TAKEN
from sabiscore.telemetry.memory import Memory
from sabiscore.telemetry.provider import Telemetry
from sabiscore.telemetry.report import Report
from tests.deploy.routes import described_routes

ROOT = Path(__file__).parents[2]
BACKTEST = ROOT / "benchmarks" / "BACKTEST.md"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
PROJECTIONS = ROOT / "benchmarks" / "PROJECTIONS.md"
ATTACKS = ROOT / "benchmarks" / "ATTACKS.md"
QUEUE = ROOT / "benchmarks" / "QUEUE.md"

WIDTH = 100
"""Characters of JSON on a line."""

OF_A_CORE = 0.6
"""The share of what a core can do that is planned with: the rest is for peaks and for a pod that is away."""

CONTRACT = 6
"""Fields of an answer that never change."""

Rows: TypeAlias = Iterable[Sequence[str]]

PARTS: dict[str, Callable[[], str]] = {}


def part(make: Callable[[], str]) -> Callable[[], str]:
    """Register what stands between the markers of its name."""
    PARTS[make.__name__] = make
    return make


def render(page: str) -> str:
    """A page with its parts as the program says them now."""
    return re.sub(
        r"(<!-- (\w+): begin -->\n).*?(<!-- \2: end -->)",
        lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}",
        page,
        flags=re.DOTALL,
    )


@part
def settings() -> str:
    """Variables, from the fields of `Settings` and their docstrings."""
    said = docstrings(Settings)
    return table(
        ("variable", "default", "meaning"),
        (
            (f"`{PREFIX}{field.upper()}`", shown(default), said[field])
            for field, default in msgspec.structs.asdict(Settings()).items()
        ),
    )


@part
def metrics() -> str:
    """Families, kinds and labels as /metrics has them, and their HELP."""
    return table(
        ("metric", "kind", "labels", "meaning"),
        (
            (f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels), meaning)
            for name, kind, labels, meaning in families(everything_measured())
        ),
    )


@part
def routes() -> str:
    """Routes, from the application and the docstrings of their handlers."""
    return table(
        ("route", "answer"),
        ((", ".join(f"`{each}`" for each in several), said) for said, several in described_routes().items()),
    )


@part
def errors() -> str:
    """Kinds of problems, and when they are answered."""
    return table(
        ("status", "`type`: `/problems/`...", "when"),
        ((str(kind.status), f"`{kind.name}`", kind.when.rstrip(".")) for kind in problems.KINDS),
    )


@part
def commands() -> str:
    """Commands with their options, as `--help` tells them."""
    return "\n\n".join(_commands(main))


@part
def rooms() -> str:
    """The layers that import-linter holds, with the first line of each module: imports go down, never up."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [layer.split(" | ") for layer in contract["contracts"][0]["layers"]]
    wide = max(len(name) for layer in layers for name in layer)
    blocks = ["\n".join(f"{name:{wide}}  {_first_line(name)}" for name in layer) for layer in layers]
    return indent("\n\n".join(blocks), "    ")


@part
def benchmarks() -> str:
    """Every command of the benchmarks: the line that runs it, and what its module says first."""
    docs = [
        ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for path in sorted((ROOT / "benchmarks").rglob("*.py"))
    ]
    found = [(doc, re.search(r"^    (uv run .*)$", doc, re.MULTILINE)) for doc in docs]
    return table(
        ("command", "what it does"), ((f"`{run[1]}`", doc.split("\n\n")[0]) for doc, run in found if run)
    )


@part
def answer() -> str:
    """The whole answer to the README's request."""
    return indent(trimmed(answered()), "    ")


@part
def contract() -> str:
    """The fields of that answer that never change."""
    lines = trimmed(dict(list(answered().items())[:CONTRACT])).splitlines()
    return indent("\n".join([*lines[:-2], f"{lines[-2]},", "  ...", lines[-1]]), "    ")


@part
def quality() -> str:
    """The best known forecasts of the backtest, with the scores that most people ask for, without intervals."""
    header, _, *rows = _cells(BACKTEST.read_text(encoding="utf-8"), "| forecast | RPS")
    named = {row[0]: [each.partition(" (")[0] for each in row] for row in rows}
    places = [header.index(name) for name in ("forecast", "RPS", "expected gap", "KL", "accuracy", "ECE")]
    chosen = ("market closing", "market", "ours with odds", "ours", "Dixon-Coles", "Elo", "base rates")
    return table([header[k] for k in places], ([named[name][k] for k in places] for name in chosen))


@part
def projections() -> str:
    """What projected tables are worth: the Brier scores of ours and naive, with the interval of their difference."""
    _, _, *rows = _cells(PROJECTIONS.read_text(encoding="utf-8"), "| event | match days")
    said: dict[str, dict[str, str]] = {}
    for event, days, ours, naive, difference, *_ in rows:
        said.setdefault(days, {})[event] = f"{ours} / {naive}: {difference}"
    events = list(dict.fromkeys(row[0] for row in rows))
    return table(
        ("match days", *events),
        ((days, *(found[event] for event in events)) for days, found in said.items()),
    )


@part
def ranking() -> str:
    """How each league ranks clubs with as many points, and since when it has."""
    known = load()
    rows = []
    for league in known.leagues:
        seasons = sorted(known.seasons[league.code], key=lambda rules: rules.since)
        for number, rules in enumerate(seasons):
            if not number or rules.ranking != seasons[number - 1].ranking:
                found = tie_break(rules)
                since = name_of(rules.since) if number else "the first"
                rows.append((f"{league.code} {league.name}", since, found.rule, found.source))
    return table(("league", "since", "rule", "whose"), rows)


@part
def speed() -> str:
    """Every target of the benchmark, with what was found."""
    header, _, *rows = _cells(RESULTS.read_text(encoding="utf-8"), "| workload | figure of ours")
    return table([*header[:-1], "verdict"], rows)


@part
def attacks() -> str:
    """What others noticed of each attack: MB that the largest worker grew by, without a proxy and through one."""
    alone, proxied = (
        {(row[0], row[1]): row for row in rows}
        for _, _, *rows in (
            _cells(sheet, "| attack | workers") for sheet in ATTACKS.read_text("utf-8").split("\n## ")[1:]
        )
    )
    figures = ("grew MB", "outage s", "p99 ms")
    return table(
        ("attack", "workers", *figures, *(f"by proxy: {each}" for each in figures)),
        ((*key, *_noticed(row), *_noticed(proxied.get(key))) for key, row in alone.items()),
    )


def _noticed(row: Sequence[str] | None) -> tuple[str, str, str]:
    """MB, seconds and milliseconds of an attack in ATTACKS.md; dashes where it was not made."""
    return (f"{int(row[3]) - int(row[2])}", row[7], row[8]) if row else ("-", "-", "-")


@part
def growth() -> str:
    """Pods of one worker for a load: what a core gives in the benchmark, planned with to a share, and one pod more."""
    mixes = {"hot get": "the same by GET", "mix": "73 % asked before", "odds": "each new, with odds"}
    given = {name: _rate(name) for name in mixes}
    return table(
        ("requests/s", *(f"{said} ({given[name]:,.0f} a core)" for name, said in mixes.items())),
        (
            (f"{load:,}", *(str(max(2, ceil(load / (OF_A_CORE * given[name])) + 1)) for name in mixes))
            for load in (1_000, 10_000, 100_000)
        ),
    )


@part
def queue() -> str:
    """One worker as a queue, simulated and measured."""
    return QUEUE.read_text(encoding="utf-8").partition("\n\n")[2].strip()


def _rate(workload: str) -> float:
    """Requests a second of one worker on one core, by the benchmark's table of that workload."""
    _, _, sheet = RESULTS.read_text(encoding="utf-8").partition(f"\n## {workload}: ")
    _, _, *rows = _cells(sheet, "| contender | requests/s")
    return next(float(row[1].replace(",", "")) for row in rows if row[0] == "ours")


@part
def backtest() -> str:
    """Most tables of the later seasons; betting, reliability by bins and earlier ones are in the whole of it."""
    later = BACKTEST.read_text(encoding="utf-8").partition("\n## 2014/15")[0]
    sheets = re.split(r"^(?=\*\*)", later, flags=re.MULTILINE)[1:]
    return "\n\n".join(
        sheet.strip() for sheet in sheets if not sheet.startswith(("**Betting", "**Reliability"))
    )


def table(header: Sequence[str], rows: Rows) -> str:
    """Markdown."""
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def cell(text: str) -> str:
    """Text on one line, without its last full stop, with Markdown's backticks."""
    flat = " ".join(text.split())
    return (flat if flat.endswith("...") else flat.removesuffix(".")).replace("``", "`").replace("|", r"\|")


def shown(default: object) -> str:
    """A default as it is set."""
    return "none" if default == "" else str(default).lower()


def docstrings(owner: ModuleType | type) -> dict[str, str]:
    """What stands below each assignment of a module or class."""
    [*body] = ast.parse(dedent(inspect.getsource(owner))).body
    if isinstance(owner, type) and isinstance(body[0], ast.ClassDef):
        body = body[0].body
    found: dict[str, str] = {}
    for above, below in pairwise(body):
        match above, below:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = text
    return found


def answered() -> dict[str, Any]:
    """The shipped model's answer to the README's request."""
    body = re.search(r"-d '(\{.*?\})'", (ROOT / "README.md").read_text(encoding="utf-8"))
    if body is None:
        raise ValueError("README.md shows no request")
    asked = msgspec.json.decode(body[1], type=PredictRequest)
    service = PredictionService.load()
    fixture = service.resolve(
        home_team=asked.home_team,
        away_team=asked.away_team,
        league=asked.league,
        kickoff_time=asked.kickoff_time,
        odds=asked.odds,
    )
    found: dict[str, Any] = json.loads(asyncio.run(service.answer(fixture)).body)
    return found


def trimmed(value: Any) -> str:  # noqa: ANN401 - JSON
    """JSON to read: of a long list of objects only the first."""
    flat = json.dumps(value)
    if len(flat) <= WIDTH:
        return flat
    if isinstance(value, dict):
        items = [f"{json.dumps(name)}: {trimmed(each)}" for name, each in value.items()]
        return "{\n" + indent(",\n".join(items), "  ") + "\n}"
    if isinstance(value[0], dict):
        return f"[{json.dumps(value[0])}, ...]"
    return "[\n" + indent(",\n".join(map(json.dumps, value)), "  ") + "\n]"


def everything_measured() -> str:
    """What a worker to which everything has happened once says at /metrics."""
    memory = Memory.inherited()
    Report(memory, 1)
    telemetry = Telemetry(memory)
    instruments = telemetry.instruments
    instruments.bundle_loaded(version="3f9c1d2ab047", data_through=date(2025, 5, 25))
    instruments.request("/api/v1/predict", "POST", 200, 0.001)
    instruments.sampled(TAKEN, float, "one")
    instruments.model_called(rows=1, seconds=0.0001)
    instruments.record_loaded(sealed=0, settled=0, alarms={"calibration": 0})
    instruments.leagues_loaded(settled={"E0": 0}, rps={("E0", "ours"): 0.2})
    instruments.failed(operation="get", reason="timeout")
    text = telemetry.scrape().decode()
    telemetry.close()
    return text


def families(text: str) -> Iterator[tuple[str, str, list[str], str]]:
    """Name, kind, labels (but those that all have) and meaning of every metric of an exposition."""
    for family in text.split("# HELP ")[1:]:
        help_, type_, *samples = family.splitlines()
        name, _, meaning = help_.partition(" ")
        labels = set(re.findall(r'[{,](\w+)="', "\n".join(samples))) - {"worker", "le"}
        yield name, type_.split()[-1], sorted(labels), meaning


def _first_line(name: str) -> str:
    """What a module of the package says first."""
    place = ROOT / "sabiscore" / name
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return (ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _commands(group: click.Group, above: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield _command(command, f"{above}{name}")
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above}{name} ")


def _command(command: click.Command, name: str) -> str:
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    text = "\n\n".join(" ".join(each.split()) for each in (command.help or "").split("\n\n"))
    options = [_option(each) for each in command.params if isinstance(each, click.Option)]
    parts = [f"### `{name}`", text, f"    sabiscore {name} {usage}"]
    return "\n\n".join([*parts, table(("option", "default", "meaning"), options)] if options else parts)


def _option(option: click.Option) -> tuple[str, str, str]:
    """Name, default and meaning; a default in words stands for one that the command finds out."""
    default = option.show_default if isinstance(option.show_default, str) else option.default
    usual = "off" if option.is_flag else "none"
    told = str(default) if isinstance(default, str | int | float) and default not in ("", False) else usual
    return f"`{option.opts[0]}`", "required" if option.required else told, option.help or ""


def _cells(text: str, first: str) -> list[list[str]]:
    """The rows of the table whose header begins so."""
    lines = text[text.index(first) :].split("\n\n", 1)[0].splitlines()
    return [[each.strip() for each in line.strip("|").split("|")] for line in lines]
