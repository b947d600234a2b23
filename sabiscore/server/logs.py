"""Where log lines go: standard error, one line each with time, level and logger; tracebacks below theirs."""

import logging.config
from typing import Any

from sabiscore.settings import Settings


def configure(settings: Settings) -> None:
    """Set up logging for this process; the last word is ours, whatever the server did before."""
    logging.config.dictConfig(config(settings))


def config(settings: Settings) -> dict[str, Any]:
    """The configuration; the server's own lines (``_granian``) come from warnings up."""
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": "ext://sys.stderr",
            },
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "sabiscore": {"level": level},
            "_granian": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }
