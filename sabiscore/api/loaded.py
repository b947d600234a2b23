"""All that answers from one bundle: a swap replaces one reference to all of it."""

import logging
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct
from msgspec.structs import replace

from sabiscore.api.listing import Upcoming, upcoming
from sabiscore.api.web.rows import Rows, rows_of
from sabiscore.clock import CLOCK, Clock
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Detail, Fixture, Language, ListedFixture, Prediction
from sabiscore.errors import SabiScoreError
from sabiscore.ledger.schemas import Record, Sealed
from sabiscore.season.reader import Season
from sabiscore.service import Predicting

log = logging.getLogger(__name__)

_PREDICTION = msgspec.json.Decoder(Prediction)


class Answered(Struct, frozen=True):
    """The fixtures to come, and the answers about them by the key that the cache is to have them under.

    ``rows`` are as pages list them, by language.
    """

    coming: Upcoming
    made: Mapping[str, bytes]
    rows: Mapping[Language, Rows]


class Loaded(Struct, frozen=True):
    """What was loaded of a bundle; what it does not have is None. ``clock`` tells which fixtures come next."""

    service: Predicting
    season: Season | None = None
    answered: Answered | None = None
    record: Record | None = None
    sealed: Mapping[str, Sealed] = {}
    clock: Clock = CLOCK

    @property
    def coming(self) -> Upcoming | None:
        """The fixtures to come."""
        return self.answered.coming if self.answered else None

    async def said(
        self, fixture: Fixture, detail: Detail = "summary", language: Language = "en"
    ) -> Prediction:
        """What is answered about a fixture."""
        return _PREDICTION.decode((await self.service.answer(fixture, detail, None, language)).body)

    async def keep(self) -> None:
        """Give the cache the answers about them."""
        if self.answered:
            await self.service.keep(self.answered.made)


Held: TypeAlias = NamedDependency[SkipValidation[Loaded]]


def answered(service: Predicting, coming: Sequence[ListedFixture]) -> Answered:
    """The fixtures to come, answered with odds and without."""
    listed = [(one, fixture) for one in coming if (fixture := _known(service, one))]
    plain = service.made([fixture for _, fixture in listed])
    priced = service.made([replace(fixture, odds=one.odds) for one, fixture in listed if one.odds])
    found = upcoming(listed, [*plain.values()], [*priced.values()])
    return Answered(found, plain | priced, rows_of(found.rows, [each.code for each in service.leagues]))


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
