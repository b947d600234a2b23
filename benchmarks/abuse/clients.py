"""What a client without credentials may try."""

import asyncio
import itertools
import random
import re
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from benchmarks.abuse.measure import Attack, fronted
from benchmarks.abuse.raw import (
    BATCH,
    CLOSE,
    HOST,
    JSON,
    PREDICT,
    RUDE,
    ask,
    batch,
    bodies,
    request,
    reset,
    silent,
    status,
    told,
    unknown,
)
from benchmarks.serving import Service, serving, started

SECONDS = 10.0
"""Of an attack that lasts. What hurt took over 100 MB in each of them, so that these show it as forty did."""

SINGLES, BATCHES = 5_150.0, 250.0
"""Requests a second that were seen to take memory."""

WHOLE_BATCH = 256
CLIENTS = 64
OVERLOADED = 503
OF_A_PROXY = frozenset({0, 400, 414, 429, 431})
"""What a proxy says before the service is asked: 0 is a connection too many."""

HEAD_TIMEOUT = 5.0
"""Seconds after which the server ends a connection that has no head."""


async def hpack_bomb(target: Service, scale: float) -> str:
    """One long header, put into the table of HTTP/2 once and then named thousands of times."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b"")
    long = b"\x40\x01x\x7f" + _integer(4000 - 127) + b"v" * 4000
    named = b"\xbe" * 4000
    pseudo = b"\x83\x87\x84\x41\x01a"
    streams = [
        _frame(1, 4, 2 * number + 1, pseudo + (long if number == 0 else b"") + named)
        for number in range(max(1, int(200 * scale)))
    ]
    answer = await ask(target.port, preface + b"".join(streams))
    assert status(answer) in {0, 400}, answer[:80]
    return f"{len(streams)} streams of {len(named)} names: {status(answer) or 'connection closed'}"


async def silent_connections(target: Service, scale: float) -> str:
    """As many connections as a worker serves, that say nothing or half a head, until they are thrown out."""
    half = b"POST /api/v1/predict HTTP/1.1\r\nhost: rude\r\ncontent-"
    count = max(4, int(512 * scale))
    began = time.monotonic()
    connections = [*await silent(target.port, count), *await silent(target.port, count, half)]
    try:
        ended = await _ended(connections, HEAD_TIMEOUT + 3.0)
    finally:
        for connection in connections:
            connection.close()
    assert ended == 2 * count, f"{2 * count - ended} of {2 * count} connections stay"
    return f"2 x {count} gone after {time.monotonic() - began:.1f} s"


async def _ended(connections: Sequence[socket.socket], within: float) -> int:
    """How many the server has ended by then."""
    loop = asyncio.get_running_loop()

    async def is_ended(connection: socket.socket) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    try:
                        if not await loop.sock_recv(connection, 4096):
                            return True
                    except ConnectionError:
                        return True
        return False

    return sum(await asyncio.gather(*map(is_ended, connections)))


async def reset_singles(target: Service, scale: float) -> str:
    """New fixtures, asked for and left alone at once."""
    requests = (request(PREDICT, body) for body in itertools.islice(bodies(), int(SECONDS * SINGLES * scale)))
    return await _flood(target, requests, SINGLES)


async def reset_batches(target: Service, scale: float) -> str:
    """The same with batches of 256."""
    asked = bodies()
    batches = [request(BATCH, batch(list(itertools.islice(asked, WHOLE_BATCH)))) for _ in range(64)]
    sent = itertools.islice(itertools.cycle(batches), int(SECONDS * BATCHES * scale))
    return await _flood(target, sent, BATCHES)


async def _flood(target: Service, requests: Iterable[bytes], rate: float) -> str:
    """Send each and reset, so many a second at most."""

    def run() -> int:
        sent, began = 0, time.monotonic()
        for said in requests:
            time.sleep(max(0.0, began + sent / rate - time.monotonic()))
            reset(target.port, said)
            sent += 1
        return sent

    began = time.monotonic()
    sent = await asyncio.to_thread(run)
    return f"{sent:,} in {time.monotonic() - began:.1f} s"


async def odd_keys(target: Service, scale: float) -> str:
    """Whatever a key might be made of, long and another one each time: origins, queries, paths."""
    count = max(10, int(750 * scale))
    body = next(bodies())
    seen: Counter[int] = Counter()
    for number in range(count):
        pad = b"%08d" % number
        long = pad + b"a" * 60_000
        for said in (
            request(PREDICT, body, b"origin: " + long, CLOSE),
            request(PREDICT, body, b"origin: " + pad + b"a" * 400_000, CLOSE),
            request(f"{PREDICT}?detail=full&" + "&" * (number % 1900), body, CLOSE),
            request(f"{PREDICT}?x={long.decode()}", body, CLOSE),
            request("/" + long.decode(), body, CLOSE),
            request("/" + pad.decode() + "a" * 1900, body, CLOSE),
            request("/api/v1/leagues/" + pad.decode() + "a" * 1900 + "/teams", body, CLOSE),
        ):
            seen[status(await ask(target.port, said))] += 1
    assert not seen[500], seen
    refused = sum(seen[each] for each in (OF_A_PROXY if target.behind_proxy else {414}))
    assert refused >= 2 * count, seen
    return told(seen)


async def unknown_names(target: Service, scale: float) -> str:
    """64 clients send batches of names that are looked for among all the known ones."""
    numbers = itertools.count()
    wrong = [batch([unknown(next(numbers)) for _ in range(WHOLE_BATCH)]) for _ in range(CLIENTS)]
    asked = itertools.cycle(wrong)
    return await _batches(target, scale, lambda: next(asked), b'"closest"')


async def cold_batches(target: Service, scale: float) -> str:
    """64 clients send batches of new fixtures."""
    asked = bodies()
    return await _batches(
        target, scale, lambda: batch(list(itertools.islice(asked, WHOLE_BATCH))), b'"prediction"'
    )


async def _batches(target: Service, scale: float, body: Callable[[], bytes], expected: bytes) -> str:
    """Each client sends one after the other, and gets whole answers or is told to wait."""
    seen: Counter[int] = Counter()
    waits = {OVERLOADED, *(OF_A_PROXY if target.behind_proxy else ())}
    until = time.monotonic() + SECONDS * scale

    async def one() -> None:
        while time.monotonic() < until:
            said = request(BATCH, body(), CLOSE)
            answer = await ask(target.port, said)
            seen[status(answer)] += 1
            if status(answer) in waits:
                await asyncio.sleep(0.1)
            else:
                assert answer.count(expected) == WHOLE_BATCH, answer[:200]

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    assert seen.keys() <= {200, *waits}, seen
    assert seen[200], seen
    return told(seen)


async def never_reads(target: Service, scale: float) -> str:
    """Clients that send one request after the other and read no answer."""
    said = request(BATCH, batch([next(bodies())] * WHOLE_BATCH))
    connections = await silent(target.port, max(4, int(256 * scale)))
    loop = asyncio.get_running_loop()

    async def pipeline(connection: socket.socket) -> int:
        sent = 0
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(SECONDS * scale):
                while True:
                    await loop.sock_sendall(connection, said)
                    sent += 1
        return sent

    try:
        sent = sum(await asyncio.gather(*map(pipeline, connections)))
    finally:
        for connection in connections:
            connection.close()
    return f"{len(connections)} connections took {sent} batches"


async def too_large(target: Service, scale: float) -> str:
    """Bodies over the limit: each client learns why its request was refused."""
    said = request(PREDICT, b" " * 70_000)
    refused = Counter[int]()
    clients = max(40, int(400 * scale))
    for begin in range(0, clients, 40):
        answers = await asyncio.gather(*(_send_and_read(target.port, said) for _ in range(begin, begin + 40)))
        refused.update(map(status, answers))
    assert refused == {413: clients}, refused
    return told(refused)


async def _send_and_read(port: int, said: bytes) -> bytes:
    """What a client reads that first sends all, as most do."""
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=RUDE)
    try:
        async with asyncio.timeout(20.0):
            writer.write(said)
            await writer.drain()
            await asyncio.sleep(0.02)
            return await reader.readuntil(b"\r\n\r\n")
    except (OSError, EOFError, TimeoutError):
        return b""
    finally:
        writer.transport.abort()


ODD_HEADS: tuple[tuple[bytes, ...], ...] = (
    (b"host: a",),
    (),
    (b"host: ",),
    (b"host: a b",),
    (b"host: a/b",),
    (b"host: \xff",),
    (b"host: a", b"host: b"),
    (b"host: a b", b"host: c"),
    (b"host: a", b"content-type: text/plain"),
    (b"host: a", b"content-type: application/json"),
    (b"host: a", b"content-type: application/json; charset=utf-8"),
    (b"host: a", b"content-length: 7"),
    (b"host: a", b"content-length: +3"),
    (b"host: a", b"transfer-encoding: chunked"),
    (b"host: a", b"transfer-encoding: identity"),
    (b"host: a", b"expect: 100-continue"),
    (b"host: a", b"expect: the unexpected"),
    (b"host: a", b"cookie: a=b"),
    (b"host: a", b"x-request-id: mine"),
    (b"host: a", b"x-request-id: not sane"),
    (b"host: a", b"x-request-id: \xff"),
    (b"host: a", b"x-request-id: one", b"x-request-id: two"),
    (b"host: a", b"origin: https://allowed.example"),
    (b"host: a", b"origin: https://else.example"),
    (b"host: a", b"origin: null"),
    (b"host: a", b"origin: https://allowed.example", b"origin: https://else.example"),
    (b"host: a", b"content-encoding: gzip"),
    (b"host: a", b"range: bytes=0-5"),
    (b"host: a", b"if-none-match: *"),
    (b"host: a", b"accept: text/html"),
    (b"host: a", b"x-http-method-override: DELETE"),
    (b"host: a", b"upgrade: h2c", b"http2-settings: AAMAAABkAAQAAP__"),
    (b"host: a", b"x" * 300 + b": long"),
    (b"host: a", b"a: " + b"b" * 60_000),
    (b"host: a", b"a b: c"),
)
OF_EACH = frozenset({b"x-request-id", b"date", b"age", b"cache-status"})
"""Headers in which two answers to the same request may differ."""


async def odd_heads(target: Service, scale: float) -> str:
    """A request whose answer is stored, with odd heads: answered as by the application alone."""
    body = next(bodies())
    await ask(target.port, request(PREDICT, body, CLOSE))
    heads = ODD_HEADS if scale >= 1 else (*ODD_HEADS[:10], *random.sample(ODD_HEADS[10:], 10))
    seen: Counter[int] = Counter()
    async with serving(started(settings={"front": "0", **ALLOWED})) as alone, _as(target, alone) as plain:
        for lines in heads:
            said = _odd(body, lines)
            for _ in 2 * target.workers():  # each of them is to have it stored
                await ask(
                    target.port, request(PREDICT, body, *(b for b in lines if b.startswith(b"origin")), CLOSE)
                )
            cold, warm = [shape(await ask(port, said)) for port in (plain.port, target.port)]
            assert cold == warm, f"{lines}: {cold} alone, {warm} here"
            seen[cold[0]] += 1
    return told(seen)


@asynccontextmanager
async def _as(target: Service, other: Service) -> AsyncIterator[Service]:
    """The other service behind a proxy, if the target is behind one."""
    if not target.behind_proxy:
        yield other
        return
    async with fronted(other) as behind:
        yield behind


def _odd(body: bytes, lines: Sequence[bytes]) -> bytes:
    own = {line.partition(b":")[0] for line in lines}
    length = [] if own & {b"content-length", b"transfer-encoding"} else [b"content-length: %d" % len(body)]
    sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if b"transfer-encoding" in own else body
    head = [b"POST %b HTTP/1.1" % PREDICT.encode(), *lines, JSON, *length, CLOSE]
    return b"\r\n".join([*head, b"", sent])


def shape(answer: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """What two answers to the same request have in common; of a problem, all but its id."""
    head, _, body = answer.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    lines = [line.partition(b": ")[::2] for line in head.split(b"\r\n")[1:]]
    headers = {name.lower(): value for name, value in lines if name.lower() not in OF_EACH}
    return status(answer), headers, re.sub(rb'"request_id":"[^"]*"', b"", body)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _integer(value: int) -> bytes:
    """What an integer of HPACK has over its prefix (RFC 7541, section 5.1)."""
    written = bytearray()
    while value >= 128:
        written.append(value % 128 + 128)
        value //= 128
    return bytes([*written, value])


ALLOWED = {"frontend_origin": "https://allowed.example"}
NO_FRONT = {"front": "0"}

ATTACKS: tuple[Attack, ...] = (
    Attack("HPACK bomb", hpack_bomb),
    Attack("silent connections", silent_connections, outage=7.0, p99=6000.0),
    Attack("asked and reset", reset_singles),
    Attack("asked and reset, no front", reset_singles, settings=NO_FRONT),
    Attack("batches, reset", reset_batches),
    Attack("batches, reset, no front", reset_batches, settings=NO_FRONT),
    Attack("odd keys", odd_keys, settings=ALLOWED),
    Attack("unknown names", unknown_names, p99=50.0),
    Attack("cold batches", cold_batches, p99=50.0),
    # The server holds an answer for each connection, whoever reads it or not: a megabyte for a whole batch.
    Attack("never reads", never_reads, grows=300.0, p99=1000.0),
    Attack("too large", too_large),
    Attack("odd heads", odd_heads, settings=ALLOWED),
)
