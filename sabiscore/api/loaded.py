"""All that answers from one bundle: a swap replaces one reference to all of it."""

import logging
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct
from msgspec.structs import replace

from sabiscore.api.listing import Upcoming, upcoming
from sabiscore.cache.entry import Entry
from sabiscore.clock import CLOCK, Clock
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Fixture, ListedFixture
from sabiscore.errors import SabiScoreError
from sabiscore.ledger.schemas import Record, Sealed
from sabiscore.season.reader import Season
from sabiscore.service import Predicting

log = logging.getLogger(__name__)


class Loaded(Struct, frozen=True):
    """What was loaded of a bundle; what it does not have is None.

    ``made`` are the answers about fixtures to come by their keys, until the cache has them. ``clock`` tells which
    fixtures come next.
    """

    service: Predicting
    season: Season | None = None
    coming: Upcoming | None = None
    record: Record | None = None
    sealed: Mapping[str, Sealed] = {}
    made: dict[str, Entry] = {}
    clock: Clock = CLOCK

    async def keep(self) -> None:
        """Give the cache what was made."""
        if self.made:
            await self.service.keep(dict(self.made))
            self.made.clear()


Held: TypeAlias = NamedDependency[SkipValidation[Loaded]]


def load(
    service: Predicting,
    *,
    season: Season | None = None,
    coming: Sequence[ListedFixture] | None = None,
    record: Record | None = None,
    sealed: Mapping[str, Sealed] | None = None,
    clock: Clock = CLOCK,
) -> Loaded:
    """What answers from a bundle that has these, its fixtures to come already answered, with odds and without."""
    listed = [(one, fixture) for one in coming or () if (fixture := _known(service, one))]
    plain = service.made([fixture for _, fixture in listed])
    priced = service.made([replace(fixture, odds=one.odds) for one, fixture in listed if one.odds])
    return Loaded(
        service=service,
        season=season,
        coming=None
        if coming is None
        else upcoming(
            listed,
            [entry.body for entry in plain.values()],
            [entry.body for entry in priced.values()],
        ),
        record=record,
        sealed=sealed or {},
        made=plain | priced,
        clock=clock,
    )


def _known(service: Predicting, listed: ListedFixture) -> Fixture | None:
    """The fixture by its names; None where the league or a club is nobody's here."""
    catalogue: Catalogue = service.catalogue
    try:
        league = service.league(listed.league)
        home, away = (catalogue.club(key, league) for key in (listed.home, listed.away))
    except SabiScoreError as error:
        log.warning("a fixture to come is left out: %s", error)
        return None
    return Fixture(league, home, away, listed.kickoff)
