import asyncio
import functools
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sabiscore.data import disk, seasons, store
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.download import Patience
from sabiscore.data.parse import read_matches, read_season
from sabiscore.data.pull import FAILURES_TO_GIVE_UP, OnFile, PulledFile, PullReport, pull
from sabiscore.errors import DataError, DownloadError

from .files import OLDER, SEASON, YOUNGER, match_file
from .site import Reply, Site

FILE = "2425/E0.csv"
OTHER = "2324/E0.csv"
OTHER_SEASON = match_file("E0,12/08/2023,Arsenal,Wolves,2,0,H")
HTML = b"<!DOCTYPE html><html><body>Down for maintenance</body></html>"
QUICK = Patience(attempts=3, first_delay=0.01, longest_delay=0.05, timeout=5)


class Puller:
    """Pulls two seasons of one league from a site into a directory."""

    def __init__(self, site: Site, into: Path, known: Catalogue, client: httpx.AsyncClient) -> None:
        self.site = site
        self.into = into
        self.known = known
        self.client = client
        self.patience = QUICK
        site.reply(f"/{OTHER}", Reply(OTHER_SEASON))

    async def __call__(self, *replies: Reply) -> PulledFile:
        """What becomes of `FILE` if the site has these replies; `OTHER` is always well."""
        self.site.reply(f"/{FILE}", *replies)
        other, file = (await self.report()).files
        assert other.status in {"saved", "unchanged"}
        return file

    async def report(
        self,
        since: str = "2324",
        until: str | None = "2425",
        on_file: OnFile = lambda _file, _total: None,
    ) -> PullReport:
        return await pull(
            self.into,
            catalogue=self.known,
            leagues=[self.known.league("E0")],
            since=since,
            until=until,
            base_url=self.site.url + "/",
            client=self.client,
            patience=self.patience,
            on_file=on_file,
        )

    def asked_with(self) -> dict[str, str]:
        """The headers of the last request for `FILE`."""
        return [headers for path, headers in self.site.requests if path == f"/{FILE}"][-1]

    @property
    def leftovers(self) -> list[Path]:
        return list(self.into.rglob("*.part"))

    @property
    def on_disk(self) -> bytes:
        return (self.into / FILE).read_bytes()


@pytest.fixture
def puller(site: Site, tmp_path: Path, known: Catalogue, client: httpx.AsyncClient) -> Puller:
    return Puller(site, tmp_path / "matches", known, client)


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """The URL where `python -m http.server -d DIRECTORY` answers."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestANewFile:
    async def test_is_saved_and_can_be_read(self, puller: Puller, known: Catalogue) -> None:
        assert await puller(Reply(SEASON)) == PulledFile(FILE, "saved", matches=3)
        assert len(read_season(puller.into / FILE, known)) == 3
        assert len(read_matches(puller.into, known)) == 4

    async def test_leaves_nothing_else_in_the_directory(self, puller: Puller) -> None:
        await puller(Reply(SEASON))
        files = {str(path.relative_to(puller.into)) for path in puller.into.rglob("*") if path.is_file()}
        assert files == {FILE, OTHER, store.NOTES}

    async def test_replaces_an_older_one(self, puller: Puller) -> None:
        await puller(Reply(YOUNGER))
        assert await puller(Reply(SEASON)) == PulledFile(FILE, "saved", matches=3)
        assert puller.on_disk == SEASON

    async def test_comes_after_two_failures(self, puller: Puller) -> None:
        file = await puller(Reply(status=500), Reply(status=500), Reply(SEASON))
        assert file.status == "saved"

    async def test_may_come_without_a_declared_length(self, puller: Puller) -> None:
        assert (await puller(Reply(SEASON, length=None))).status == "saved"


class TestAKnownFile:
    TAGGED = Reply(SEASON, headers={"ETag": '"v1"'})
    NOT_MODIFIED = Reply(status=304, length=None)

    async def test_is_not_sent_again(self, puller: Puller) -> None:
        await puller(self.TAGGED)
        assert (await puller(self.NOT_MODIFIED)).status == "unchanged"
        assert puller.asked_with()["If-None-Match"] == '"v1"'
        assert puller.on_disk == SEASON

    @pytest.mark.parametrize("damaged", [None, b"", SEASON[:50], HTML])
    async def test_is_sent_again_when_ours_is_gone_or_damaged(
        self, puller: Puller, damaged: bytes | None
    ) -> None:
        await puller(self.TAGGED)
        (puller.into / FILE).unlink()
        if damaged is not None:
            (puller.into / FILE).write_bytes(damaged)
        assert (await puller(self.TAGGED)).status == "saved"
        assert "If-None-Match" not in puller.asked_with()
        assert puller.on_disk == SEASON

    async def test_of_another_site_is_asked_for_anew(self, puller: Puller, known: Catalogue) -> None:
        await puller(self.TAGGED)
        with Site() as mirror:
            elsewhere = Puller(mirror, puller.into, known, puller.client)
            assert (await elsewhere(self.TAGGED)).status == "unchanged"
            assert "If-None-Match" not in elsewhere.asked_with()

    async def test_is_asked_for_anew_when_the_notes_are_lost(self, puller: Puller) -> None:
        await puller(self.TAGGED)
        (puller.into / store.NOTES).write_text("{")
        assert (await puller(self.TAGGED)).status == "unchanged"
        assert "If-None-Match" not in puller.asked_with()

    async def test_is_recognised_by_python_s_own_server(self, known: Catalogue, tmp_path: Path) -> None:
        source = tmp_path / "served" / FILE
        disk.write(source, SEASON)
        with served(tmp_path / "served") as base_url:
            again = functools.partial(
                pull, tmp_path / "into", catalogue=known, since="2425", until="2425", base_url=base_url
            )
            assert (await again()).counts == {"saved": 1, "absent": len(known.leagues) - 1}
            assert (await again()).counts == {"unchanged": 1, "absent": len(known.leagues) - 1}
            disk.write(source, OLDER)
            os.utime(source, (2_000_000_000, 2_000_000_000))
            assert (await again()).counts == {"saved": 1, "absent": len(known.leagues) - 1}


class TestARefusedFile:
    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(HTML), "line 1: a web page"),
            (Reply(b""), "the file is empty"),
            (Reply(b"\x00\x01\x02 binary"), "not a match file"),
            (Reply(SEASON[:-5]), "line 4: the row is cut off"),
            (Reply(SEASON[:-20], length=len(SEASON)), "peer closed connection"),
            (Reply(SEASON[:-20], length=None), "stopped within a line"),
            (Reply(YOUNGER), "2 matches, but the file here has 3: delete it to take this one"),
            (Reply(match_file()), "0 matches, but the file here has 3"),
            (Reply(OLDER.replace(b"Leicester", b"Lester")), "line 5: Unknown club 'Lester'"),
            (Reply(OLDER.replace(b"1,1,D", b"1,1,H")), "line 5: 'H', but the goals are 1-1"),
            (Reply(SEASON.replace(b"E0,", b"D1,")), "line 2: Div is 'D1'"),
            (Reply(OTHER_SEASON), "line 2: 12/08/2023 is outside the season"),
            (Reply(status=403), "HTTP 403"),
            (Reply(status=500), "HTTP 500, asked 3 times"),
        ],
    )
    async def test_leaves_the_old_one_as_it_was(self, puller: Puller, reply: Reply, reason: str) -> None:
        await puller(Reply(SEASON, headers={"ETag": '"v1"'}))
        file = await puller(reply)
        assert (file.name, file.status) == (FILE, "refused")
        assert reason in file.reason
        assert puller.on_disk == SEASON
        assert puller.leftovers == []

    async def test_may_be_one_that_never_comes(self, puller: Puller) -> None:
        puller.patience = Patience(attempts=2, first_delay=0.01, timeout=0.3)
        file = await puller(Reply(hangs=True))
        assert file.reason == "no whole answer in 0.3 s, asked 2 times"

    async def test_is_asked_for_again(self, puller: Puller) -> None:
        assert (await puller(Reply(HTML, headers={"ETag": '"v1"'}))).status == "refused"
        assert (await puller(Reply(SEASON))).status == "saved"
        assert "If-None-Match" not in puller.asked_with()

    async def test_is_in_the_report(self, puller: Puller) -> None:
        puller.site.reply(f"/{FILE}", Reply(HTML))
        report = await puller.report()
        assert [file.name for file in report.refused] == [FILE]
        assert report.counts == {"saved": 1, "refused": 1}

    async def test_may_be_one_that_cannot_be_written(self, puller: Puller) -> None:
        (puller.into / FILE).mkdir(parents=True)
        file = await puller(Reply(SEASON))
        assert file.reason == "cannot be written: Is a directory"


class TestAnAbsentFile:
    async def test_is_no_error(self, puller: Puller) -> None:
        assert await puller(Reply(status=404)) == PulledFile(FILE, "absent")

    async def test_leaves_the_one_that_is_here(self, puller: Puller) -> None:
        await puller(Reply(SEASON))
        assert (await puller(Reply(status=404))).status == "absent"
        assert puller.on_disk == SEASON

    async def test_is_an_error_if_all_are(self, puller: Puller) -> None:
        with pytest.raises(DownloadError, match="none of the 2 files asked for: check --base-url"):
            await puller.report(since="1011", until="1112")


class TestASite:
    async def test_that_is_not_there_is_given_up(self, known: Catalogue, tmp_path: Path) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            base_url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DownloadError, match=f"{base_url}: no answer: connection failed"):
            await pull(tmp_path, catalogue=known, base_url=base_url, patience=QUICK)

    async def test_that_breaks_down_is_not_asked_for_everything(
        self, puller: Puller, known: Catalogue
    ) -> None:
        for start in range(1993, 2024):
            for league in known.leagues:
                puller.site.reply(f"/{seasons.label_of(start)}/{league.code}.csv", Reply(status=503))
        puller.site.reply(f"/{FILE}", Reply(SEASON))
        with pytest.raises(DownloadError, match="no answer: HTTP 503"):
            await pull(puller.into, catalogue=known, base_url=puller.site.url, patience=QUICK)
        assert len({path for path, _ in puller.site.requests}) < FAILURES_TO_GIVE_UP + 4

    async def test_that_refuses_us_has_answered(self, puller: Puller) -> None:
        puller.site.reply("/1011/E0.csv", Reply(status=403))
        report = await puller.report(since="1011", until="1011")
        assert report.refused == (PulledFile("1011/E0.csv", "refused", reason="HTTP 403"),)

    async def test_may_be_asked_through_a_client_of_ours(self, puller: Puller, known: Catalogue) -> None:
        puller.site.reply(f"/{FILE}", Reply(SEASON))
        async with httpx.AsyncClient(headers={"User-Agent": "mine"}) as client:
            await pull(
                puller.into,
                catalogue=known,
                since="2425",
                until="2425",
                base_url=puller.site.url,
                client=client,
            )
            assert not client.is_closed
        assert puller.asked_with()["User-Agent"] == "mine"


class TestTheListOfFixtures:
    LIST = b"Div,Date,Time,HomeTeam,AwayTeam\r\nE0,25/08/2024,16:30,Arsenal,Chelsea\r\n"
    TAGGED = Reply(LIST, headers={"ETag": '"f1"'})

    async def test_comes_too(self, puller: Puller) -> None:
        puller.site.reply("/fixtures.csv", self.TAGGED)
        assert (await puller.report()).fixtures == PulledFile("fixtures.csv", "saved", matches=1)
        assert (puller.into / "fixtures.csv").read_bytes() == self.LIST

    async def test_is_not_sent_again(self, puller: Puller) -> None:
        puller.site.reply("/fixtures.csv", self.TAGGED, Reply(status=304, length=None))
        await puller.report()
        assert (await puller.report()).fixtures.status == "unchanged"
        assert puller.site.requests[-1][1]["If-None-Match"] == '"f1"'

    async def test_may_become_shorter(self, puller: Puller) -> None:
        puller.site.reply("/fixtures.csv", self.TAGGED, Reply(self.LIST.splitlines(keepends=True)[0]))
        await puller.report()
        assert (await puller.report()).fixtures.status == "saved"

    async def test_is_beside_the_folder_of_seasons(
        self, puller: Puller, known: Catalogue, match_files: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "mmz4281").symlink_to(match_files)
        (tmp_path / "site" / "fixtures.csv").write_bytes(self.LIST)
        with served(tmp_path / "site") as url:
            report = await pull(puller.into, catalogue=known, since="2425", base_url=f"{url}/mmz4281")
        assert (report.counts["saved"] > 0, report.fixtures.matches) == (True, 1)

    @pytest.mark.parametrize("reply", [Reply(HTML), Reply(status=500), Reply(b"Div,Date\n")])
    async def test_that_cannot_be_right_leaves_the_one_before(self, puller: Puller, reply: Reply) -> None:
        puller.site.reply("/fixtures.csv", self.TAGGED)
        await puller.report()
        puller.site.reply("/fixtures.csv", reply)
        report = await puller.report()
        assert report.refused == (report.fixtures,)
        assert (puller.into / "fixtures.csv").read_bytes() == self.LIST

    async def test_may_have_a_line_that_is_refused_alone(self, puller: Puller) -> None:
        puller.site.reply("/fixtures.csv", Reply(self.LIST + b"E0,25/08/2024,16:30,Arsnl,Everton\r\n"))
        assert (await puller.report()).fixtures.status == "saved"


class TestSeasons:
    async def test_go_up_to_today_s(self, puller: Puller) -> None:
        today = seasons.label_of(seasons.season_at(datetime.now(UTC).date()))
        report = await puller.report(until=None)
        assert [report.files[0].name, report.files[-1].name] == [OTHER, f"{today}/E0.csv"]

    @pytest.mark.parametrize(
        ("since", "until", "reason"),
        [
            ("2024", "2425", "'2024' is not a season such as 2425"),
            ("2324", "x", "'x' is not a season such as 2425"),
            ("2425", "2324", "2425 begins after 2324"),
        ],
    )
    async def test_that_make_no_sense_are_refused(
        self, puller: Puller, since: str, until: str, reason: str
    ) -> None:
        with pytest.raises(DataError, match=reason):
            await puller.report(since, until)
        assert not puller.into.exists()


class TestTheDirectory:
    async def test_must_be_one(self, puller: Puller) -> None:
        puller.into.touch()
        with pytest.raises(DataError, match="no directory to write to: File exists"):
            await puller.report()


class TestProgress:
    async def test_is_told_file_by_file(self, puller: Puller) -> None:
        puller.site.reply(f"/{FILE}", Reply(HTML))
        told: dict[str, int] = {}
        await puller.report(on_file=lambda file, total: told.update({f"{file.name} {file.status}": total}))
        assert told == {f"{OTHER} saved": 2, f"{FILE} refused": 2}


class TestAnInterruption:
    async def test_leaves_whole_files_and_their_notes(self, puller: Puller) -> None:
        await puller(Reply(SEASON))
        puller.site.reply(f"/{OTHER}", Reply(OTHER_SEASON, headers={"ETag": '"v2"'}))
        puller.site.reply(f"/{FILE}", Reply(hangs=True))
        other_is_done = asyncio.Event()
        pulling = asyncio.create_task(puller.report(on_file=lambda _file, _total: other_is_done.set()))
        await other_is_done.wait()
        pulling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pulling
        assert puller.on_disk == SEASON
        assert store.read_notes(puller.into)[OTHER].validators.etag == '"v2"'
        assert puller.leftovers == []


class TestTheRealFiles:
    async def test_come_and_parse(self, match_files: Path, known: Catalogue, tmp_path: Path) -> None:
        with served(match_files) as base_url:
            report = await pull(tmp_path, catalogue=known, since="2324", until="2425", base_url=base_url)
        assert set(report.counts) == {"saved", "absent"}
        assert report.counts["saved"] >= 10
        assert len(read_matches(tmp_path, known)) == sum(file.matches for file in report.files)
