"""Which bundle is served: the one that is named, else the one that `update` published last, else the shipped one."""

import logging
from datetime import date
from pathlib import Path

from sabiscore.clock import CLOCK
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.settings import Settings, data_directory
from sabiscore.trial import read_tried
from sabiscore.update.place import Place

OLD = 14
"""Days after the last match that a bundle knows from which `serve` says so."""

log = logging.getLogger(__name__)


class Source:
    """Where bundles come from."""

    def __init__(self, settings: Settings) -> None:
        self._named = Path(settings.bundle) if settings.bundle else None
        self._shelf = Place(data_directory(settings)).shelf
        self._seen = ""

    def read(self) -> Bundle:
        """The bundle to be served now.

        One that is named is tried first. What `update` published was made by this program and verified by it.

        Raises:
            BundleError: it must not be served.
        """
        if self._named:
            return bundles.read(self._named) if self._named == bundles.SHIPPED else read_tried(self._named)
        self._seen, current = self._shelf.version, self._shelf.current
        shipped = bundles.read(bundles.SHIPPED)
        if current is None:
            return shipped
        published = bundles.read(current)
        older = published.manifest.data_through < shipped.manifest.data_through
        return shipped if older else published

    def has_changed(self) -> bool:
        """Whether another bundle was published or chosen since the last `read`."""
        return self._named is None and self._shelf.version != self._seen

    def instead(self, error: BundleError) -> Bundle:
        """The shipped bundle, in place of a published one that cannot be served.

        Raises:
            BundleError: that one was named.
        """
        if self._named:
            raise error
        log.warning("the shipped bundle is served, for the published one is not to be: %s", error)
        return bundles.read(bundles.SHIPPED)


def tell_age(through: date) -> None:
    """Say how old data are whose last match was on that day, and what to do about it, if they are old."""
    days = (CLOCK.now().date() - through).days
    if days > OLD:
        log.warning(
            "the last match known is of %s, %d days ago: `sabiscore update` brings later ones", through, days
        )
