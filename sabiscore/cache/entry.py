"""An answer as it is kept, and how long it may be used.

Times are those of a monotonic clock, in seconds: whoever sets the time of day makes nothing older or younger.
"""

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
