"""How tests share a machine: how many files run side by side, and which of them begin."""

import os

import pytest

LONGEST = (
    "faults/test_faults.py",
    "abuse/test_machine.py",
    "test_trial.py",
    "update/test_killed.py",
    "benchmarks/test_restarts.py",
    "training/test_train.py",
    "evaluation/test_backtest.py",
    "api/web/test_browser.py",
    "api/test_openapi.py",
    "server/test_serve.py",
    "server/test_machine.py",
    "server/test_metrics.py",
)
"""They begin, so that none of them runs alone at the end."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two a core, for tests of services wait half of their time."""
    return 2 * len(os.sched_getaffinity(0))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0].removeprefix("tests/")
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)
