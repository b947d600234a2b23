"""The documentation names everything that a user can set, run, call or measure, as the program has it."""

import re
from collections import Counter
from collections.abc import Iterator

import click
import msgspec
import pytest
from click.testing import CliRunner

from sabiscore.api import problems
from sabiscore.cli import main
from sabiscore.domain import InPlayPrediction, Markets, Prediction
from sabiscore.settings import PREFIX, Settings
from sabiscore.telemetry.families import OF_THE_SERVICE, OF_WORKERS
from tests.deploy.routes import routes
from tests.docs.__main__ import docs
from tests.docs.pages import pages
from tests.docs.tables import PARTS, ROOT, everything_measured, families, render

API, DEPLOY, PACKAGE = (ROOT / name / "README.md" for name in ("sabiscore/api", "deploy", "sabiscore"))


def section(page: str, title: str) -> str:
    """The text below ``## title``."""
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands_of(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its whole name, those of groups too."""
    for name, command in group.commands.items():
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{above}{name} ")


COMMANDS = dict(commands_of(main))


def rows(text: str) -> dict[str, str]:
    """Rows of tables by the names in backticks in their first cell."""
    found = re.findall(r"^\| (`.*?) \| (.*) \|$", text, re.MULTILINE)
    return {name: rest for names, rest in found for name in re.findall(r"`(.+?)`", names)}


def commands() -> dict[str, str]:
    """The text of each command."""
    parts = re.split(r"^### `([\w ]+)`$", section(PACKAGE.read_text("utf-8"), "Commands"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class TestParts:
    def test_are_what_the_program_says(self) -> None:
        done = CliRunner().invoke(docs, [])
        assert done.exit_code == 0, done.output

    def test_have_a_place_each(self) -> None:
        marked = [
            name
            for path in pages()
            for name in re.findall(r"^<!-- (\w+): begin -->$", path.read_text("utf-8"), re.MULTILINE)
        ]
        assert set(marked) == PARTS.keys()

    def test_end_where_they_begin(self) -> None:
        for path in pages():
            marks = re.findall(r"^<!-- (\w+): (begin|end) -->$", path.read_text("utf-8"), re.MULTILINE)
            assert marks[::2] == [(name, "begin") for name, _ in marks[1::2]]

    def test_are_put_between_their_markers(self) -> None:
        page = "before\n<!-- rooms: begin -->\nold\n<!-- rooms: end -->\nafter\n"
        assert render(page) == page.replace("old", PARTS["rooms"]())

    def test_that_nobody_makes_are_refused(self) -> None:
        with pytest.raises(KeyError):
            render("<!-- rumours: begin -->\n<!-- rumours: end -->")


class TestCommands:
    def test_are_all_there_and_no_other(self) -> None:
        assert commands().keys() == COMMANDS.keys()

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_have_all_their_options_and_arguments_and_no_other(self, name: str) -> None:
        command, text = COMMANDS[name], commands()[name]
        options = {opt for each in command.params if isinstance(each, click.Option) for opt in each.opts}
        assert rows(text).keys() == options - {"leagues", "since", "as_json", "as_markdown"}
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        assert [each.human_readable_name for each in arguments if each.human_readable_name not in text] == []

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_have_an_example(self, name: str) -> None:
        assert f"Example: sabiscore {name}" in commands()[name] or isinstance(COMMANDS[name], click.Group)

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_tell_which_options_they_require_and_the_defaults_they_show(self, name: str) -> None:
        told = rows(commands()[name])
        for each in COMMANDS[name].params:
            if isinstance(each, click.Option) and (each.required or each.show_default):
                words = each.show_default if isinstance(each.show_default, str) else each.default
                assert told[each.opts[0]].startswith(f"{'required' if each.required else words} |")


class TestSettings:
    def test_are_all_there_and_no_other(self) -> None:
        variables = {f"{PREFIX}{field.upper()}" for field in Settings.__struct_fields__}
        assert rows(section(DEPLOY.read_text("utf-8"), "Settings")).keys() == variables

    def test_have_the_defaults_told(self) -> None:
        told = rows(section(DEPLOY.read_text("utf-8"), "Settings"))
        for field, default in msgspec.structs.asdict(Settings()).items():
            if default:
                assert told[f"{PREFIX}{field.upper()}"].startswith(f"{default} |".lower())


class TestRoutes:
    def test_are_all_there_and_no_other(self) -> None:
        assert rows(section(API.read_text("utf-8"), "Routes")).keys() == routes()


class TestAnswer:
    def test_has_every_field(self) -> None:
        assert rows(section(API.read_text("utf-8"), "The answer")).keys() == set(Prediction.__struct_fields__)

    def test_has_every_market(self) -> None:
        assert rows(section(API.read_text("utf-8"), "Bets")).keys() == set(Markets.__struct_fields__)

    def test_has_every_field_of_a_match_that_is_being_played(self) -> None:
        told = rows(section(API.read_text("utf-8"), "A match that is being played"))
        assert told.keys() == set(InPlayPrediction.__struct_fields__)


class TestProblems:
    def test_are_all_there_with_their_status(self) -> None:
        kinds = problems.KINDS
        errors = section(API.read_text("utf-8"), "Errors")
        told = re.findall(r"^\| (\d{3}) \| `(.*?)` \| [A-Z]", errors, re.MULTILINE)
        assert Counter(told) == Counter((str(kind.status), kind.name) for kind in kinds)


class TestMetrics:
    def test_are_all_there_with_their_kind_and_labels(self) -> None:
        told = rows(section(DEPLOY.read_text("utf-8"), "Metrics"))
        for name, kind, labels, meaning in families(everything_measured()):
            found, named, said = told[name].split(" | ", 2)
            assert (found, bool(said)) == (kind, bool(meaning))
            assert [label for label in labels if f"`{label}`" not in named] == []

    def test_none_waits_for_something_that_has_not_happened(self) -> None:
        told = " ".join(name for name, *_ in families(everything_measured()))
        known = [each.name.replace(".", "_") for each in (*OF_WORKERS, *OF_THE_SERVICE)]
        assert [name for name in known if name not in told] == []
