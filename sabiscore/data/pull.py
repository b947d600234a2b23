"""Match files from football-data.co.uk into a directory, which only ever holds files that parse.

What comes is read as `parse` reads it before it replaces anything. Refused is what parse refuses (a web
page, a cut row, a club the catalogue does not know...) and a file with fewer matches than the one that is
here. A refused file leaves the old one in place, so that training goes on with it, and is asked for again
by the next pull: once the catalogue has learnt a club's name, its matches come by themselves.

Beside the seasons the site has `fixtures.csv`, the list of fixtures to come (`fixture_list`), which is kept there too.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import httpx
from msgspec import Struct

from sabiscore.clock import CLOCK
from sabiscore.data import disk, newcomers, seasons, store
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.download import PATIENCE, Answer, Patience, Validators, fetch
from sabiscore.data.fixture_list import FILE as FIXTURES
from sabiscore.data.fixture_list import parse_fixtures
from sabiscore.data.parse import parse_season
from sabiscore.domain import League
from sabiscore.errors import DataError, DownloadError, NoAnswerError

BASE_URL = "https://www.football-data.co.uk/mmz4281"

AT_ONCE = 4
LONGEST_REASON = 300
FAILURES_TO_GIVE_UP = 8
"""Files in a row without an answer after which the rest is not asked for."""


class PulledFile(Struct, frozen=True):
    """What became of one file, "2425/E0.csv": its matches (or fixtures) if saved, the reason if refused.

    ``absent`` is a file that the site does not have, such as one of a season to come.
    """

    name: str
    status: Literal["saved", "unchanged", "absent", "refused"]
    matches: int = 0
    reason: str = ""


class PullReport(Struct, frozen=True):
    """What became of every season file asked for, by season and league, and of the list of fixtures."""

    files: tuple[PulledFile, ...]
    fixtures: PulledFile

    @property
    def counts(self) -> Counter[str]:
        """Number of season files by status."""
        return Counter(file.status for file in self.files)

    @property
    def refused(self) -> tuple[PulledFile, ...]:
        """The files that came to nothing, each with its reason."""
        return tuple(file for file in (*self.files, self.fixtures) if file.status == "refused")


OnFile = Callable[[PulledFile, int], None]
"""Told of each season file as it is done, with the number of them in all."""


async def pull(
    into: Path,
    *,
    catalogue: Catalogue,
    leagues: Iterable[League] | None = None,
    since: str = seasons.FIRST,
    until: str | None = None,
    base_url: str = BASE_URL,
    client: httpx.AsyncClient | None = None,
    patience: Patience = PATIENCE,
    on_file: OnFile = lambda _file, _total: None,
) -> PullReport:
    """Bring the files of ``leagues`` (all by default), seasons ``since`` to ``until`` (today's), up to date.

    And the list of fixtures, which is where ``base_url`` is on its site.

    Raises:
        DataError: the seasons make no sense, or nothing can be written in ``into``.
        DownloadError: ``base_url`` does not answer or has none of the files.
    """
    codes = [league.code for league in (catalogue.leagues if leagues is None else leagues)]
    names = [f"{season}/{code}.csv" for season in _seasons(since, until) for code in codes]
    disk.make(into)
    opened = contextlib.nullcontext(client) if client else _client()
    notes = store.read_notes(into)
    async with opened as http:
        pulling = _Pulling(
            into=into,
            base_url=base_url.rstrip("/"),
            catalogue=catalogue,
            client=http,
            patience=patience,
            notes=notes,
        )
        try:
            files = await pulling.every(names, on_file)
            _refuse_nothing(files, base_url, answered=pulling.answered)
            fixtures = await pulling.file(FIXTURES)
        finally:
            if notes:
                store.write_notes(into, notes)
    return PullReport(files, fixtures)


def _seasons(since: str, until: str | None) -> list[str]:
    try:
        first = seasons.start_of(since)
        last = seasons.start_of(until) if until else seasons.season_at(CLOCK.now().date())
    except ValueError as error:
        raise DataError("seasons", 0, str(error)) from error
    if first > last:
        raise DataError("seasons", 0, f"{since} begins after {seasons.label_of(last)}")
    return [seasons.label_of(start) for start in range(first, last + 1)]


def _client() -> httpx.AsyncClient:
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(headers={"User-Agent": "sabiscore"}, cookies=no_cookies)


def _refuse_nothing(files: tuple[PulledFile, ...], base_url: str, *, answered: bool) -> None:
    if not answered:
        raise DownloadError(base_url, f"no answer: {files[0].reason}")
    if all(file.status == "absent" for file in files):
        raise DownloadError(base_url, f"has none of the {len(files)} files asked for: check --base-url")


def _printable(reason: str) -> str:
    """What may hold a server's words, in a line for a terminal."""
    return "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in reason[:LONGEST_REASON]
    )


class _Pulling(Struct, kw_only=True):
    """One pull on its way: where from, where to, and how it has gone so far."""

    into: Path
    base_url: str
    catalogue: Catalogue
    client: httpx.AsyncClient
    patience: Patience
    notes: dict[str, store.Note]
    failures: int = 0
    answered: bool = False

    async def every(self, names: list[str], on_file: OnFile) -> tuple[PulledFile, ...]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> PulledFile:
            async with gate:
                file = await self.file(name)
            on_file(file, len(names))
            return file

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(name)) for name in names]
        return tuple(task.result() for task in tasks)

    async def file(self, name: str) -> PulledFile:
        try:
            answer = await self._ask(name)
            if answer.status != "new":
                return PulledFile(name, answer.status)
            return self._keep(name, answer)
        except DataError as error:
            where = f"line {error.line}: " if error.line else ""
            return PulledFile(name, "refused", reason=_printable(where + error.reason))

    def _url(self, name: str) -> str:
        return urljoin(self.base_url, name) if name == FIXTURES else f"{self.base_url}/{name}"

    async def _ask(self, name: str) -> Answer:
        url = self._url(name)
        if self.failures >= FAILURES_TO_GIVE_UP:
            raise DownloadError(url, "not asked for: the site does not answer")
        try:
            answer = await fetch(self.client, url, known=self._known(name, url), patience=self.patience)
        except NoAnswerError:
            self.failures += 1
            raise
        except DownloadError:
            self._heard()
            raise
        self._heard()
        return answer

    def _heard(self) -> None:
        self.failures = 0
        self.answered = True

    def _known(self, name: str, url: str) -> Validators:
        """What the server calls the version we have, if the file is still what we wrote."""
        note = self.notes.get(name)
        if note and note.url == url and note.sha256 == disk.digest(disk.read(self.into / name)):
            return note.validators
        return Validators()

    def _keep(self, name: str, answer: Answer) -> PulledFile:
        path = self.into / name
        old = disk.read(path)
        matches = self._count(answer.body, name)
        if answer.body != old:
            if name != FIXTURES:
                self._refuse_fewer(matches, old, name)
            disk.write(path, answer.body)
        self.notes[name] = store.Note(self._url(name), disk.digest(answer.body), answer.validators)
        return PulledFile(name, "unchanged" if answer.body == old else "saved", matches)

    def _count(self, body: bytes, name: str) -> int:
        path = Path(name)
        known = newcomers.joined(self.catalogue, newcomers.found({path: body}, self.catalogue))
        if name == FIXTURES:
            return len(parse_fixtures(body, path, known).fixtures)
        return len(parse_season(body, path, known))

    def _refuse_fewer(self, matches: int, old: bytes, name: str) -> None:
        try:
            here = self._count(old, name)
        except DataError:
            return
        if matches < here:
            raise DataError(
                name, 0, f"{matches} matches, but the file here has {here}: delete it to take this one"
            )
