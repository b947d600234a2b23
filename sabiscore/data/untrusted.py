"""JSON that may be anybody's: a file of a bundle."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decoded(content: bytes, kind: type[T], *, most: int, otherwise: str) -> T:
    """What JSON of at most so many bytes says.

    Raises:
        ValueError: it is larger, or of another kind; the message begins with ``otherwise``.
    """
    if len(content) > most:
        raise ValueError(f"{otherwise}: more than {most} bytes")
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{otherwise}: {error}") from error
