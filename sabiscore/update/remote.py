"""A packed bundle at an address, and the last good one of it kept on this machine.

remote/3f9c1d2ab047.../    named by the address
    bundle.tar             the bundle, fetched, verified and tried
    seen                   what was fetched last, so that it is not fetched again, good or not
    lock                   one process at a time fetches
"""

import fcntl
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from sabiscore import __version__
from sabiscore.clock import CLOCK, Clock
from sabiscore.data import disk
from sabiscore.data.download import Answer, Validators
from sabiscore.errors import BundleError, DownloadError
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.models.signature import PublicKey
from sabiscore.trial import try_bundle
from sabiscore.update.addresses import address

log = logging.getLogger(__name__)


class _Seen(Struct, frozen=True):
    """What came last: its validators and digest, and by which program and key it was judged."""

    validators: Validators = Validators()
    content: str = ""
    program: str = ""
    key: str = ""


class Remote:
    """Fetched when it is due; where that fails, or what comes is refused, the kept one stays."""

    def __init__(
        self, url: str, place: Path, *, every: float, key: Path | None = None, clock: Clock = CLOCK
    ) -> None:
        """``place`` is the data directory, ``key`` the file of the public key that it must be signed by.

        Raises:
            SettingsError: there is no such address, or no such key.
        """
        self._address = address(url)
        self._directory = place / "remote" / hashlib.sha256(url.encode()).hexdigest()[:16]
        self._key = PublicKey(key) if key else None
        self._judge = (__version__, disk.digest(disk.read(key)) if key else "")
        self._every = every
        self._seconds = clock.seconds
        self._asked = -every

    def is_due(self) -> bool:
        """Whether it is time to look; it then is not until the next time."""
        due = self._seconds() - self._asked >= self._every
        if due:
            self._asked = self._seconds()
        return due

    def read(self) -> Bundle:
        """The bundle that is there now, or the kept one where that cannot be found out.

        Raises:
            BundleError: what came is refused, or nothing can be fetched and none was kept.
            DataError: nothing can be kept in the data directory.
        """
        self._asked = self._seconds()
        with self._alone():
            kept = self._kept()
            seen = self._seen() if kept else _Seen()
            try:
                answer = self._address.get(seen.validators)
                if answer.status == "absent":
                    raise DownloadError(self._address.shown, "there is nothing")  # noqa: TRY301
            except DownloadError as error:
                if kept is None:
                    raise BundleError(
                        self._address.shown,
                        f"cannot be fetched, and none was kept: {error.reason}",
                        "missing",
                    ) from error
                log.warning("the bundle fetched last is served: %s", error)
                return kept
            is_known = answer.status == "unchanged" or disk.digest(answer.body) == seen.content
            return kept if kept and is_known else self._taken(answer, kept)

    def _taken(self, answer: Answer, kept: Bundle | None) -> Bundle:
        draft = self._directory / "draft.tar"
        disk.write(draft, answer.body)
        try:
            bundle = self._judged(draft, kept)
            draft.replace(self._directory / "bundle.tar")
        except BundleError as error:
            reason = f"{Path(error.file).name}: {error.reason}"
            raise BundleError(self._address.shown, reason, error.kind) from error
        finally:
            draft.unlink(missing_ok=True)
            self._note(answer)
        return bundle

    def _judged(self, draft: Path, kept: Bundle | None) -> Bundle:
        bundle = bundles.read(draft, self._key)
        through = bundle.manifest.data_through
        if kept and through < (last := kept.manifest.data_through):
            raise BundleError(
                draft,
                f"its matches end on {through}, those served on {last}; remove {self._directory} for it",
                "older",
            )
        if try_bundle(draft) != bundle.digest:
            raise BundleError(draft, "was changed while it was tried", "changed")
        return bundle

    def _kept(self) -> Bundle | None:
        path = self._directory / "bundle.tar"
        if not path.is_file():
            return None
        try:
            return bundles.read(path, self._key)
        except BundleError as error:
            log.warning("the bundle that was kept is fetched again: %s", error)
            return None

    def _seen(self) -> _Seen:
        try:
            seen = msgspec.json.decode(disk.read(self._directory / "seen"), type=_Seen)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _Seen()
        return seen if (seen.program, seen.key) == self._judge else _Seen()

    def _note(self, answer: Answer) -> None:
        seen = _Seen(answer.validators, disk.digest(answer.body), *self._judge)
        disk.write(self._directory / "seen", msgspec.json.encode(seen))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        disk.make(self._directory)
        with disk.opened(self._directory / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
