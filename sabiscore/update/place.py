"""A data directory, and who may write there.

matches/    season files and the list of fixtures, as `pull` has them
sources/    xg.csv, closing.csv, other_matches.csv: other sources, where somebody put them
bundles/    see `published`
ledger/     what was sealed and settled: see `sabiscore.ledger`
kept/       what was parsed, and the ratings after it: an update without them takes longer
inputs      a digest of all that the last bundle was made from
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from sabiscore.data import disk
from sabiscore.data.fixture_list import FILE as FIXTURES
from sabiscore.data.sources import Sources
from sabiscore.errors import DataError
from sabiscore.ledger.ledger import Ledger
from sabiscore.update.published import Shelf

SOURCES = ("xg", "closing", "other_matches")


class Place(Struct, frozen=True):
    """A data directory."""

    directory: Path

    @property
    def matches(self) -> Path:
        """Season files."""
        return self.directory / "matches"

    @property
    def fixtures(self) -> Path:
        """The list of fixtures to come."""
        return self.matches / FIXTURES

    @property
    def shelf(self) -> Shelf:
        """The bundles."""
        return Shelf(self.directory / "bundles")

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return Ledger(self.directory / "ledger")

    @property
    def parsed(self) -> Path:
        """The matches of season files, parsed."""
        return self.directory / "kept" / "matches"

    @property
    def ratings(self) -> Path:
        """The ratings after them."""
        return self.directory / "kept" / "ratings.npz"

    @property
    def inputs(self) -> Path:
        """What the last bundle was made from."""
        return self.directory / "inputs"

    def sources(self) -> Sources:
        """The files of other sources that are there."""
        paths = {name: self.directory / "sources" / f"{name}.csv" for name in SOURCES}
        return Sources(**{name: path for name, path in paths.items() if path.is_file()})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The right to write here, which ends with the process; what one left that was killed is swept away.

        Raises:
            DataError: somebody else has it, or nobody may write here.
        """
        disk.make(self.directory)
        with disk.opened(self.directory / "lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataError(
                    self.directory, 0, "another update is at work here; try again later"
                ) from error
            disk.sweep(self.directory)
            yield
