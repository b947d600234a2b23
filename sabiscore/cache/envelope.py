"""What is stored: an entry behind a version byte and a short digest.

    version (1) | digest (8) | made (8) | fresh until (8) | body

Times are big-endian doubles, of Unix time. The digest covers all that follows it and the key too, so that bytes that
belong to another fixture never pass for this one's.
"""

import math
from hashlib import blake2b
from struct import Struct

from sabiscore.cache.entry import Entry

VERSION = b"\x02"
DIGEST_SIZE = 8
MAX_SIZE = 64 * 1024
"""Bytes of the largest body that is kept; an answer has about three thousand."""

_times = Struct(">dd")
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
