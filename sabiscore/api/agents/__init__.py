"""For agents that call tools: small answers, each with where it is from, by the Model Context Protocol."""

from importlib import import_module

from litestar.plugins import InitPlugin

from sabiscore.api.lifespan import Resources
from sabiscore.errors import SettingsError


def plugins(resources: Resources) -> list[InitPlugin]:
    """What an application needs to answer agents, where the settings want that.

    Raises:
        SettingsError: the library is not installed.
    """
    if not resources.settings.mcp:
        return []
    try:
        found = import_module("sabiscore.api.agents.mcp")
    except ModuleNotFoundError as error:
        raise SettingsError(
            "SABISCORE_MCP needs the library mcp, which is not installed: sabiscore[mcp]"
        ) from error
    return [found.AgentsPlugin(resources)]
