"""An answer as it is kept, and how long it may be used. Times are Unix time in seconds."""

import random
from enum import Enum

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


class Lifetime(Struct, frozen=True):
    """``ttl`` seconds, more or less, an answer is fresh; for ``stale`` seconds more it may still be served."""

    ttl: float = 3600.0
    stale: float = 86_400.0

    @property
    def longest(self) -> float:
        """Seconds after which no answer may be used."""
        return self.ttl * (1.0 + JITTER) + self.stale

    def entry(self, body: bytes, now: float) -> Entry:
        """An answer made ``now``."""
        return Entry(body, now, now + self.ttl * random.uniform(1.0 - JITTER, 1.0 + JITTER))  # noqa: S311

    def age(self, entry: Entry, now: float) -> Age:
        """Whether an answer may be used ``now``; one from the future (clocks differ) is fresh."""
        if now < entry.fresh_until:
            return Age.FRESH
        return Age.STALE if now < entry.fresh_until + self.stale else Age.EXPIRED


USUAL = Lifetime()
