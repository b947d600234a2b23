"""The ratings after the matches of the last update, from which the next one goes on."""

import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import polars as pl

from sabiscore.data import disk
from sabiscore.errors import BundleError
from sabiscore.features import Parameters, columns, history
from sabiscore.features.checkpoint import Checkpoint, advance, dump, load
from sabiscore.features.history import History
from sabiscore.forecaster import HISTORY, Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Manifest
from sabiscore.update.place import Place

LIBRARIES = ("sabiscore", "numpy", "polars")


def advanced(place: Place, before: Forecaster, frame: pl.DataFrame, parameters: Parameters) -> Checkpoint:
    """The ratings after all matches of a frame, from what is kept in ``place``; ``before`` is the current bundle."""
    return advance(frame, parameters, _recalled(place, before, parameters))


def keep(place: Place, checkpoint: Checkpoint, made: Manifest, parameters: Parameters) -> None:
    """Keep a checkpoint, whose history is in the bundle that was ``made``."""
    disk.write(place.ratings, dump(checkpoint, _key(made, parameters)))


def _recalled(place: Place, before: Forecaster, parameters: Parameters) -> Checkpoint | None:
    """What is kept, if the bundle that has its history is here."""
    content = disk.read(place.ratings)
    if not content:
        return None
    for manifest, past in _histories(place, before):
        found = load(content, _key(manifest, parameters), past)
        if found:
            return found
    return None


def _histories(place: Place, before: Forecaster) -> Iterator[tuple[Manifest, Callable[[], History]]]:
    """The histories of bundles that are here, the current one first."""
    yield before.manifest, lambda: before.rows.history
    for one in place.shelf.published():
        try:
            bundle = bundles.read(place.shelf.directory / one.version)
        except BundleError:
            continue
        if HISTORY in bundle.files:
            yield bundle.manifest, partial(history.load, bundle.files[HISTORY])


def _key(manifest: Manifest, parameters: Parameters) -> str:
    """Of a bundle's history, and of all that ratings depend on beside matches."""
    versions = [importlib.metadata.version(name) for name in LIBRARIES]
    seal = manifest.files.get(HISTORY)
    said = (versions, columns.fingerprint(), msgspec.to_builtins(parameters), seal.sha256 if seal else "")
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
