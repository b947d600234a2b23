"""Matches in, a published bundle out.

In this order: matches are read, the ratings go on, what was sealed is settled, the bundle is made with the record, the
fixtures to come and the projected tables, verified and published; then what it says of these fixtures is sealed.
Whatever fails or ends the update before it is published, the current bundle stays.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct, structs

from sabiscore import __version__
from sabiscore.clock import CLOCK, Clock
from sabiscore.data import catalogue, coming, disk, newcomers, seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.fixture_list import FixtureList, parse_fixtures
from sabiscore.data.parsed import read_again
from sabiscore.data.sources import join_sources
from sabiscore.domain import ListedFixture
from sabiscore.errors import BundleError, DataError
from sabiscore.features import Parameters
from sabiscore.forecaster import Forecaster
from sabiscore.ledger import keeping
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.models.heads import Head
from sabiscore.season import tables
from sabiscore.season.projection import projected_tables
from sabiscore.season.reader import Season
from sabiscore.update import ratings, sanity
from sabiscore.update.place import Place
from sabiscore.update.renewal import renewed


class Updated(Struct, frozen=True):
    """The bundle that is current after an update, whether it is another than before, and lines that are of no use."""

    version: str
    data_through: date
    is_new: bool
    refused: tuple[DataError, ...] = ()


def first_season(place: Place) -> str:
    """The first season whose files may have changed: the last but one that is there."""
    here = sorted(seasons.start_of(path.name) for path in place.matches.glob("[0-9]*"))
    return seasons.label_of(here[-2]) if len(here) > 1 else seasons.FIRST


def update(place: Place, heads: Path, clock: Clock = CLOCK) -> Updated:
    """Make and publish a bundle of the matches in ``place``, with the heads of the bundle at ``heads``.

    Where nothing has changed since the last time, nothing is written, but what an interrupted update still had to seal.
    Lines of the list of fixtures that are refused are told, and the others count.

    Raises:
        DataError: a file is refused, or there is none; the ledger's past was changed.
        BundleError: what was made, or ``heads``, must not be served.
    """
    trained, before = bundles.read(heads), _whole(place)
    digests = _digests(place)
    inputs = _inputs(place, trained, digests)
    known = newcomers.read(place.matches)
    listed = _listed(place, known)
    made, current = None, before
    if disk.read(place.inputs) != inputs or current is None:
        old = before or trained
        made, current = _published(place, trained, old, listed, known, digests=digests, clock=clock)
        disk.write(place.inputs, inputs)
    _seal(place, current, made, known, clock)
    is_new = before is None or current.version != before.version
    return Updated(current.version, current.manifest.data_through, is_new, listed.refused)


def _whole(place: Place) -> Bundle | None:
    """The current bundle; one that is damaged, or of another version of the program, is to be made anew."""
    with suppress(BundleError):
        return bundles.read(place.shelf.current) if place.shelf.current else None
    return None


def _published(
    place: Place,
    trained: Bundle,
    old: Bundle,
    listed: FixtureList,
    known: Catalogue,
    *,
    digests: Mapping[Path, str],
    clock: Clock,
) -> tuple[Forecaster, Bundle]:
    """A bundle of all matches, which is published in place of the ``old`` one, and what answers from it."""
    matches = read_again(place.matches, known, place.parsed, digests)
    frame = join_sources(matches, place.sources(), known).frame
    before = Forecaster.from_bundle(old)
    parameters = msgspec.convert(trained.manifest.parameters, Parameters)
    checkpoint = ratings.advanced(place, before, frame, parameters)
    renewal = renewed(trained, _head(trained, before), frame, checkpoint.history, known)
    keeping.settle(place.ledger, frame, known, clock.now())
    fixtures = _to_come(listed, frame, known)
    files = renewal.files | keeping.files(place.ledger, renewal.forecaster, frame, fixtures)
    files[coming.FILE] = coming.dump(fixtures)
    if known.added:
        files[newcomers.FILE] = newcomers.dump(newcomers.added(known))
    files[tables.FILE] = _tables(Bundle(renewal.manifest, "", files), renewal.forecaster, known, old)
    made: list[Forecaster] = []

    def verify(bundle: Bundle) -> None:
        made.append(Forecaster.from_bundle(bundle))
        sanity.check(made[0], before, frame)

    version = place.shelf.publish(renewal.manifest, files, verify)
    published = bundles.read(place.shelf.directory / version)
    ratings.keep(place, checkpoint, published.manifest, parameters)
    return made[0], published


def _tables(bundle: Bundle, forecaster: Forecaster, known: Catalogue, old: Bundle) -> bytes:
    """Projected tables; those of the ``old`` bundle where nothing has changed."""
    before: dict[str, tables.ProjectedTable] = {}
    with suppress(ValueError):  # of another version
        before = tables.load(old.files.get(tables.FILE, b"{}"))
    return projected_tables(forecaster, Season.of(bundle, forecaster, known), known, before)


def _seal(place: Place, current: Bundle, made: Forecaster | None, known: Catalogue, clock: Clock) -> None:
    """Seal what the current bundle says of fixtures that have not begun, unless that is done."""
    now = clock.now()
    fixtures = coming.load(current.files.get(coming.FILE, b"[]"))
    if any(fixture.kickoff > now for fixture in fixtures):
        keeping.seal(place.ledger, made or Forecaster.from_bundle(current), fixtures, known, now)


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


def _digests(place: Place) -> dict[Path, str]:
    """Of every file that is read."""
    sources = [path for path in structs.astuple(place.sources()) if path]
    paths = [*sorted(place.matches.glob("*/*.csv")), place.fixtures, *sources]
    return {path: disk.digest(disk.read(path)) for path in paths}


def _inputs(place: Place, heads: Bundle, digests: Mapping[Path, str]) -> bytes:
    """A digest of the program's version, its catalogue, the heads, and the files that are read."""
    files = (f"{path.relative_to(place.directory)} {digest}" for path, digest in digests.items())
    said = [__version__, catalogue.fingerprint(), heads.digest, *files]
    return hashlib.sha256("\n".join(said).encode()).hexdigest().encode()
