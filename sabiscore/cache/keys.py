"""The name under which an answer is kept."""

from datetime import UTC
from hashlib import blake2b

import msgspec

from sabiscore.domain import Detail, Fixture, Odds

SCHEMA = 3
"""Goes up when the answer's bytes or the canonical fixture change: older entries are then never read."""

_encoder = msgspec.json.Encoder()


def fixture_key(bundle: str, fixture: Fixture, detail: Detail = "summary") -> str:
    """The key of this fixture's answer by this bundle: ``sabi:<schema>:<bundle>:<32 hex digits>``.

    What means the same fixture has the same key: club spellings are resolved already, the kick-off
    counts as an instant (whatever its offset) and odds count as numbers.

    Args:
        bundle: the short digest of the bundle that answers.
        fixture: the resolved fixture; its kick-off is aware.
        detail: how much of the answer was asked for.
    """
    canonical = _encoder.encode(
        (
            fixture.league.code,
            fixture.home.key,
            fixture.away.key,
            fixture.kickoff.astimezone(UTC),
            _numbers(fixture.odds),
            detail,
        )
    )
    return f"sabi:{SCHEMA}:{bundle}:{blake2b(canonical, digest_size=16).hexdigest()}"


def _numbers(odds: Odds | None) -> tuple[float, float, float] | None:
    return None if odds is None else (float(odds.home), float(odds.draw), float(odds.away))
