"""Every command that a page shows in a block is run by a test, or is told apart with the reason why it cannot be."""

import ast
import importlib.util
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from benchmarks.serving import SABISCORE, Service, started
from sabiscore.api.keys import Keys
from sabiscore.cli import main
from tests.docs.pages import pages
from tests.docs.tables import ROOT

PROGRAMS = frozenset(
    {
        "cp", "curl", "docker", "git", "haproxy", "helm", "npm", "npx", "openssl", "pip", "printf", "python", "python3",
        "sabiscore", "uv", "uvx", ".ci/run", ".venv/bin/sabiscore",
    }
)  # fmt: skip

SERVED = ("uv run sabiscore serve", ".venv/bin/sabiscore serve")
"""What the server below is started with, but for the port."""

KEY_KEPT = 'printf %s "$KEY" | sha256sum >> keys'

UPDATED = "tests/cli/test_bundles.py::test_update_pulls_makes_and_publishes_and_then_has_nothing_to_do"

ROLLED_BACK = "tests/cli/test_bundles.py::test_a_bundle_is_rolled_back_and_made_current_again"

RUN_BY: Mapping[str, str] = {
    "uv run sabiscore update": UPDATED,
    "0 */6 * * * sabiscore update": UPDATED,
    "sabiscore update --publish s3://football/bundle.tar --sign-key private.pem": (
        "tests/cli/test_bundles.py::test_update_packs_signs_and_publishes_once"
    ),
    "SABISCORE_BUNDLE=https://cdn.example.com/bundle.tar SABISCORE_BUNDLE_KEY=public.pem sabiscore serve": (
        "tests/server/test_remote_bundle.py::test_takes_up_what_is_put_there_signed_and_goes_on_without_a_network"
    ),
    "uv run sabiscore pull --into matches": "tests/cli/test_cli.py::test_brings_files_and_then_leaves_them_unchanged",
    "uv run sabiscore train --data matches --until 2024-07-01 --out candidate": (
        "tests/cli/test_cli.py::test_with_tuning_searches_first_then_makes_a_bundle_that_predicts"
    ),
    "uv run sabiscore evaluate --data matches --bundle candidate --from 2024-07-01": (
        "tests/cli/test_cli.py::test_prints_a_table_that_warns_of_matches_seen_in_training"
    ),
    "sabiscore score --in fixtures.csv --out predictions.parquet": (
        "tests/cli/test_bulk.py::test_says_how_many_were_predicted"
    ),
    "sabiscore export --out site": "tests/cli/test_bulk.py::test_writes_the_week_of_what_would_be_served",
    "sabiscore serve --workers 2 --update-every 6h": (
        "tests/server/test_updating.py::test_answers_from_what_it_brought_by_itself"
    ),
    "sabiscore pull --into matches --league EPL --from 2324": (
        "tests/cli/test_cli.py::test_brings_files_and_then_leaves_them_unchanged"
    ),
    "sabiscore train --data matches --out candidate": (
        "tests/cli/test_cli.py::test_with_tuning_searches_first_then_makes_a_bundle_that_predicts"
    ),
    "sabiscore evaluate --data matches --from 2025-03-01": (
        "tests/cli/test_cli.py::test_prints_a_table_that_warns_of_matches_seen_in_training"
    ),
    "sabiscore backtest --data matches --leagues E0 --quick": (
        "tests/evaluation/test_backtest.py::test_of_chosen_leagues_looks_at_no_other"
    ),
    "sabiscore update --data football": UPDATED,
    "sabiscore bundle show": "tests/cli/test_cli.py::test_prints_the_card_of_the_shipped_one",
    "sabiscore bundle sign candidate --key private.pem": "tests/cli/test_bundles.py::test_a_bundle_is_signed",
    "sabiscore bundle list": ROLLED_BACK,
    "sabiscore bundle activate 3f9c1d2ab047": ROLLED_BACK,
    "sabiscore bundle rollback": ROLLED_BACK,
    "sabiscore record show": "tests/cli/test_record.py::test_prints_the_record",
    "sabiscore record verify": "tests/cli/test_record.py::test_says_that_nothing_was_changed",
    "sabiscore record check": "tests/cli/test_record.py::test_is_quiet_while_all_is_as_it_is_said",
    "sabiscore completion bash": "tests/cli/test_completion.py::test_completes_by_tab",
    "npx openapi-typescript --default-non-nullable=false http://localhost:8000/schema/openapi.json -o sabiscore.ts": (
        "tests/generated/test_typescript.py::test_fits_the_types_and_is_answered"
    ),
    ".ci/run docs --write": "tests/docs/test_tables.py::test_are_what_the_program_says",
    "haproxy -c -f deploy/haproxy.cfg && haproxy -f deploy/haproxy.cfg": (
        "tests/deploy/test_haproxy.py::test_is_one_without_a_warning"
    ),
    "uv run python -m benchmarks.restarts": (
        "tests/benchmarks/test_restarts.py::test_is_answered_behind_the_proxy_whatever_ends"
    ),
    "cp deploy/nginx-cache.conf /etc/nginx/conf.d/ && nginx -t && nginx -s reload": (
        "tests/deploy/test_nginx.py::test_asks_the_service_once"
    ),
}
"""Commands, without remarks, that a test runs with arguments of its own."""

NOT_HERE: Mapping[str, str] = {
    "uv sync": "changes the environment that tests run in; .ci/run and the bare run begin with it",
    "uv run pytest": "is what runs this; the bare run does it in a fresh clone",
    ".ci/run": "runs this",
    "uvx pre-commit install": "changes the checkout",
    "docker": "needs Docker and a registry; tests/deploy reads the Containerfile and the compose file",
    "helm install": "needs a cluster; `.ci/run chart` renders and validates the chart",
    "OTEL_EXPORTER_OTLP_ENDPOINT=": "needs a collector of that name; tests/server/test_watched.py has one",
    "uv run python -m benchmarks.abuse": "takes many minutes; tests/abuse runs its attacks for a second each",
    "uv run python -m benchmarks.edge": "needs nginx and quiet cores; tests/deploy/test_nginx.py asks the same",
    "uv run python -m benchmarks.watched": "takes a minute; tests/server/test_watched.py has each setting",
    'curl -H "X-API-Key: $KEY" ...': "stands for any request; tests/server/test_admin.py sends such a header",
}
"""Commands that cannot be run on any machine, by how they begin."""


def commands_of(page: str) -> Iterator[str]:
    """The commands in the blocks of a page, without remarks; what the program writes there is not looked at."""
    own = re.sub(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", "", page, flags=re.DOTALL)
    fenced = re.findall(r"^```\w*\n(.*?)^```", own, re.DOTALL | re.MULTILINE)
    blocks = [*fenced, *re.findall(r"(?:^    .*\n?)+", own, re.MULTILINE)]
    for block in blocks:
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            command = re.sub(r"\s+#.*", "", line).strip()
            plain = re.sub(r"^(?:[A-Z_]+=\S+ +)+|^(?:[\d*/]+ +){5}", "", command)
            if plain.partition(" ")[0] in PROGRAMS:
                yield " ".join(command.split())


@cache
def shown() -> frozenset[str]:
    """All of them, and the examples of `--help`."""
    texts = [path.read_text("utf-8") for path in pages()]
    examples = re.findall(r"^Example: (.*)$", "\n".join(texts), re.MULTILINE)
    return frozenset([*(command for text in texts for command in commands_of(text)), *examples])


ASKED = sorted(command for command in shown() if command.startswith("curl -s"))
DRAWN = sorted(
    command
    for command in shown()
    if command.startswith(("sabiscore predict", "sabiscore fixtures", "sabiscore table"))
)


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    assert SABISCORE.name == "sabiscore"
    with started() as service:
        service.wait_until_ready()
        yield service


class TestEveryCommand:
    def test_is_run_by_a_test_or_cannot_be(self) -> None:
        run = {*ASKED, *DRAWN, *SERVED, *RUN_BY, KEY_KEPT}
        assert [each for each in sorted(shown() - run) if not each.startswith(tuple(NOT_HERE))] == []

    def test_that_is_accounted_for_is_on_a_page(self) -> None:
        assert {*SERVED, *RUN_BY, KEY_KEPT} - shown() == set()
        assert [each for each in NOT_HERE if not any(one.startswith(each) for one in shown())] == []

    @pytest.mark.parametrize("test", sorted(set(RUN_BY.values())))
    def test_has_the_test_that_is_named(self, test: str) -> None:
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        defined = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in defined

    def test_of_the_benchmarks_is_there(self) -> None:
        text = "\n".join(path.read_text("utf-8") for path in pages())
        modules = set(re.findall(r"python -m ((?:benchmarks|tests)[\w.]*)", text))
        assert modules
        assert [each for each in sorted(modules) if importlib.util.find_spec(each.rstrip(".")) is None] == []


class TestWhatIsAsked:
    @pytest.mark.parametrize("command", ASKED)
    def test_is_answered(self, server: Service, command: str) -> None:
        words = shlex.split(command.removeprefix("curl -s"))
        given = dict(zip(words[1::2], words[2::2], strict=True))
        headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
        url = words[0].replace("localhost:8000", server.url.removeprefix("http://"))
        response = httpx.request(
            "POST" if "-d" in given else "GET",
            f"http://{url}",
            content=given.get("-d"),
            headers=headers,
            timeout=60,
        )
        assert response.status_code == 200, response.text


class TestWhatIsDrawn:
    @pytest.mark.parametrize("command", DRAWN)
    def test_ends_well(self, command: str) -> None:
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
        assert done.output


@pytest.mark.shell
class TestAKey:
    def test_is_kept_as_the_page_says(self, tmp_path: Path) -> None:
        environment = os.environ | {"KEY": "sesame"}
        subprocess.run(["/bin/sh", "-c", KEY_KEPT], cwd=tmp_path, env=environment, check=True)  # noqa: S603 - ours
        assert Keys(tmp_path / "keys").holder("sesame")
