"""A server that lies: nothing on disk is lost, and an honest pull goes through afterwards."""

import gzip
import resource
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sabiscore.data import disk, store
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.download import MOST_BYTES, Patience, Validators
from sabiscore.data.pull import PulledFile, pull
from sabiscore.data.table import LINES_A_ROW, MOST_COLUMNS, MOST_ROWS
from sabiscore.errors import DownloadError
from tests.waiting import LONG

from .files import HEADER, OLDER, OPENING_DAY, SEASON, match_file
from .site import Reply, Site

FILE = "2425/E0.csv"
QUICK = Patience(attempts=2, first_delay=0.01, longest_delay=0.05, timeout=1)
MEGABYTE = 2**20


def packed(body: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        body = gzip.compress(body, 9)
    return body


def encoded(body: bytes, encoding: str = "gzip") -> Reply:
    return Reply(body, headers={"Content-Encoding": encoding})


def moved(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location})


def season(row: str) -> bytes:
    return match_file(*OPENING_DAY, row)


@cache
def bomb() -> bytes:
    """A gzip of 256 MiB, made once it is sent: that takes a while."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packing.compress(bytes(MEGABYTE)) for _ in range(256)]) + packing.flush()


WIDE = ",".join(f"c{number}" for number in range(100_000))

LIES: dict[str, Reply | Callable[[], Reply]] = {
    "a gzip bomb of 256 MiB": lambda: encoded(bomb()),
    "a gzip bomb in a gzip": lambda: encoded(gzip.compress(bomb()), "gzip, gzip"),
    "a gzip bomb whose header names another encoding": lambda: encoded(bomb(), "deflate"),
    "brotli": encoded(SEASON, "br"),
    "an encoding of a long name": encoded(SEASON, "x" * 5000),
    "gzip cut short": encoded(packed(SEASON)[:-12]),
    "gzip with more after it": encoded(packed(SEASON) + packed(SEASON)),
    "a header of 100,000 columns and many rows": Reply(f"{HEADER},{WIDE}\n".encode() + b"E0\n" * 100_000),
    "rows of a million commas": Reply(match_file("," * 1_000_000)),
    "a million rows": Reply(HEADER.encode() + b"\n" + b"E0,17/08/2024\n" * 500_000),
    "a million blank lines": Reply(SEASON + b"\n" * 1_000_000),
    "a cell of a million letters": Reply(season("E0," + "9" * 1_000_000)),
    "an unknown club of a hundred thousand letters": Reply(
        season(f"E0,18/08/2024,{'x' * 100_000},Leeds,1,1,D")
    ),
    "a thousand unknown clubs": Reply(
        match_file(*(f"E0,18/08/2024,{'x' * 500}{n},Leeds,1,1,D" for n in range(1500)))
    ),
    "a name that commands a terminal": Reply(season("E0,18/08/2024,\x1b[2JLeeds,Arsenal,1,1,D")),
    "another host": moved("http://127.0.0.2:9/2425/E0.csv"),
    "another port": moved("http://127.0.0.1:9/2425/E0.csv"),
    "a file": moved("file:///etc/passwd"),
    "a host in no alphabet": moved("http://xn--a-ecp.ru/"),
    "a place that is none": moved("http://[::1"),
    "nowhere": Reply(status=302),
    "itself": moved(f"/{FILE}", 307),
    "300 digits of patience": Reply(status=503, headers={"Retry-After": "9" * 300}),
    "thousands of digits of patience": Reply(status=503, headers={"Retry-After": "9" * 30_000}),
    "a date beyond all": Reply(
        status=503, headers={"Retry-After": "Fri, 31 Dec 99999999999999 23:59:59 GMT"}
    ),
    "a zone beyond all": Reply(status=429, headers={"Retry-After": "Fri, 31 Dec 2027 23:59:59 +9999999999"}),
    "an endless header": Reply(SEASON, headers={"X-Long": "x" * 200_000}),
    "a length below the body's": Reply(SEASON[:60], length=len(SEASON)),
}
"""Each refused, with the old file in place."""

TRUE_WITH_LIES = {
    "an ETag beyond ASCII": {"ETag": '"é"'},
    "an ETag of control characters": {"ETag": '"\x01\x7f"'},
    "an endless ETag": {"ETag": f'"{"x" * 50_000}"'},
    "a date beyond ASCII": {"Last-Modified": "Dimanche, 1 août 2025"},
    "cookies": {"Set-Cookie": "é=é; Expires=Fri, 31 Dec 99999999999999 23:59:59 GMT"},
}
"""The file is right, and what comes with it cannot be used."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def pulled(site: Site, into: Path, known: Catalogue, *replies: Reply) -> PulledFile:
    site.reply(f"/{FILE}", *replies)
    (file,) = (
        await pull(
            into,
            catalogue=known,
            leagues=[known.league("E0")],
            since="2425",
            until="2425",
            base_url=site.url,
            patience=QUICK,
        )
    ).files
    return file


@pytest.fixture
def into(tmp_path: Path) -> Path:
    disk.write(tmp_path / FILE, SEASON)
    return tmp_path


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_refused_and_nothing_is_lost(
    site: Site, known: Catalogue, into: Path, lie: str
) -> None:
    chosen = LIES[lie]
    told = chosen() if callable(chosen) else chosen
    before, began = peak(), time.monotonic()
    file = await refused(site, known, into, told)
    assert file.isprintable()
    assert len(file) <= 700
    assert time.monotonic() - began < LONG
    assert peak() - before < 200
    assert (into / FILE).read_bytes() == SEASON
    assert parts(into) == []
    assert (await pulled(site, into, known, Reply(OLDER))).status == "saved"


async def refused(site: Site, known: Catalogue, into: Path, lie: Reply) -> str:
    """Why this lie is refused."""
    try:
        file = await pulled(site, into, known, lie)
    except DownloadError as error:
        return str(error)
    assert file.status == "refused"
    return file.reason


def parts(into: Path) -> list[Path]:
    return list(into.rglob("*.part"))


def peak() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("lie", TRUE_WITH_LIES)
async def test_what_cannot_be_sent_back_is_forgotten(
    site: Site, known: Catalogue, into: Path, lie: str
) -> None:
    assert (await pulled(site, into, known, Reply(OLDER, headers=TRUE_WITH_LIES[lie]))).status == "saved"
    assert store.read_notes(into)[FILE].validators == Validators()
    assert (await pulled(site, into, known, Reply(OLDER))).status == "unchanged"
    _, headers = site.requests[-1]
    assert not {"If-None-Match", "If-Modified-Since", "Cookie"} & set(headers)


async def test_notes_that_cannot_be_sent_back_are_ignored(site: Site, known: Catalogue, into: Path) -> None:
    note = store.Note(f"{site.url}/{FILE}", disk.digest(SEASON), Validators('"é"\r\nX: y'))
    store.write_notes(into, {FILE: note})
    assert (await pulled(site, into, known, Reply(OLDER))).status == "saved"


async def test_one_gzip_is_read(site: Site, known: Catalogue, into: Path) -> None:
    assert (await pulled(site, into, known, encoded(packed(OLDER)))).status == "saved"
    assert site.requests[-1][1]["Accept-Encoding"] == "gzip"


async def test_a_server_that_drips_is_left(site: Site, known: Catalogue, into: Path) -> None:
    began = time.monotonic()
    assert "no whole answer" in await refused(site, known, into, Reply(SEASON * 1000, drips=True))
    assert time.monotonic() - began < LONG


def test_bounds_are_far_from_any_season() -> None:
    assert MOST_BYTES > 20 * 300_000
    assert (MOST_ROWS, MOST_COLUMNS, LINES_A_ROW * MOST_ROWS) > (4 * 500, 2 * 200, 1000)
