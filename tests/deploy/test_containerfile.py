"""The image is built from what is here, and starts what is served."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from sabiscore.cli import main
from tests.deploy.routes import port, routes

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def instruction(name: str) -> list[str]:
    """What follows each ``name`` in the Containerfile."""
    return re.findall(rf"^\s*{name}\s+(.+?)\s*$", CONTAINERFILE, re.MULTILINE)


class TestTheImage:
    def test_exposes_the_port_that_is_listened_on(self) -> None:
        assert instruction("EXPOSE") == [str(port())]

    def test_starts_a_command_there_is_with_options_it_takes(self) -> None:
        [entrypoint], [command] = instruction("ENTRYPOINT"), instruction("CMD")
        assert json.loads(entrypoint) == ["sabiscore"]
        name, *options = json.loads(command)
        context = main.commands[name].make_context(name, options)
        assert context.params["host"] == "0.0.0.0"  # noqa: S104 - a container's own network
        assert context.params["port"] == port()

    def test_is_healthy_while_a_route_answers_that_there_is(self) -> None:
        [check] = re.findall(r"HEALTHCHECK.*http://127\.0\.0\.1:(\d+)(/[\w/]+)", CONTAINERFILE)
        assert check[0] == str(port())
        assert f"GET {check[1]}" in routes()

    def test_runs_as_nobody_in_particular(self) -> None:
        [user] = instruction("USER")
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


class TestTheBuild:
    @pytest.mark.parametrize("left_out", re.findall(r"--no-install-package (\S+?)[\"\s]", CONTAINERFILE))
    def test_leaves_out_packages_that_would_come(self, left_out: str) -> None:
        locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
        assert left_out in {package["name"] for package in locked["package"]}

    def test_brings_all_that_settings_need_but_a_valkey_of_its_own(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert set(project["optional-dependencies"]) - {"embedded"} == set(
            re.findall(r"--extra (\w+)", CONTAINERFILE)
        )

    def test_copies_what_is_there_and_not_ignored(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        sources = [
            name for copied in instruction("COPY") if "--from" not in copied for name in copied.split()[:-1]
        ]
        assert sources
        for source in sources:
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored
