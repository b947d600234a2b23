"""Entries to keep in a ledger."""

from datetime import UTC, date, datetime, timedelta

from msgspec import structs

from sabiscore.domain import ByOutcome, Odds
from sabiscore.ledger.schemas import Sealed, Settled

KICKOFF = datetime(2025, 8, 16, 14, tzinfo=UTC)
SEALED = Sealed(
    id="premier-league-2025-26-arsenal-chelsea",
    league="E0",
    season=2025,
    home="Arsenal",
    away="Chelsea",
    kickoff_time=KICKOFF,
    sealed_at=KICKOFF - timedelta(hours=5),
    bundle="d" * 64,
    probabilities=ByOutcome(0.51, 0.27, 0.22),
    with_odds=ByOutcome(0.5, 0.27, 0.23),
    odds=Odds(1.9, 3.6, 4.2),
    recommended_bet="home",
)
SETTLED = Settled(
    id=SEALED.id,
    date=date(2025, 8, 16),
    home_goals=2,
    away_goals=1,
    result="home",
    settled_at=KICKOFF + timedelta(hours=12),
    base_rates=ByOutcome(0.45, 0.25, 0.3),
    closing_odds=Odds(1.8, 3.7, 4.5),
)


def sealed(number: int = 0, /, **changes: object) -> Sealed:
    """What was said of the fixture of that number."""
    return structs.replace(SEALED, **{"id": f"fixture-{number}"} | changes)


def settled(number: int = 0, /, **changes: object) -> Settled:
    """How the fixture of that number ended."""
    return structs.replace(SETTLED, **{"id": f"fixture-{number}"} | changes)
