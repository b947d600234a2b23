"""The dashboard is Grafana's as far as it can be told without it, and every query of it finds something."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from benchmarks import dashboard

DEPLOY = Path(__file__).parents[2] / "deploy"
BOARD: dict[str, Any] = msgspec.json.decode((DEPLOY / "grafana" / "sabiscore.json").read_bytes())


@pytest.mark.prometheus
class TestEveryQuery:
    async def test_finds_something_in_a_real_prometheus(self) -> None:
        found = await dashboard.look()
        assert len(found) == sum(len(panel["targets"]) for panel in BOARD["panels"])
        assert [each.query for each in found if not each.series] == []


def beyond(mine: Any, known: Any, where: str = "") -> list[str]:  # noqa: ANN401 - JSON
    """What of a dashboard is not there, or is another thing, where only what Grafana's model knows was kept."""
    if isinstance(mine, dict) and isinstance(known, dict):
        return [each for name in mine for each in beyond(mine[name], known.get(name), f"{where}.{name}")]
    if isinstance(mine, list) and isinstance(known, list) and len(mine) == len(known):
        pairs = enumerate(zip(mine, known, strict=True))
        return [each for number, pair in pairs for each in beyond(*pair, f"{where}[{number}]")]
    return [] if mine == known else [where]


class TestTheModel:
    """Grafana's own, as its SDK has it."""

    def test_knows_every_field(self) -> None:
        register_default_plugins()
        kept = msgspec.json.decode(JSONEncoder().encode(Dashboard.from_json(BOARD)))
        assert beyond(BOARD, kept) == []

    def test_does_not_know_one_that_is_made_up(self) -> None:
        register_default_plugins()
        board = msgspec.json.decode(msgspec.json.encode(BOARD))
        board["panels"][0]["targets"][0]["exprr"] = "up"
        kept = msgspec.json.decode(JSONEncoder().encode(Dashboard.from_json(board)))
        assert beyond(board, kept) == [".panels[0].targets[0].exprr"]


class TestPanels:
    def test_are_told_apart_and_explained(self) -> None:
        panels = BOARD["panels"]
        assert (
            len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
        )
        assert all(panel["description"].endswith(".") for panel in panels)

    def test_lie_on_a_grid_without_touching(self) -> None:
        taken: set[tuple[int, int]] = set()
        for panel in BOARD["panels"]:
            at = panel["gridPos"]
            cells = {(at["x"] + i, at["y"] + j) for i in range(at["w"]) for j in range(at["h"])}
            assert not cells & taken
            assert max(x for x, _ in cells) < 24
            taken |= cells

    def test_read_from_the_datasource_that_is_provisioned(self) -> None:
        [source] = msgspec.yaml.decode((DEPLOY / "grafana" / "datasource.yaml").read_bytes())["datasources"]
        assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {source["uid"]}

    def test_that_the_runbook_names_are_there(self) -> None:
        titles = {panel["title"] for panel in BOARD["panels"]}
        assert {"Errors", "Latency", "Workers", "Valkey", "CPU", "Hit rate by layer"} <= titles
