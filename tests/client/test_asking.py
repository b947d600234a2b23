from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain, repeat

import httpx
import pytest

from sabiscore.client import Client, ClientError, ProblemAnswerError, UnreachableError
from sabiscore.client.asking import Patience
from sabiscore.clock import CLOCK

LEAGUES = b'{"leagues":[]}'
PATIENCE = Patience(retries=3, longest_wait=30.0)


def refused(status: int = 503, after: str = "") -> httpx.Response:
    return httpx.Response(status, headers={"retry-after": after} if after else {})


def asked_of(*answers: httpx.Response | Exception, waited: list[float]) -> Client:
    """A client of a service that gives these answers, the last one for ever."""
    left: Iterator[httpx.Response | Exception] = chain(answers, repeat(answers[-1]))

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return Client(transport=httpx.MockTransport(answer), sleep=waited.append)


class TestPatience:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_is_had_with_what_may_pass(self, status: int) -> None:
        assert PATIENCE.pause(1, refused(status)) is not None

    @pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 422, 500, 501])
    def test_is_not_had_with_what_will_not(self, status: int) -> None:
        assert PATIENCE.pause(1, refused(status)) is None

    @pytest.mark.parametrize(
        "lost",
        [
            httpx.ConnectError("refused"),
            httpx.ReadError("reset"),
            httpx.RemoteProtocolError("closed"),
            httpx.ConnectTimeout("silent"),
        ],
    )
    def test_is_had_with_a_lost_connection(self, lost: httpx.TransportError) -> None:
        assert PATIENCE.pause(1, lost) is not None

    def test_is_not_had_with_who_is_too_slow(self) -> None:
        assert PATIENCE.pause(1, httpx.ReadTimeout("slow")) is None

    def test_ends(self) -> None:
        assert PATIENCE.pause(3, refused()) is not None
        assert PATIENCE.pause(4, refused()) is None

    def test_grows_where_nobody_says_for_how_long(self) -> None:
        found = [PATIENCE.pause(attempt, refused()) or 0.0 for attempt in (1, 2, 3)]
        assert all(0.05 * 2**n <= pause <= 0.1 * 2**n for n, pause in enumerate(found))

    def test_is_as_long_as_the_service_says(self) -> None:
        assert PATIENCE.pause(1, refused(after="7")) == 7

    def test_is_as_long_as_until_the_time_that_the_service_says(self) -> None:
        until = format_datetime(CLOCK.now() + timedelta(seconds=20), usegmt=True)
        assert 15 < (PATIENCE.pause(1, refused(after=until)) or 0) <= 20
        past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC))
        assert (PATIENCE.pause(1, refused(after=past)) or 1) < 1

    @pytest.mark.parametrize("after", ["soon", "-1", "1.5", "Mon, 99 Jan"])
    def test_is_the_usual_where_what_is_said_makes_no_sense(self, after: str) -> None:
        assert (PATIENCE.pause(1, refused(after=after)) or 1) < 1

    def test_is_not_had_for_longer_than_it_lasts(self) -> None:
        assert PATIENCE.pause(1, refused(after="31")) is None


class TestAnAnswer:
    def test_is_the_first_that_is_good(self) -> None:
        waited = list[float]()
        good = httpx.Response(200, content=LEAGUES)
        with asked_of(httpx.ReadError("reset"), refused(after="2"), good, waited=waited) as client:
            assert client.leagues().leagues == []
        assert len(waited) == 2
        assert waited[1] == 2

    def test_that_is_not_understood_is_an_error(self) -> None:
        with (
            asked_of(httpx.Response(200, text="<html>"), waited=[]) as client,
            pytest.raises(ClientError, match=r"/api/v1/leagues is none that is understood"),
        ):
            client.leagues()

    def test_that_takes_too_long_is_an_error(self) -> None:
        with (
            asked_of(httpx.ReadTimeout(""), waited=[]) as client,
            pytest.raises(UnreachableError, match="No answer: ReadTimeout"),
        ):
            client.leagues()

    def test_of_whoever_stands_between_has_its_status(self) -> None:
        with asked_of(httpx.Response(403), waited=[]) as client, pytest.raises(ProblemAnswerError) as raised:
            client.leagues()
        assert raised.value.problem.status == 403

    def test_may_have_fields_that_came_later(self) -> None:
        content = b'{"leagues":[{"code":"E0","name":"a","country":"b","level":1,"new":1}],"more":{}}'
        with asked_of(httpx.Response(200, content=content), waited=[]) as client:
            assert client.leagues().leagues[0].code == "E0"
