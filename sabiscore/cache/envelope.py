"""What is stored: the answer's bytes behind a version byte and a short digest.

The digest covers the key too, so that bytes that belong to another fixture never pass for this one's.
"""

from hashlib import blake2b

VERSION = b"\x01"
DIGEST_SIZE = 8
HEADER_SIZE = len(VERSION) + DIGEST_SIZE
MAX_SIZE = 64 * 1024
"""Bytes of the largest payload that is kept; an answer has about a thousand."""


def seal(key: str, payload: bytes) -> bytes:
    """The bytes to store under ``key``."""
    return VERSION + _digest(key, payload) + payload


def unseal(key: str, stored: bytes) -> bytes | None:
    """The payload that was sealed under ``key``; None if ``stored`` is anything else."""
    if len(stored) > HEADER_SIZE + MAX_SIZE:
        return None
    payload = stored[HEADER_SIZE:]
    return payload if stored[:HEADER_SIZE] == VERSION + _digest(key, payload) else None


def _digest(key: str, payload: bytes) -> bytes:
    digest = blake2b(key.encode(), digest_size=DIGEST_SIZE)
    digest.update(payload)
    return digest.digest()
