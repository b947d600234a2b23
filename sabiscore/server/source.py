"""Which bundle is served: the one that is named, else the one that `update` published last, else the shipped one."""

import logging
from datetime import date
from functools import cached_property
from pathlib import Path

from sabiscore.clock import CLOCK
from sabiscore.errors import BundleError, SettingsError
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.models.signature import PublicKey
from sabiscore.settings import Settings, data_directory, is_address
from sabiscore.trial import read_tried
from sabiscore.update.place import Place

OLD = 14
"""Days after the last match that a bundle knows from which `serve` says so."""

log = logging.getLogger(__name__)


class Source:
    """Where bundles come from."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is read yet.

        Raises:
            SettingsError: the settings name no address, or no key.
        """
        data, key = data_directory(settings), Path(settings.bundle_key) if settings.bundle_key else None
        if key and not settings.bundle:
            raise SettingsError(
                "SABISCORE_BUNDLE_KEY is for the bundle that SABISCORE_BUNDLE names: set that, too"
            )
        self._shelf = Place(data).shelf
        self._named = self._remote = None
        if is_address(settings.bundle):
            from sabiscore.update.remote import Remote  # noqa: PLC0415 - others need no HTTP client

            self._remote = Remote(settings.bundle, data, every=settings.bundle_every, key=key)
        elif settings.bundle:
            self._named = Path(settings.bundle)
        self._key = PublicKey(key) if key else None
        self._seen = ""
        self._serves = False

    def read(self) -> Bundle:
        """The bundle to be served now.

        One that is named is tried first. What `update` published was made by this program and verified by it.

        Raises:
            BundleError: it must not be served.
        """
        if self._remote:
            bundle = self._remote.read()
        else:
            bundle = self._read_named(self._named) if self._named else self._read_published()
        self._serves = True
        return bundle

    def has_changed(self) -> bool:
        """Whether another bundle may be there since this was asked, or the bundle read."""
        if self._remote:
            return self._remote.is_due()
        if self._named:
            return False
        before, self._seen = self._seen, self._shelf.version
        return before != self._seen

    def instead(self, error: BundleError) -> Bundle:
        """The shipped bundle, in place of a published one that cannot be served.

        Raises:
            BundleError: that one was named.
        """
        if self._named or self._remote:
            raise error
        log.warning("the shipped bundle is served, for the published one is not to be: %s", error)
        return bundles.read(bundles.SHIPPED)

    def _read_named(self, named: Path) -> Bundle:
        if named == bundles.SHIPPED:
            return bundles.read(named, self._key)
        return read_tried(named, self._key)

    def _read_published(self) -> Bundle:
        """The published one; the shipped one where there is none, or none as new to begin with."""
        self._seen, current = self._shelf.version, self._shelf.current
        if current is None:
            if lost := self._shelf.lost:
                log.warning("the shipped bundle is served: %s", lost)
            return bundles.read(bundles.SHIPPED)
        published = bundles.read(current)
        through, least = published.manifest.data_through, self._least
        if through >= least:
            return published
        if self._serves:
            reason = f"its matches end on {through}, those of the shipped one on {least}"
            raise BundleError(current, reason, "older")
        return bundles.read(bundles.SHIPPED)

    @cached_property
    def _least(self) -> date:
        """The last day that the shipped bundle knows."""
        return bundles.read(bundles.SHIPPED).manifest.data_through


def tell_age(through: date) -> None:
    """Say how old data are whose last match was on that day, and what to do about it, if they are old."""
    days = (CLOCK.now().date() - through).days
    if days > OLD:
        log.warning(
            "the last match known is of %s, %d days ago: `sabiscore update` brings later ones", through, days
        )
