"""Some files in one: an uncompressed tar (POSIX ustar) of which every byte follows from their names and contents."""

import re
import tarfile
from collections.abc import Mapping

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
"""What follows the last file."""

_NAME, _SIZE = slice(0, 100), slice(124, 135)
_OCTAL = re.compile(rb"[0-7]{11}")


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files, in their order."""
    return b"".join([*(_head(name, len(body)) + body + _rest(body) for name, body in files.items()), END])


def unpack(content: bytes, most: int) -> dict[str, bytes]:
    """At most so many files out of what `pack` made, and of nothing else: another tar of the same files is refused.

    Raises:
        ValueError: the content is not that.
    """
    files: dict[str, bytes] = {}
    place = 0
    while len(files) <= most and not content.startswith(b"\0", place):
        head = content[place : place + BLOCK]
        if len(head) < BLOCK or not _OCTAL.fullmatch(head[_SIZE]):
            raise ValueError("it is cut, or no tar")
        body = content[place + BLOCK : place + BLOCK + int(head[_SIZE], 8)]
        files[head[_NAME].rstrip(b"\0").decode("ascii")] = body
        place += BLOCK + len(body) + len(_rest(body))
    if len(files) > most:
        raise ValueError(f"it has more than {most} files")
    if pack(files) != content:
        raise ValueError("it is cut, changed, or not packed as `sabiscore update --publish` does")
    return files


def _head(name: str, size: int) -> bytes:
    about = tarfile.TarInfo(name)
    about.size = size
    return about.tobuf(tarfile.USTAR_FORMAT)


def _rest(body: bytes) -> bytes:
    return bytes(-len(body) % BLOCK)
