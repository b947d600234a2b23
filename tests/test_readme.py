"""The README names everything that a user can set, run, call or measure, and shows what is answered."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import click
import msgspec
import pytest

from sabiscore.api import problems
from sabiscore.api.schemas import PredictRequest
from sabiscore.cli import main
from sabiscore.domain import Prediction
from sabiscore.service import PredictionService
from sabiscore.settings import PREFIX, Settings
from sabiscore.telemetry.exposition import Exposition
from sabiscore.telemetry.provider import Telemetry
from tests.deploy.routes import routes

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

WIDTH = 100


def section(title: str) -> str:
    """The text below ``## title``."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """Rows of tables by the names in backticks in their first cell."""
    found = re.findall(r"^\| (`.*?) \| (.*) \|$", text, re.MULTILINE)
    return {name: rest for names, rest in found for name in re.findall(r"`(.+?)`", names)}


def commands() -> dict[str, str]:
    """The text of each command."""
    parts = re.split(r"^### `(\w+)`$", section("Commands"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class TestCommands:
    def test_are_all_there_and_no_other(self) -> None:
        assert commands().keys() == main.commands.keys()

    @pytest.mark.parametrize("name", sorted(main.commands))
    def test_have_all_their_options_and_arguments_and_no_other(self, name: str) -> None:
        command, text = main.commands[name], commands()[name]
        options = {opt for each in command.params if isinstance(each, click.Option) for opt in each.opts}
        assert rows(text).keys() == options
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        assert [each.human_readable_name for each in arguments if each.human_readable_name not in text] == []

    @pytest.mark.parametrize("name", sorted(main.commands))
    def test_tell_which_options_they_require_and_the_defaults_they_show(self, name: str) -> None:
        told = rows(commands()[name])
        for each in main.commands[name].params:
            if isinstance(each, click.Option) and (each.required or each.show_default):
                assert told[each.opts[0]].startswith(f"{'required' if each.required else each.default} |")


class TestSettings:
    def test_are_all_there_and_no_other(self) -> None:
        variables = {f"{PREFIX}{field.upper()}" for field in Settings.__struct_fields__}
        assert rows(section("Settings")).keys() == variables

    def test_have_the_defaults_told(self) -> None:
        told = rows(section("Settings"))
        for field, default in msgspec.structs.asdict(Settings()).items():
            if default:
                assert told[f"{PREFIX}{field.upper()}"].startswith(f"{default} |".lower())


class TestRoutes:
    def test_are_all_there_and_no_other(self) -> None:
        assert rows(section("Routes")).keys() == routes()


class TestAnswer:
    def test_has_every_field(self) -> None:
        assert rows(section("The answer")).keys() == set(Prediction.__struct_fields__)

    async def test_shown_is_that_of_the_shipped_model(self, service: PredictionService) -> None:
        body = re.search(r"-d '(\{.*?\})'", README)
        assert body
        asked = msgspec.json.decode(body[1], type=PredictRequest)
        fixture = service.resolve(
            home_team=asked.home_team,
            away_team=asked.away_team,
            league=asked.league,
            kickoff_time=asked.kickoff_time,
            odds=asked.odds,
        )
        answer = json.loads((await service.answer(fixture)).body)
        shown = indent(trimmed(answer), " " * 4)
        assert shown in README, f"replace the README's answer by this one:\n\n{shown}"


class TestProblems:
    def test_are_all_there_with_their_status(self) -> None:
        kinds = [each for each in vars(problems).values() if isinstance(each, problems.Kind)]
        found = re.findall(r"^\| (\d{3}) \| (`.*?`) \|", section("Errors"), re.MULTILINE)
        told = {(int(status), name) for status, names in found for name in re.findall(r"`(.+?)`", names)}
        assert told == {(kind.status, kind.name) for kind in kinds}


class TestMetrics:
    async def test_are_all_there_with_their_kind_and_labels(self) -> None:
        told = rows(section("Metrics"))
        for name, kind, labels in families(await everything_measured()):
            found, named = told[name].split("|")[:2]
            assert found.strip() == kind
            assert [label for label in labels if f"`{label}`" not in named] == []


class TestFiles:
    def test_name_no_place_on_a_developers_machine(self) -> None:
        homes = re.compile(rb"/(?:work|root|home/\w+|Users/\w+)/")
        folders = [ROOT / name for name in (".ci", "benchmarks", "deploy", "sabiscore", "tests")]
        files = [file for file in ROOT.glob("[!.]*") if file.is_file()]
        files += [file for folder in folders for file in folder.rglob("*") if "__pycache__" not in file.parts]
        assert [file for file in files if file.is_file() and homes.search(file.read_bytes())] == []


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


async def everything_measured() -> str:
    """What a worker to which everything has happened once says at /metrics."""
    telemetry = Telemetry()
    instruments = telemetry.instruments
    instruments.bundle_loaded(version="3f9c1d2ab047", data_through=date(2025, 5, 25))
    instruments.request(route="predict", result="ok", seconds=0.001)
    instruments.model_called(rows=1, seconds=0.0001)
    instruments.failed(operation="get", reason="timeout")
    text = (await Exposition(telemetry.scrape).text()).decode()
    telemetry.close()
    return text


def families(text: str) -> Iterator[tuple[str, str, set[str]]]:
    """Name, kind and labels of every metric, without those labels that all have."""
    for family in text.split("# TYPE ")[1:]:
        name, kind = family.split()[:2]
        yield name, kind, set(re.findall(r'[{,](\w+)="', family)) - {"worker", "le"}
