"""The name under which an answer is kept."""

from datetime import UTC
from functools import cache
from hashlib import blake2b
from importlib.metadata import version

import msgspec

from sabiscore.domain import Detail, Fixture, InPlay, InPlayPrediction, Language, Odds, Prediction

_encoder = msgspec.json.Encoder()


@cache
def schema() -> str:
    """Eight hex digits of what answers look like and who makes them: an older form of answer is then never read."""
    shape = _encoder.encode(
        (
            version("sabiscore"),
            msgspec.json.schema_components((Prediction, InPlayPrediction)),
            Fixture.__struct_fields__,
        )
    )
    return blake2b(shape, digest_size=4).hexdigest()


def fixture_key(
    bundle: str,
    fixture: Fixture,
    detail: Detail = "summary",
    in_play: InPlay | None = None,
    language: Language = "en",
) -> str:
    """The key of this fixture's answer by this bundle: ``sabi:<schema>:<bundle>:<32 hex digits>``.

    What means the same fixture has the same key: club spellings are resolved already, the kick-off
    counts as an instant (whatever its offset), odds count as numbers, and so do goals.

    Args:
        bundle: the short digest of the bundle that answers.
        fixture: the resolved fixture; its kick-off is aware.
        detail: how much of the answer was asked for.
        in_play: how the match stands, if it is being played.
        language: that of the sentences; English keys do not tell.
    """
    canonical = _encoder.encode(
        (
            fixture.league.code,
            fixture.home.key,
            fixture.away.key,
            fixture.kickoff.astimezone(UTC),
            _numbers(fixture.odds),
            detail,
            in_play,
            fixture.neutral,
            fixture.adjust,
            *([] if language == "en" else [language]),
        )
    )
    return f"sabi:{schema()}:{bundle}:{blake2b(canonical, digest_size=16).hexdigest()}"


def _numbers(odds: Odds | None) -> tuple[float, float, float] | None:
    return None if odds is None else (float(odds.home), float(odds.draw), float(odds.away))
