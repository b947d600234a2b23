import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from sabiscore.data.download import MOST_BYTES, Answer, Patience, Validators, fetch
from sabiscore.errors import DownloadError, NoAnswerError
from tests.waiting import LONG

from .files import SEASON
from .site import Reply, Site

FILE = "/2425/E0.csv"
QUICK = Patience(attempts=3, first_delay=0.01, longest_delay=0.05, timeout=5)
NOTHING = Validators()
KNOWN = Validators('"v1"', "Sun, 22 Nov 2026 20:14:41 GMT")


async def get(
    client: httpx.AsyncClient,
    site: Site,
    *replies: Reply,
    known: Validators = NOTHING,
    patience: Patience = QUICK,
) -> Answer:
    site.reply(FILE, *replies)
    return await fetch(client, site.url + FILE, known=known, patience=patience)


class TestAnAnswer:
    async def test_brings_the_body_and_what_identifies_it(
        self, client: httpx.AsyncClient, site: Site
    ) -> None:
        answer = await get(
            client, site, Reply(SEASON, headers={"ETag": '"v1"', "Last-Modified": KNOWN.last_modified})
        )
        assert answer == Answer("new", SEASON, KNOWN)

    async def test_may_have_no_declared_length(self, client: httpx.AsyncClient, site: Site) -> None:
        assert (await get(client, site, Reply(SEASON, length=None))).body == SEASON

    async def test_may_come_in_chunks_without_a_last_line_break(
        self, client: httpx.AsyncClient, site: Site
    ) -> None:
        chunked = b"5\r\nA,B\n1\r\n2\r\n,2\r\n0\r\n\r\n"
        headers = {"Transfer-Encoding": "chunked"}
        assert (await get(client, site, Reply(chunked, headers=headers, length=None))).body == b"A,B\n1,2"

    async def test_may_be_somewhere_else(self, client: httpx.AsyncClient, site: Site) -> None:
        site.reply("/moved.csv", Reply(SEASON))
        moved = Reply(status=301, headers={"Location": "/moved.csv"})
        assert (await get(client, site, moved)).body == SEASON

    async def test_is_asked_for_if_it_differs_from_what_we_know(
        self, client: httpx.AsyncClient, site: Site
    ) -> None:
        answer = await get(client, site, Reply(status=304, length=None), known=KNOWN)
        _, headers = site.requests[0]
        assert answer.status == "unchanged"
        assert headers["If-None-Match"] == KNOWN.etag
        assert headers["If-Modified-Since"] == KNOWN.last_modified

    @pytest.mark.parametrize("status", [404, 410, 300])
    async def test_may_be_that_there_is_no_such_file(
        self, client: httpx.AsyncClient, site: Site, status: int
    ) -> None:
        assert (await get(client, site, Reply(status=status))).status == "absent"
        assert site.asked_for(FILE) == 1


class TestAPassingFailure:
    async def test_is_asked_again(self, client: httpx.AsyncClient, site: Site) -> None:
        answer = await get(client, site, Reply(status=500), Reply(status=503), Reply(SEASON))
        assert answer.body == SEASON
        assert site.asked_for(FILE) == 3

    async def test_may_be_a_body_cut_short(self, client: httpx.AsyncClient, site: Site) -> None:
        answer = await get(client, site, Reply(SEASON[:90], length=len(SEASON)), Reply(SEASON))
        assert answer.body == SEASON

    async def test_may_be_a_body_of_no_declared_length_that_ends_within_a_line(
        self, client: httpx.AsyncClient, site: Site
    ) -> None:
        answer = await get(client, site, Reply(SEASON[:90], length=None), Reply(SEASON, length=None))
        assert answer.body == SEASON

    async def test_may_be_silence(self, client: httpx.AsyncClient, site: Site) -> None:
        patience = Patience(attempts=2, first_delay=0.01, timeout=0.1)
        assert (await get(client, site, Reply(hangs=True), Reply(SEASON), patience=patience)).body == SEASON

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(status=502), "HTTP 502, asked 3 times"),
            (Reply(status=429), "HTTP 429, asked 3 times"),
            (Reply(SEASON[:90], length=len(SEASON)), "connection failed: peer closed connection"),
            (Reply(SEASON[:90], length=None), "stopped within a line, asked 3 times"),
        ],
    )
    async def test_that_does_not_pass_is_no_answer(
        self, client: httpx.AsyncClient, site: Site, reply: Reply, reason: str
    ) -> None:
        with pytest.raises(NoAnswerError, match=reason):
            await get(client, site, reply)
        assert site.asked_for(FILE) == 3

    async def test_waits_as_long_as_the_server_wants(self, client: httpx.AsyncClient, site: Site) -> None:
        patience = Patience(attempts=2, first_delay=0.0, longest_delay=0.2)
        began = time.monotonic()
        await get(
            client, site, Reply(status=429, headers={"Retry-After": "3600"}), Reply(SEASON), patience=patience
        )
        assert 0.2 <= time.monotonic() - began < LONG

    @pytest.mark.parametrize("after", ["soon", "-1", "", format_datetime(datetime(2020, 8, 1, tzinfo=UTC))])
    async def test_waits_no_longer_for_a_time_that_makes_no_sense(
        self, client: httpx.AsyncClient, site: Site, after: str
    ) -> None:
        began = time.monotonic()
        await get(client, site, Reply(status=503, headers={"Retry-After": after}), Reply(SEASON))
        assert time.monotonic() - began < LONG

    async def test_waits_until_a_date(self, client: httpx.AsyncClient, site: Site) -> None:
        patience = Patience(attempts=2, first_delay=0.0, longest_delay=0.2)
        tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
        began = time.monotonic()
        await get(
            client,
            site,
            Reply(status=503, headers={"Retry-After": tomorrow}),
            Reply(SEASON),
            patience=patience,
        )
        assert time.monotonic() - began >= 0.2


class TestAFinalFailure:
    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(status=403), "HTTP 403"),
            (Reply(status=304, length=None), "HTTP 304"),
            (Reply(bytes(MOST_BYTES + 1)), "larger than"),
            (Reply(status=302, headers={"Location": FILE}), "unusable answer"),
            (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "unusable answer"),
        ],
    )
    async def test_is_not_asked_again(
        self, client: httpx.AsyncClient, site: Site, reply: Reply, reason: str
    ) -> None:
        with pytest.raises(DownloadError, match=reason) as error:
            await get(client, site, reply)
        assert not isinstance(error.value, NoAnswerError)
        assert len({headers["Host"] for _, headers in site.requests}) == 1

    @pytest.mark.parametrize(
        "url", ["/2425/E0.csv", "ftp://x/E0.csv", "http://x:port/", "http://\N{SNOWMAN}\x00/"]
    )
    async def test_may_be_a_url_that_is_none(self, client: httpx.AsyncClient, url: str) -> None:
        with pytest.raises(NoAnswerError, match="no URL to download from"):
            await fetch(client, url, known=NOTHING, patience=QUICK)
