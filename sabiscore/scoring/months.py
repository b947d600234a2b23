"""The RPS of each month on seasons not seen before, as `sabiscore backtest --months` has measured it."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

SHIPPED = Path(__file__).with_name("months.json")


class Month(Struct, frozen=True):
    """``n`` matches of a month (2024-08), and the RPS of forecasts of them all."""

    month: str
    n: int
    ours: float
    market: float | None
    base_rates: float | None


class Months(Struct, frozen=True):
    """Months in their order, of ``leagues`` together, of a model whose ``features`` have this fingerprint."""

    features: str
    leagues: list[str]
    months: list[Month]


def encoded(months: Months) -> bytes:
    """As they are kept."""
    return msgspec.json.format(msgspec.json.encode(months), indent=1) + b"\n"


@cache
def shipped() -> Months:
    """Those of the model that ships."""
    return msgspec.json.decode(SHIPPED.read_bytes(), type=Months)
