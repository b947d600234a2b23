"""A bundle with the heads of another and the state after other matches."""

import importlib.metadata
from datetime import date

import msgspec
import polars as pl
from msgspec import Struct

from sabiscore.data.catalogue import Catalogue
from sabiscore.features import History, played
from sabiscore.forecaster import Forecaster, members, pack
from sabiscore.models.bundles import Bundle, Manifest
from sabiscore.models.heads import Head
from sabiscore.training.final_table import last_seasons
from sabiscore.training.train import LIBRARIES, golden_fixtures
from sabiscore.training.walk_forward import Plan


class Renewed(Struct, frozen=True):
    """The manifest and the files of a bundle to be, and what answers from it."""

    manifest: Manifest
    files: dict[str, bytes]
    forecaster: Forecaster


def renewed(
    heads: Bundle, head: Head, frame: pl.DataFrame, history: History, catalogue: Catalogue
) -> Renewed:
    """What has to be in a bundle that has what ``heads`` was trained to and knows the matches of ``frame``.

    ``head`` is that of ``heads``, ``history`` that of ``frame``. What was measured stays as it was measured: with heads
    as they are, not with this state.
    """
    first, last = (day for name in ("min", "max") if isinstance(day := getattr(frame["date"], name)(), date))
    manifest = msgspec.structs.replace(
        heads.manifest,
        sabiscore=importlib.metadata.version("sabiscore"),
        data_from=first,
        data_through=last,
        libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
        last_season=last_seasons(frame, catalogue),
    )
    forecaster = Forecaster(Bundle(manifest, "", {}), history, head)
    said = forecaster.witness(golden_fixtures(frame, Plan().golden_fixtures))
    golden = msgspec.structs.replace(manifest.golden, fixtures=said)
    files = pack(history, members(heads.files), played.of_frame(frame))
    return Renewed(msgspec.structs.replace(manifest, golden=golden), files, forecaster)
