import asyncio
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

from sabiscore.api import problems
from sabiscore.api.body import decode, read_body, while_there
from sabiscore.api.problems import Kind, ProblemError
from sabiscore.api.schemas import FieldError, PredictRequest
from sabiscore.api.work import Work

LIMIT = 10
JSON = {"content-type": "application/json"}


def scope(headers: dict[str, str]) -> HTTPScope:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    application = SimpleNamespace(state={"work": Work()})
    return cast("HTTPScope", {"type": "http", "headers": raw, "litestar_app": application})


def arriving(*chunks: bytes) -> Receive:
    """A request's chunks, the last one said to be the last."""
    left = list(chunks)

    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


async def never() -> HTTPReceiveMessage:
    raise AssertionError("read although it was refused already")


async def refusal(headers: dict[str, str], receive: Receive) -> Kind:
    with pytest.raises(ProblemError) as refused:
        await read_body(scope(headers), receive, limit=LIMIT)
    return refused.value.kind


class TestReading:
    async def test_puts_chunks_together(self) -> None:
        assert await read_body(scope(JSON), arriving(b"12345", b"", b"67890"), limit=LIMIT) == b"1234567890"
        assert await read_body(scope(JSON), arriving(b"12345", b""), limit=LIMIT) == b"12345"

    async def test_refuses_what_says_that_it_is_too_large_unread(self) -> None:
        assert await refusal(JSON | {"content-length": "11"}, never) == problems.BODY_TOO_LARGE

    async def test_refuses_what_grows_too_large_at_once(self) -> None:
        assert await refusal(JSON, arriving(b"123456", b"789012", b"unread")) == problems.BODY_TOO_LARGE
        assert await refusal(JSON | {"content-length": "3"}, arriving(b"x" * 11)) == problems.BODY_TOO_LARGE

    async def test_refuses_another_kind_unread(self) -> None:
        assert await refusal({"content-type": "text/json"}, never) == problems.UNSUPPORTED_MEDIA_TYPE
        assert await refusal({}, never) == problems.UNSUPPORTED_MEDIA_TYPE

    async def test_ends_when_the_client_leaves(self) -> None:
        async def left() -> HTTPReceiveMessage:
            return {"type": "http.disconnect"}

        assert await refusal(JSON, left) == problems.MALFORMED_BODY


class TestAnAnswer:
    async def test_is_given_to_a_client_that_waits_for_it(self) -> None:
        async def waits() -> HTTPReceiveMessage:
            await asyncio.sleep(60)
            raise AssertionError

        assert await while_there(asyncio.sleep(0, "answer"), waits) == "answer"

    async def test_is_not_made_for_one_that_has_left(self) -> None:
        ended = asyncio.Event()

        async def answering() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        async def leaves() -> HTTPReceiveMessage:
            await asyncio.sleep(0)
            return {"type": "http.disconnect"}

        with pytest.raises(ProblemError, match="left"):
            await while_there(answering(), leaves)
        await asyncio.wait_for(ended.wait(), 60)

    async def test_fails_as_it_would_alone(self) -> None:
        async def answering() -> None:
            raise LookupError("here")

        with pytest.raises(LookupError, match="here"):
            await while_there(answering(), asyncio.Event().wait)  # type: ignore[arg-type]


class TestDecoding:
    @pytest.mark.parametrize(
        ("content", "wrong"),
        [
            (b"{}", FieldError("$.home_team", "Object missing required field `home_team`")),
            (b'{"x":1}', FieldError("$.x", "Object contains unknown field `x`")),
            (b'{"home_team":1}', FieldError("$.home_team", "Expected `str`, got `int`")),
            (b'{"odds":{"y":1}}', FieldError("$.odds.y", "Object contains unknown field `y`")),
            (b"1", FieldError("$", "Expected `object`, got `int`")),
        ],
    )
    def test_says_which_field_is_wrong(self, content: bytes, wrong: FieldError) -> None:
        with pytest.raises(ProblemError) as refused:
            decode(msgspec.json.Decoder(PredictRequest), content)
        assert refused.value.extension == {"errors": [wrong]}
