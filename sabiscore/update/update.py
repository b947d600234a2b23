"""Matches in, a published bundle out.

Nothing is changed before the new bundle is whole and verified; whatever fails or ends the update before, the current
bundle stays.
"""

import hashlib
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct, structs

from sabiscore import __version__
from sabiscore.data import catalogue, coming, disk, seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.fixture_list import FixtureList, parse_fixtures
from sabiscore.data.parsed import read_again
from sabiscore.data.pull import FIRST_SEASON
from sabiscore.data.sources import join_sources
from sabiscore.domain import ListedFixture
from sabiscore.errors import DataError
from sabiscore.features import Parameters
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.models.heads import Head
from sabiscore.update import ratings, sanity
from sabiscore.update.place import Place
from sabiscore.update.renewal import renewed


class Updated(Struct, frozen=True):
    """The bundle that is current after an update, whether the update made it, and lines that it could not use."""

    version: str
    data_through: date
    is_new: bool
    refused: tuple[DataError, ...] = ()


def first_season(place: Place) -> str:
    """The first season whose files may have changed: the last but one that is there."""
    here = sorted(seasons.start_of(path.name) for path in place.matches.glob("[0-9]*"))
    return seasons.label_of(here[-2]) if len(here) > 1 else FIRST_SEASON


def update(place: Place, heads: Path) -> Updated:
    """Make and publish a bundle of the matches in ``place``, with the heads of the bundle at ``heads``.

    Where nothing has changed since the last time, nothing is written. Lines of the list of fixtures that are refused
    are told, and the others count.

    Raises:
        DataError: a file is refused, or there is none.
        BundleError: what was made, or ``heads``, must not be served.
    """
    trained = bundles.read(heads)
    inputs = _digest(place, trained)
    known = catalogue.load()
    listed = _listed(place, known)
    if disk.read(place.inputs) == inputs and place.shelf.current:
        current = bundles.read(place.shelf.current)
        return Updated(current.version, current.manifest.data_through, is_new=False, refused=listed.refused)
    frame = join_sources(read_again(place.matches, known, place.parsed), place.sources(), known).frame
    before = Forecaster.from_bundle(bundles.read(place.shelf.current) if place.shelf.current else trained)
    parameters = msgspec.convert(trained.manifest.parameters, Parameters)
    checkpoint = ratings.advanced(place, before, frame, parameters)
    manifest, files = renewed(trained, _head(trained, before), frame, checkpoint.history, known)
    parts = {coming.FILE: coming.dump(_to_come(listed, frame, known))}
    version = place.shelf.publish(
        manifest, files | parts, lambda bundle: sanity.check(Forecaster.from_bundle(bundle), before, frame)
    )
    made = bundles.read(place.shelf.directory / version).manifest
    ratings.keep(place, checkpoint, made, parameters)
    disk.write(place.inputs, inputs)
    return Updated(version, manifest.data_through, is_new=True, refused=listed.refused)


def _head(trained: Bundle, before: Forecaster) -> Head:
    """The head that was trained, which the current bundle usually has."""
    same = bundles.heads(trained.manifest) == bundles.heads(before.manifest)
    return before.head if same else Forecaster.from_bundle(trained).head


def _listed(place: Place, known: Catalogue) -> FixtureList:
    """The list of fixtures, empty where there is none."""
    if not place.fixtures.is_file():
        return FixtureList(())
    return parse_fixtures(disk.read(place.fixtures), place.fixtures, known)


def _to_come(listed: FixtureList, frame: pl.DataFrame, known: Catalogue) -> list[ListedFixture]:
    """The fixtures to come of leagues that have matches."""
    leagues = set(frame["league"].unique())
    fixtures = [fixture for fixture in listed.fixtures if fixture.league.code in leagues]
    return coming.to_come(fixtures, frame, known)


def _digest(place: Place, heads: Bundle) -> bytes:
    """Of the program's version, its catalogue, the heads, and every file that is read."""
    sources = [path for path in structs.astuple(place.sources()) if path]
    paths = [*sorted(place.matches.glob("*/*.csv")), place.fixtures, *sources]
    said = [
        __version__,
        catalogue.fingerprint(),
        heads.digest,
        *(f"{path} {disk.digest(disk.read(path))}" for path in paths),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest().encode()
