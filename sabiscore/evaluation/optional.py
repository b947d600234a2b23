"""Libraries that only the backtest needs, imported when it runs."""

import importlib
from typing import Any

from sabiscore.errors import SabiScoreError


def need(module: str) -> Any:  # noqa: ANN401 - a module without types
    """Import a module of the dependency group `backtest`.

    Raises:
        SabiScoreError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise SabiScoreError(
            f"the backtest needs {package}, which is not installed: uv sync --group backtest"
        ) from error
