"""What an answer says of the cache that it came from: Cache-Status (RFC 9211) and Age."""

from collections.abc import Iterable, Sequence

from sabiscore.cache.entry import Entry
from sabiscore.service import Answer

Header = tuple[bytes, bytes]

CACHE_STATUS, AGE = b"cache-status", b"age"
NAME = b"SabiScore"

MISS: tuple[Header, ...] = ((CACHE_STATUS, NAME + b"; fwd=miss; stored"),)
PARTIAL: tuple[Header, ...] = ((CACHE_STATUS, NAME + b"; fwd=partial; stored"),)


def of_answers(answers: Sequence[Answer], now: float) -> Iterable[Header]:
    """The headers of a message with these answers: a hit if all were cached, as old as the oldest."""
    cached = [answer.entry for answer in answers if answer.cached]
    if not cached:
        return MISS if answers else ()
    return of_hits(cached, now) if len(cached) == len(answers) else PARTIAL


def of_hits(entries: Sequence[Entry], now: float) -> tuple[Header, Header]:
    """The headers of entries that were cached; a time to live below zero is that of stale ones."""
    left = int(min(entry.fresh_until for entry in entries) - now)
    age = max(int(now - min(entry.made for entry in entries)), 0)
    return (CACHE_STATUS, b"%b; hit; ttl=%d" % (NAME, left)), (AGE, b"%d" % age)
