"""The bundles that were published on a machine, side by side in one directory, and which of them is current.

    bundles/d98f93bc65ca/   a bundle, named by its version
    bundles/current         the version that is served

A bundle gets its name when it is whole and was verified, and ``current`` is replaced in one step: whoever reads sees
one or the other. There is one writer at a time (`Place.alone`); readers need no lock.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from sabiscore.data import disk
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import MANIFEST, Bundle, Manifest

KEPT = 5
"""Bundles that stay, the newest ones and the current one."""

CURRENT = "current"
_DRAFT = ".draft"
_VERSION = re.compile(f"[0-9a-f]{{{bundles.SHORT}}}")


class Published(Struct, frozen=True):
    """A bundle that was published: when, and the day of the last match that it knows."""

    version: str
    when: datetime
    data_through: date
    is_current: bool


class _Dated(Struct):
    data_through: date


class Shelf(Struct, frozen=True):
    """The bundles in a directory, which may not be there yet."""

    directory: Path

    @property
    def version(self) -> str:
        """The version of the current bundle, empty where there is none."""
        return disk.read(self.directory / CURRENT).decode("ascii", "replace").strip()

    @property
    def lost(self) -> str:
        """Why there is no current bundle though one was published; empty where none was."""
        try:
            version = (self.directory / CURRENT).read_text(errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            return f"{self.directory / CURRENT}: cannot be read: {error.strerror}"
        return (
            "" if self._has(version) else f"{self.directory / CURRENT}: names {version!r}, which is not there"
        )

    @property
    def current(self) -> Path | None:
        """Where the current bundle is."""
        version = self.version
        return self.directory / version if version and self._has(version) else None

    def published(self) -> list[Published]:
        """All bundles that are there, the newest first, but those of which not even the manifest can be read."""
        found = []
        for path in self.directory.glob(f"[!.]*/{MANIFEST}"):
            with suppress(OSError, ValueError):
                when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                data_through = msgspec.json.decode(path.read_bytes(), type=_Dated).data_through
                name = path.parent.name
                found.append(Published(name, when, data_through, is_current=name == self.version))
        return sorted(found, key=lambda one: one.when, reverse=True)

    def publish(
        self, manifest: Manifest, files: Mapping[str, bytes], verify: Callable[[Bundle], None]
    ) -> str:
        """Make a bundle the current one, once it is on disk and ``verify`` has looked at it; returns its version.

        Raises:
            BundleError: ``verify`` refuses it; the current one stays.
        """
        disk.make(self.directory)
        self._sweep()
        draft = self.directory / _DRAFT
        version = bundles.write(draft, manifest, files)[: bundles.SHORT]
        verify(bundles.read(draft))
        self._put(draft, version)
        self.activate(version)
        self._prune()
        return version

    def activate(self, version: str) -> None:
        """Make a bundle that is there the current one.

        Raises:
            BundleError: there is none of this version, or it is not whole.
        """
        if not self._has(version):
            raise BundleError(
                self.directory / version, "there is no such bundle; `sabiscore bundle list` tells which"
            )
        bundles.read(self.directory / version)
        disk.write(self.directory / CURRENT, f"{version}\n".encode())

    def roll_back(self, passed_over: Callable[[BundleError], None] = lambda _: None) -> str:
        """Make the one that was published before the current one the current one; returns its version.

        One that is not whole is told and ``passed_over``.

        Raises:
            BundleError: there is none.
        """
        versions = [one.version for one in self.published()]
        for version in versions[versions.index(self.version) + 1 :] if self.version in versions else versions:
            try:
                self.activate(version)
            except BundleError as error:
                passed_over(error)
            else:
                return version
        raise BundleError(self.directory, "there is no older bundle to roll back to")

    def _put(self, draft: Path, version: str) -> None:
        """Give a bundle its name, unless it is there already, and whole."""
        place = self.directory / version
        try:
            bundles.read(place)
        except BundleError:
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
        else:
            shutil.rmtree(draft)

    def _has(self, version: str) -> bool:
        return bool(_VERSION.fullmatch(version)) and (self.directory / version / MANIFEST).is_file()

    def _sweep(self) -> None:
        """Remove what an update left that was killed."""
        for path in self.directory.glob(f"*{_DRAFT}*"):
            shutil.rmtree(path)

    def _prune(self) -> None:
        for one in self.published()[KEPT:]:
            if not one.is_current:
                shutil.rmtree(self.directory / one.version)
