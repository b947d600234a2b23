"""What most people want to know of a backtest, in one table."""

from sabiscore.evaluation.aged import LEVELS
from sabiscore.evaluation.backtest import ALL, Backtest
from sabiscore.evaluation.cuts import NEWCOMERS, ROUNDS
from sabiscore.evaluation.markets import (
    BOTH_SCORE,
    FROM_HALF_TIME,
    HALF_TIME_FULL_TIME,
    HALF_TIME_RESULT,
    MOST_CORNERS,
    OVER,
    MarketScores,
)
from sabiscore.evaluation.rivals import FIVE_THIRTY_EIGHT, MARKET
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.evaluation.sheet import CLOSING_NOTE, EXPECTED_GAP, GAP, KL, Sheet, between, gap, kl, percent
from sabiscore.scoring.bootstrap import LEVEL, Interval

_MARKETS = (
    OVER,
    BOTH_SCORE,
    HALF_TIME_RESULT,
    HALF_TIME_FULL_TIME,
    FROM_HALF_TIME,
    "over 9.5 corners",
    MOST_CORNERS,
)
GLANCE_NOTE = f"A gap is mean RPS less that of another: below zero ours is better. {CLOSING_NOTE}"


def glance(found: Backtest) -> Sheet:
    """What most people want to know of ours, each with its interval and matches."""
    ours, leagues = found.forecasts[OURS], pooled(found)
    rows = [
        _gap_row(f"{GAP}, {leagues}", ours.less.get(MARKET), found.n),
        _gap_row(f"{EXPECTED_GAP}, {leagues}", ours.expected_gap, found.closing),
        _row(f"{KL}, {leagues}", kl(ours.divergence), "", found.closing),
        *_glance_at_parts(found),
        *(_market_row(name, found.markets[name][OURS]) for name in _MARKETS if name in found.markets),
        *_glance_at_confidence(found),
        _gap_row(f"{GAP}, {WITH_ODDS}", found.forecasts[WITH_ODDS].less.get(MARKET), found.n),
    ]
    if found.foresight is not None:
        what = f"squared error of the expected closing line, less {found.foresight.of_odds:.5f} of the odds given"
        rows.append(_gap_row(what, found.foresight.less, found.closing))
    if FIVE_THIRTY_EIGHT in ours.less:
        n = found.forecasts[FIVE_THIRTY_EIGHT].scores.n
        rows.insert(3, _gap_row(f"gap to {FIVE_THIRTY_EIGHT}, its matches", ours.less[FIVE_THIRTY_EIGHT], n))
    title = f"Ours at a glance: {', '.join(found.seasons)}"
    return Sheet(title, ["what", "ours", f"{LEVEL:.0%} interval", "n"], rows, GLANCE_NOTE)


def _glance_at_parts(found: Backtest) -> list[list[str]]:
    """The groups that are not pooled, the ends of a season, and newcomers."""
    named = {part.name: part for by in ("league", "round", "newcomers") for part in found.parts[by]}
    others = list(found.groups)[1:]
    rows = [_gap_row(f"{GAP}, {name}", named[name].gap, named[name].n) for name in others if name in named]
    ends = [name for name in (ROUNDS[0], ROUNDS[2]) if name in named]
    rows += [_gap_row(f"{GAP}, {name} rounds", named[name].gap, named[name].n) for name in ends]
    if NEWCOMERS[0] in named:
        fresh = named[NEWCOMERS[0]]
        rows.append(_row(f"{KL}, {fresh.name} rounds", kl(fresh.divergence), "", fresh.n))
    return rows


def _glance_at_confidence(found: Backtest) -> list[list[str]]:
    worth = found.confidence[ALL].get(LEVELS[0])
    if worth is None:
        return []
    return [
        _row(
            f"accuracy of {LEVELS[0]} confidence",
            percent(worth.hit_rate),
            f"{percent(worth.share)} of all",
            worth.n,
        )
    ]


def _market_row(name: str, scores: MarketScores) -> list[str]:
    if name == FROM_HALF_TIME and scores.rps is not None:
        return _row(f"RPS, {name}", f"{scores.rps:.4f}", "", scores.n)
    return _row(f"Brier, {name}", f"{scores.brier:.4f}", "", scores.n)


def _row(what: str, value: str, between: str, n: int) -> list[str]:
    return [what, value, between, str(n)]


def _gap_row(what: str, found: Interval | None, n: int) -> list[str]:
    return _row(what, "", "", n) if found is None else _row(what, gap(found.value), between(found), n)


def pooled(found: Backtest) -> str:
    """The name of the leagues that are pooled."""
    return next(iter(found.groups))
