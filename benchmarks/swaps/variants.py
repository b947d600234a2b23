"""Bundles that say something else each."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec import Struct

from sabiscore.data import coming
from sabiscore.domain import ListedFixture
from sabiscore.forecaster import Forecaster, golden, members
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle, Manifest
from sabiscore.models.heads import Head
from sabiscore.update.place import Place

STEP = 0.001
"""By how much more the linear part counts in each variant than in the one before."""


class Variant(Struct, frozen=True):
    """A bundle that can be published, and what answers from it."""

    manifest: Manifest
    files: Mapping[str, bytes]
    forecaster: Forecaster

    @property
    def version(self) -> str:
        """What it is published as."""
        return bundles.digest_of(self.manifest, self.files)[: bundles.SHORT]

    def publish(self, place: Place) -> None:
        """Make it the current one."""
        place.shelf.publish(self.manifest, self.files, lambda _: None)


def variants(number: int, listed: Sequence[ListedFixture] = ()) -> Iterator[Variant]:
    """So many with these fixtures to come, after the shipped one itself."""
    shipped = bundles.read(SHIPPED)
    usual = Forecaster.from_bundle(shipped)
    yield Variant(shipped.manifest, shipped.files, usual)
    files = shipped.files | ({coming.FILE: coming.dump(listed)} if listed else {})
    for each in range(1, number + 1):
        yield _bent(shipped, files, usual, 1.0 + STEP * each)


def _bent(shipped: Bundle, files: Mapping[str, bytes], usual: Forecaster, factor: float) -> Variant:
    """One with a linear part so many times as large, and the golden predictions that go with it."""
    weights = usual.head.weights
    scaled = tuple(tuple(factor * one for one in row) for row in weights.linear.weights)
    linear = msgspec.structs.replace(weights.linear, weights=scaled)
    weights = msgspec.structs.replace(weights, linear=linear)
    head = Head(weights, members(shipped.files))
    before = shipped.manifest.golden
    manifest = msgspec.structs.replace(shipped.manifest, head=msgspec.to_builtins(weights))
    forecaster = Forecaster(Bundle(manifest, "", {}), usual.rows.history, head)
    said = golden(head, np.array(before.rows, dtype=np.float32))
    said = msgspec.structs.replace(said, fixtures=forecaster.witness(before.fixtures))
    return Variant(msgspec.structs.replace(manifest, golden=said), files, forecaster)
