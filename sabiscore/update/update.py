"""Matches in, a published bundle out.

Nothing is changed before the new bundle is whole and verified; whatever fails or ends the update before, the current
bundle stays. A data directory is:

    matches/    season files, as `pull` has them
    sources/    xg.csv, closing.csv, other_matches.csv: other sources, where somebody put them
    bundles/    see `published`
    inputs      a digest of all that the last bundle was made from
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec import Struct

from sabiscore import __version__
from sabiscore.data import catalogue, seasons, store
from sabiscore.data.parse import read_matches
from sabiscore.data.pull import FIRST_SEASON
from sabiscore.data.sources import Sources, join_sources
from sabiscore.errors import DataError
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.update import sanity
from sabiscore.update.published import Shelf
from sabiscore.update.renewal import renewed

_SOURCES = ("xg", "closing", "other_matches")


class Place(Struct, frozen=True):
    """A data directory."""

    directory: Path

    @property
    def matches(self) -> Path:
        """Season files."""
        return self.directory / "matches"

    @property
    def shelf(self) -> Shelf:
        """The bundles."""
        return Shelf(self.directory / "bundles")

    @property
    def inputs(self) -> Path:
        """What the last bundle was made from."""
        return self.directory / "inputs"

    def sources(self) -> Sources:
        """The files of other sources that are there."""
        paths = {name: self.directory / "sources" / f"{name}.csv" for name in _SOURCES}
        return Sources(**{name: path for name, path in paths.items() if path.is_file()})

    def since(self) -> str:
        """The first season whose files may have changed: the last but one that is here."""
        here = sorted(seasons.start_of(path.name) for path in self.matches.glob("[0-9]*"))
        return seasons.label_of(here[-2]) if len(here) > 1 else FIRST_SEASON

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The right to write here, which ends with the process.

        Raises:
            DataError: somebody else has it.
        """
        store.make(self.directory)
        with (self.directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataError(
                    self.directory, 0, "another update is at work here; try again later"
                ) from error
            yield


class Updated(Struct, frozen=True):
    """The bundle that is current after an update, and whether the update made it."""

    version: str
    data_through: date
    is_new: bool


def update(place: Place, heads: Path) -> Updated:
    """Make and publish a bundle of the matches in ``place``, with the heads of the bundle at ``heads``.

    Where nothing has changed since the last time, nothing is written.

    Raises:
        DataError: a file is refused, or there is none.
        BundleError: what was made, or ``heads``, must not be served.
    """
    trained = bundles.read(heads)
    inputs = _digest(place, trained)
    if store.read(place.inputs) == inputs and place.shelf.current:
        current = bundles.read(place.shelf.current)
        return Updated(current.version, current.manifest.data_through, is_new=False)
    known = catalogue.load()
    frame = join_sources(read_matches(place.matches, known), place.sources(), known).frame
    before = Forecaster.from_bundle(bundles.read(place.shelf.current) if place.shelf.current else trained)
    manifest, files = renewed(trained, frame, known)
    version = place.shelf.publish(
        manifest, files, lambda bundle: sanity.check(Forecaster.from_bundle(bundle), before, frame)
    )
    store.write(place.inputs, inputs)
    return Updated(version, manifest.data_through, is_new=True)


def _digest(place: Place, heads: Bundle) -> bytes:
    """Of the program's version, the heads, and every file that is read."""
    sources = [place.directory / "sources" / f"{name}.csv" for name in _SOURCES]
    paths = [*sorted(place.matches.glob("*/*.csv")), *(path for path in sources if path.is_file())]
    said = [__version__, heads.digest, *(f"{path} {store.digest(store.read(path))}" for path in paths)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest().encode()
