import io
import logging
import sys

import msgspec
import pytest

from sabiscore.server.logs import Json, Text, config
from sabiscore.settings import Settings


def record(message: str, error: BaseException | None = None, **fields: object) -> logging.LogRecord:
    info = (type(error), error, None) if error else None
    made = logging.LogRecord("sabiscore.a", logging.INFO, "a.py", 1, message, (), info)
    made.fields = fields
    return made


class TestJson:
    def test_is_one_line_whatever_is_said(self) -> None:
        text = Json().format(
            record('two\nlines and "quotes"', ValueError("bad\nvalue"), route="/a", status=200)
        )
        assert "\n" not in text
        line = msgspec.json.decode(text)
        assert (line["level"], line["logger"], line["message"]) == (
            "info",
            "sabiscore.a",
            'two\nlines and "quotes"',
        )
        assert (line["route"], line["status"]) == ("/a", 200)
        assert "ValueError: bad" in line["exception"]


class TestText:
    def test_has_what_is_said_of_a_request_behind_it(self) -> None:
        text = Text("%(levelname)s %(message)s").format(record("GET /a", request_id="b", layer=""))
        assert text == "INFO GET /a request_id=b"


class TestTheFormat:
    @pytest.mark.parametrize(
        ("chosen", "terminal", "expected"),
        [("auto", True, "text"), ("auto", False, "json"), ("json", True, "json"), ("text", False, "text")],
    )
    def test_is_text_for_people_and_json_for_machines(
        self, chosen: str, expected: str, monkeypatch: pytest.MonkeyPatch, *, terminal: bool
    ) -> None:
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        settings = msgspec.convert({"log_format": chosen}, Settings)
        assert config(settings)["handlers"]["stderr"]["formatter"] == expected
