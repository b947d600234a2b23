"""Ends under load, shortened: nobody who asks notices."""

import pytest

from benchmarks.restarts import SCENES, Plan

SHORT = Plan(requests=200, rate=100.0)


class TestARequest:
    @pytest.mark.proxy
    @pytest.mark.parametrize("name", [scene.name for scene in SCENES if "behind" in scene.name])
    async def test_is_answered_behind_the_proxy_whatever_ends(self, name: str) -> None:
        await answered(name)

    @pytest.mark.parametrize("name", [scene.name for scene in SCENES if "behind" not in scene.name])
    async def test_is_answered_where_workers_are_replaced_and_lost_only_with_a_killed_one(
        self, name: str
    ) -> None:
        await answered(name)


async def answered(name: str) -> None:
    [scene] = [scene for scene in SCENES if scene.name == name]
    row = await scene.run(scene, SHORT)
    assert row.requests >= SHORT.requests
    assert not row.short, row
