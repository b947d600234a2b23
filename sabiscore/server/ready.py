"""A bundle ready to answer from: all that is in it, read and verified."""

from collections.abc import Callable, Mapping
from typing import Self, TypeVar

from msgspec import Struct

from sabiscore.api.loaded import Answered, answered
from sabiscore.data import coming, newcomers
from sabiscore.data.catalogue import Catalogue
from sabiscore.errors import BundleError
from sabiscore.forecaster import Forecaster
from sabiscore.ledger import files
from sabiscore.ledger.schemas import Record, Sealed
from sabiscore.models.bundles import Bundle
from sabiscore.season.reader import Season
from sabiscore.service import PredictionService

T = TypeVar("T")


class Ready(Struct, frozen=True):
    """What answers, whoever it is made for; of what the bundle does not have there is none."""

    forecaster: Forecaster
    catalogue: Catalogue | None = None
    season: Season | None = None
    answered: Answered | None = None
    record: Record | None = None
    sealed: Mapping[str, Sealed] = {}

    @property
    def version(self) -> str:
        """The bundle's short digest."""
        return self.forecaster.version

    @classmethod
    def of(cls, bundle: Bundle) -> Self:
        """Read it all, and answer its fixtures to come.

        Raises:
            BundleError: it must not be served.
        """
        forecaster = Forecaster.from_bundle(bundle)
        try:
            known = newcomers.known(bundle.files)
            season = Season.of(bundle, forecaster, known)
            season.read()
        except ValueError as error:
            raise BundleError(bundle.source, str(error)) from error
        service = PredictionService(forecaster, catalogue=known)
        return cls(
            forecaster,
            known,
            season,
            answered(service, season.coming) if coming.FILE in bundle.files else None,
            _part(bundle, files.RECORD, files.load_record),
            _part(bundle, files.SEALED, files.load_sealed) or {},
        )


def _part(bundle: Bundle, name: str, load: Callable[[bytes], T]) -> T | None:
    """A file of the bundle as ``load`` reads it, if there is one."""
    if name not in bundle.files:
        return None
    try:
        return load(bundle.files[name])
    except ValueError as error:
        raise BundleError(bundle.source, f"{name}: {error}") from error
