"""Where log lines go: standard error, each on its own: JSON for machines, or text for people."""

import logging
import logging.config
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

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
            "text": {"()": Text, "fmt": "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"},
            "json": {"()": Json},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": _format(settings),
                "stream": "ext://sys.stderr",
            },
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "sabiscore": {"level": level},
            "_granian": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }


class Text(logging.Formatter):
    """A line with time, level, process and logger; what it says of a request behind it, tracebacks below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own
        """The line."""
        said = " ".join(f"{name}={value}" for name, value in _fields(record).items() if value not in ("", {}))
        return f"{super().formatMessage(record)} {said}".rstrip()


class Json(logging.Formatter):
    """An object on a line, with the traceback in it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


def _format(settings: Settings) -> str:
    if settings.log_format != "auto":
        return settings.log_format
    return "text" if sys.stderr is not None and sys.stderr.isatty() else "json"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says beside its message."""
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields
