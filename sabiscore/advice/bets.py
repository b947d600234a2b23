"""All bets of an answer in one list, each with the odds that it is worth."""

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from sabiscore.advice.case import Triple
from sabiscore.advice.value import fair_odds, minimum_odds
from sabiscore.domain import Bet, ByOutcome, ExpectedCorners, Markets

RESULT = "result"
"""The market of the three probabilities themselves."""

_decode = msgspec.json.Decoder(Markets).decode

_NO_SELECTIONS = frozenset({"line", "push"})


def bets(probabilities: Triple, markets: Raw) -> list[Bet]:
    """The three outcomes and every bet of the ``markets``, which are the JSON of `Markets`, in their order."""
    return [*_bets(RESULT, ByOutcome(*probabilities)), *_fields("", _decode(markets))]


def _fields(name: str, parent: Struct) -> Iterator[Bet]:
    for field in parent.__struct_fields__:
        yield from _bets(f"{name}.{field}" if name else field, getattr(parent, field))


def _bets(name: str, found: object) -> Iterator[Bet]:
    """The bets of a market, which is a Struct of probabilities, of markets, or several of them; or is not there."""
    if isinstance(found, list):
        for each in found:
            yield from _bets(name, each)
    elif isinstance(found, Struct) and not isinstance(found, ExpectedCorners):
        if isinstance(getattr(found, found.__struct_fields__[-1]), float):
            yield from _selections(name, found)
        else:
            yield from _fields(name, found)


def _selections(market: str, found: Struct) -> Iterator[Bet]:
    line, push = getattr(found, "line", None), getattr(found, "push", 0.0)
    for selection in found.__struct_fields__:
        if selection not in _NO_SELECTIONS:
            chance = getattr(found, selection)
            yield Bet(market, selection, chance, fair_odds(chance), minimum_odds(chance, push), line)
