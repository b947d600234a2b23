"""Many mixed requests on one service, and whether its memory stays what it was.

    uv run python -m benchmarks.abuse.soak [--requests 1000000] [--workers 1]

Of a hundred requests 60 ask again what was asked before, 20 something new, 4 a new batch, 8 read, and 8 are refused.
Prints the memory of the largest worker on the way, and what each request met that had no answer; exits with 1 where
memory grows by 3 % or more after the first tenth, or an answer has a status that its request does not deserve.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import click
import msgspec
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.faults.load import BROKEN, Connection
from benchmarks.serving import Service, serving, started
from sabiscore.data import catalogue

CONNECTIONS = 16
PATIENCE = 30.0
"""Seconds: whoever shares the machine may keep this process from it for longer than others wait."""

STEPS = 20
"""How often the memory is looked at."""

WARM = 0.1
"""The share of requests after which memory has to stay."""

MOST_GROWTH = 0.03

WIDTH = 160

BATCH = 16
LEAGUE = "E0"
FIRST = datetime(2025, 8, 1, tzinfo=UTC)
MINUTES = 60 * 24 * 120
"""New fixtures kick off in one of these, from the first on."""


class Ask(Struct, frozen=True):
    """A request, and the status that it deserves."""

    request: bytes
    status: int

    @property
    def named(self) -> str:
        """Its method and path."""
        return b" ".join(self.request.partition(b"?")[0].split(b" ", 2)[:2]).decode()


class Unanswered(Struct, frozen=True):
    """A request without an answer, after how many seconds of its connection being idle, and what it met how soon."""

    asked: str
    idle: float
    seconds: float
    met: str


class Soak(Struct, frozen=True):
    """What became of it: MB of the largest worker at each step, and how many answers had which wrong status.

    Of the latter those ``unanswered`` had none at all.
    """

    memory: tuple[float, ...]
    wrong: dict[str, int]
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def growth(self) -> float:
        """By which share the memory grew after the warm part, at most."""
        warm = self.memory[round(WARM * (len(self.memory) - 1))]
        return max(self.memory) / warm - 1.0


@click.command()
@click.option("--requests", default=1_000_000, show_default=True, type=click.IntRange(1000))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
def main(requests: int, workers: int) -> None:
    """Print the memory on the way and the verdict."""
    found = asyncio.run(soak(requests, workers))
    if found.unanswered:
        _print(found.unanswered)
    click.echo(
        f"grew by {found.growth:.1%} after the first {WARM:.0%}; wrong answers: {found.wrong or 'none'}"
    )
    if found.growth >= MOST_GROWTH or found.wrong:
        raise SystemExit(1)


async def soak(requests: int, workers: int) -> Soak:
    """Ask so much of a service of its own, from `CONNECTIONS` connections."""
    asked, wrong = mixed(), Counter[str]()
    async with serving(started(workers=workers)) as target:
        askers = [Asker(target.port, wrong) for _ in range(CONNECTIONS)]
        memory = [target.memory()]
        for step in range(1, STEPS + 1):
            share = itertools.islice(asked, requests // STEPS)
            async with asyncio.TaskGroup() as group:
                for asker in askers:
                    group.create_task(asker.ask(share))
            memory.append(_look(target, step * (requests // STEPS)))
        for asker in askers:
            asker.connection.close()
    unanswered = itertools.chain.from_iterable(asker.unanswered for asker in askers)
    return Soak(tuple(memory), dict(wrong), tuple(unanswered))


class Asker:
    """Asks over a connection of its own, one request after the other; counts what is ``wrong``."""

    def __init__(self, port: int, wrong: Counter[str]) -> None:
        self.connection = Connection(port, patience=PATIENCE, again=True)
        self.unanswered: list[Unanswered] = []
        self._wrong = wrong
        self._answered = time.monotonic()

    async def ask(self, share: Iterator[Ask]) -> None:
        """Ask as much as there is."""
        for ask in share:
            began = time.monotonic()
            answer = await self.connection.ask(ask.request)
            idle, self._answered = began - self._answered, time.monotonic()
            if answer.status != ask.status:
                self._wrong[f"{answer.status}, not {ask.status}"] += 1
            if answer.status == BROKEN:
                self.unanswered.append(Unanswered(ask.named, idle, self._answered - began, answer.why))


def _print(unanswered: Sequence[Unanswered]) -> None:
    table = Table("without an answer", "idle before, s", "seconds", "what it met", box=box.SIMPLE)
    for each in unanswered:
        table.add_row(each.asked, f"{each.idle:.2f}", f"{each.seconds:.2f}", each.met)
    Console(width=WIDTH).print(table)


def _look(target: Service, asked: int) -> float:
    memory = target.memory()
    click.echo(f"{asked:10,} requests {memory:7.1f} MB")
    return memory


def mixed(seed: int = 2025) -> Iterator[Ask]:
    """Requests without end, the same for the same seed."""
    chance = random.Random(seed)
    known = catalogue.load()
    pairs = list(itertools.permutations((club.name for club in known.clubs(known.league(LEAGUE))), 2))
    usual = [Ask(_predict(_fixture(pair, "2025-08-30T16:30:00Z")), HTTPStatus.OK) for pair in pairs[:200]]
    while True:
        kind = chance.random()
        if kind < 0.60:
            yield chance.choice(usual)
        elif kind < 0.80:
            yield Ask(_predict(_new(chance, pairs)), HTTPStatus.OK)
        elif kind < 0.82:
            state = {"minute": chance.randrange(91), "score": {"home": chance.randrange(4), "away": 1}}
            yield Ask(_post("/api/v1/predict/in-play", _new(chance, pairs) | state), HTTPStatus.OK)
        elif kind < 0.84:
            body = {"fixtures": [_new(chance, pairs) for _ in range(BATCH)]}
            yield Ask(_post("/api/v1/predict/batch", body), HTTPStatus.OK)
        elif kind < 0.92:
            yield Ask(_get(_read(chance)), HTTPStatus.OK)
        else:
            yield _refused(chance)


READ = (
    *("/health/live", "/health/ready", "/api/v1/leagues", "/api/v1/leagues/E0/teams", "/api/v1/model"),
    *("/metrics", "/schema/openapi.json", "/api/v1/record", "/api/v1/fixtures?status=played"),
    *("/api/v1/leagues/E0/table", "/api/v1/leagues/E0/ratings", "/api/v1/teams/arsenal"),
    *("/", "/leagues/E0", "/ratings", "/teams/arsenal", "/predict", "/record", "/about"),
)
AS_OF = ("/api/v1/leagues/E0/table", "/api/v1/leagues/E0/ratings", "/api/v1/teams/arsenal")
FIRST_DAY, DAYS = date(2005, 9, 1), 7_000
"""As of which days is read."""


def _read(chance: random.Random) -> str:
    """Something to read, every other time as of a day that is another one mostly."""
    if chance.random() < 0.5:
        return chance.choice(READ)
    return f"{chance.choice(AS_OF)}?on={FIRST_DAY + timedelta(days=chance.randrange(DAYS))}"


def _fixture(pair: tuple[str, str], kickoff: str) -> dict[str, object]:
    home, away = pair
    return {"home_team": home, "away_team": away, "league": LEAGUE, "kickoff_time": kickoff}


def _new(chance: random.Random, pairs: list[tuple[str, str]]) -> dict[str, object]:
    """A fixture that was hardly ever asked for, half of them with odds."""
    kickoff = FIRST + timedelta(minutes=chance.randrange(MINUTES))
    fixture = _fixture(chance.choice(pairs), f"{kickoff:%Y-%m-%dT%H:%M}:00Z")
    if chance.random() < 0.5:
        fixture["odds"] = {"home": round(chance.uniform(1.9, 2.3), 2), "draw": 3.4, "away": 3.6}
    return fixture


def _refused(chance: random.Random) -> Ask:
    """A request that makes no sense, each time in another way."""
    odd = f"{chance.getrandbits(64):x}"
    fixture = _fixture(("Arsenal", "Chelsea"), "2025-08-30T16:30:00Z")
    return chance.choice(
        (
            Ask(_get(f"/{odd}"), HTTPStatus.NOT_FOUND),
            Ask(_get(f"/api/v1/leagues/{odd}/teams"), HTTPStatus.NOT_FOUND),
            Ask(_predict(fixture, f"?{odd}"), HTTPStatus.BAD_REQUEST),
            Ask(_predict(fixture | {odd: 1}), HTTPStatus.BAD_REQUEST),
            Ask(_predict(fixture | {"home_team": odd}), HTTPStatus.UNPROCESSABLE_ENTITY),
            Ask(_predict(fixture | {"league": odd}), HTTPStatus.UNPROCESSABLE_ENTITY),
            Ask(_predict(fixture, content_type=f"text/{odd}"), HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        )
    )


def _predict(fixture: dict[str, object], query: str = "", content_type: str = "application/json") -> bytes:
    return _post(f"/api/v1/predict{query}", fixture, content_type)


def _post(path: str, content: object, content_type: str = "application/json") -> bytes:
    body = msgspec.json.encode(content)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: soak\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}"
    )
    return f"{head}\r\n\r\n".encode() + body


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: soak\r\n\r\n".encode()


if __name__ == "__main__":
    main()
