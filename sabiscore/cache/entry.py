"""An answer as it is kept, how long it may be used, and what is stored of it.

Times are those of a monotonic clock, in seconds: whoever sets the time of day makes nothing older or younger.
Stored is an entry behind a version byte and a short digest:

    version (1) | digest (8) | made (8) | fresh until (8) | body

There times are big-endian doubles, of Unix time. The digest covers all that follows it and the key too, so that bytes
that belong to another fixture never pass for this one's.
"""

import math
import random
import struct
from enum import Enum
from hashlib import blake2b

from msgspec import Struct

JITTER = 0.1
"""The share of the TTL by which an answer may be fresh for longer or shorter, so that not all expire at once."""


class Age(Enum):
    """How old an answer is: stale ones are still served, while they are made anew."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


class Entry(Struct, frozen=True):
    """The encoded answer, when it was made, and until when it is fresh."""

    body: bytes
    made: float
    fresh_until: float


def shifted(entry: Entry, seconds: float) -> Entry:
    """The same entry by a clock that shows so many seconds more."""
    return Entry(entry.body, entry.made + seconds, entry.fresh_until + seconds)


class Lifetime(Struct, frozen=True):
    """``ttl`` seconds, more or less, an answer is fresh; for ``stale`` seconds more it may still be served."""

    ttl: float = 3600.0
    stale: float = 86_400.0

    @property
    def freshest(self) -> float:
        """Seconds for which no answer is fresh any longer."""
        return self.ttl * (1.0 + JITTER)

    @property
    def longest(self) -> float:
        """Seconds after which no answer may be used."""
        return self.freshest + self.stale

    def entry(self, body: bytes, now: float) -> Entry:
        """An answer made ``now``."""
        return Entry(body, now, now + self.ttl * random.uniform(1.0 - JITTER, 1.0 + JITTER))  # noqa: S311

    def age(self, entry: Entry, now: float) -> Age:
        """Whether an answer may be used ``now``."""
        if now < entry.fresh_until:
            return Age.FRESH
        return Age.STALE if now < entry.fresh_until + self.stale else Age.EXPIRED


USUAL = Lifetime()


VERSION = b"\x02"
DIGEST_SIZE = 8
MAX_SIZE = 64 * 1024
"""Bytes of the largest body that is kept; an answer has about four thousand, in full some fifteen."""

_times = struct.Struct(">dd")
_PREFIX_SIZE = len(VERSION) + DIGEST_SIZE
HEADER_SIZE = _PREFIX_SIZE + _times.size


def seal(key: str, entry: Entry) -> bytes:
    """The bytes to store under ``key``."""
    content = _times.pack(entry.made, entry.fresh_until) + entry.body
    return VERSION + _digest(key, content) + content


def unseal(key: str, stored: bytes) -> Entry | None:
    """The entry that was sealed under ``key``; None if ``stored`` is anything else."""
    if not HEADER_SIZE <= len(stored) <= HEADER_SIZE + MAX_SIZE:
        return None
    content = stored[_PREFIX_SIZE:]
    if stored[:_PREFIX_SIZE] != VERSION + _digest(key, content):
        return None
    made, fresh_until = _times.unpack_from(content)
    if not 0.0 <= made <= fresh_until < math.inf:
        return None
    return Entry(content[_times.size :], made, fresh_until)


def _digest(key: str, content: bytes) -> bytes:
    digest = blake2b(key.encode(), digest_size=DIGEST_SIZE)
    digest.update(content)
    return digest.digest()
