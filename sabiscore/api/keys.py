"""The keys of those who may ask: a file with the SHA-256 of each, read again when it has changed."""

import hmac
import logging
import re
from hashlib import sha256
from pathlib import Path

from sabiscore.clock import CLOCK, Clock
from sabiscore.errors import SettingsError

LINE = re.compile(r"([0-9a-fA-F]{64})(?:\s.*)?")
LOOK_EVERY = 1.0
"""Seconds."""

LONGEST_FILE = 1024 * 1024
SHOWN = 12
"""Digits of a digest by which a key is told from others."""

log = logging.getLogger(__name__)


class Keys:
    """A line a key: 64 hexadecimal digits, as ``printf %s KEY | sha256sum`` has them, then whatever helps to remember.

    Empty lines, and those that begin with #, do not count.
    """

    def __init__(self, path: Path, clock: Clock = CLOCK) -> None:
        """Read them.

        Raises:
            SettingsError: the file cannot be read, or has a line that is no key's, or none that is.
        """
        self._path = path
        self._clock = clock
        self._state = self._seen()
        self._looked = clock.seconds()
        self._digests = _read(path)

    def holder(self, key: str) -> str | None:
        """The beginning of the digest of a key that there is. How long that takes tells nothing of the others."""
        self._keep_up()
        digest = sha256(key.encode(errors="replace")).digest()
        found = [hmac.compare_digest(digest, known) for known in self._digests]
        return digest.hex()[:SHOWN] if any(found) else None

    def _keep_up(self) -> None:
        """Read the file again if it has changed; what cannot be read leaves the keys as they were."""
        if self._clock.seconds() - self._looked < LOOK_EVERY:
            return
        self._looked = self._clock.seconds()
        if (state := self._seen()) == self._state:
            return
        self._state = state
        try:
            self._digests = _read(self._path)
            log.info("read %d keys again", len(self._digests))
        except SettingsError as error:
            log.error("the keys stay as they were: %s", error)  # noqa: TRY400 - the reason says it all

    def _seen(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_FILE).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"SABISCORE_API_KEYS={path}: {error}") from error
    digests = []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line and not line.startswith("#"):
            if (found := LINE.fullmatch(line)) is None:
                raise SettingsError(f"SABISCORE_API_KEYS={path}: line {number} has no SHA-256 in 64 digits")
            digests.append(bytes.fromhex(found[1]))
    if not digests:
        raise SettingsError(f"SABISCORE_API_KEYS={path}: there is no key in it")
    return digests
