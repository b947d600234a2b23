"""Backtests and evaluations as tables of text, for a terminal, a page or a README."""

from collections.abc import Iterable

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.advice.value import KELLY_FRACTION, LARGEST_STAKE
from sabiscore.evaluation.aged import LEVELS, AgeBand, Hits
from sabiscore.evaluation.backtest import Backtest
from sabiscore.evaluation.bootstrap import LEVEL, RESAMPLES, Interval
from sabiscore.evaluation.evaluate import Comparison, Evaluation
from sabiscore.evaluation.rivals import DIXON_COLES, MARKET, RIVALS
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.evaluation.section import REFERENCES, GoalScores, Section
from sabiscore.models.scores import ECE_BINS, Scores

ALL = "all"
GOAL_MARKETS = {"over": "over 2.5 goals", "both_score": "both score"}

MEASURES = {
    name: {"rps": "RPS", "brier": "Brier", "ece": "ECE"}.get(name, name.replace("_", " "))
    for name in Scores.__struct_fields__
    if name != "n"
}
"""The fields of `Scores` as tables name them."""

EVALUATION_NOTE = (
    f"Brier is the sum form (0 to 2); ECE has {ECE_BINS} bins, averaged over outcomes; lower is better."
)
SCORES_NOTE = (
    f"Lower is better but for accuracy. Brier is the sum form (0 to 2); ECE has {ECE_BINS} bins, averaged over "
    "outcomes; by chance is what a perfectly calibrated forecast has on so many matches, with the "
    f"{LEVEL:.0%} interval. Everyone is scored on the same matches."
)
DIFFERENCES_NOTE = (
    f"Mean RPS less that of the column: below zero is better. {LEVEL:.0%} intervals of a paired bootstrap, "
    f"{RESAMPLES:,} draws of whole weeks of a league."
)
AGES_NOTE = (
    "Every match, with or without odds, once for each age that the data have when they end so many months before it "
    "and are not fresh. Of each level the hit rate, and in brackets the share of forecasts that have it; a club "
    "that comes up and has not played in the league this season makes it low. The bounds of each age were chosen on "
    "earlier seasons."
)
BETTING_NOTE = (
    "Bets are the product's own: one a match at most, where the expected value is at least "
    f"{LEAST_VALUE:.0%} and the league is licensed; the stake is {KELLY_FRACTION:g} of Kelly's, at most "
    f"{LARGEST_STAKE:.0%} of a bankroll that stays the same. "
    "The product bets by ours with odds in licensed leagues; the other rows are the same rule were every league "
    "licensed. The best prices are the highest of all bookmakers, more than anyone gets every time; taxes and limits "
    "are left out."
)


class Sheet(Struct, frozen=True):
    """A table of text: the first column is names, the others are numbers."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""


def sheets(found: Backtest) -> list[Sheet]:
    """All tables."""
    sets = {ALL: found.pooled} | found.seasons
    return [
        _scores(found),
        *(_differences(name, each) for name, each in sets.items()),
        _leagues(found),
        _goals(sets),
        _confidence(sets),
        _ages(found.ages),
        _betting(found),
    ]


def print_sheets(found: Backtest, console: Console | None = None) -> None:
    """Print all tables."""
    console = console or Console()
    for sheet in sheets(found):
        table = Table(
            title=sheet.title, caption=sheet.note or None, title_justify="left", caption_justify="left"
        )
        for place, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if place else "left", no_wrap=not place)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def print_evaluation(evaluation: Evaluation, console: Console | None = None) -> None:
    """Print a table per league and one for all of them, each with every rival."""
    console = console or Console()
    table = Table(
        title=f"bundle {evaluation.version}, trained through {evaluation.data_through}",
        caption=EVALUATION_NOTE,
    )
    table.add_column("league", no_wrap=True)
    table.add_column("forecast", no_wrap=True)
    for name in (*MEASURES.values(), "n"):
        table.add_column(name, justify="right")
    for league, comparison in {**evaluation.leagues, "all": evaluation.pooled}.items():
        _add(table, league, comparison)
    console.print(table)
    if evaluation.seen_in_training:
        seen = f"{evaluation.seen_in_training} of {evaluation.pooled.model.n} matches"
        console.print(
            f"{seen} are no news to this bundle: its scores on them flatter it. "
            "Train with --until, then evaluate with --from the same day."
        )


def _add(table: Table, league: str, comparison: Comparison) -> None:
    for name in Comparison.__struct_fields__:
        scores: Scores | None = getattr(comparison, name)
        if scores is not None:
            table.add_row(league, name.replace("_", " "), *_measures(scores), str(scores.n))
            league = ""
    table.add_section()


def markdown(sheet: Sheet) -> str:
    """The table as GitHub writes it, with its title above and its note below."""
    rules = [":--", *["--:"] * (len(sheet.columns) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in (sheet.columns, rules, *sheet.rows)]
    noted = [*lines, "", sheet.note] if sheet.note else lines
    return "\n".join([f"**{sheet.title}**", "", *noted]) + "\n"


def ranked(names: Iterable[str]) -> list[str]:
    """Rivals first, then ablations, then ours."""
    order = (*RIVALS, "", OURS, WITH_ODDS)
    return sorted(names, key=lambda name: order.index(name) if name in order else order.index(""))


def interval(found: Interval, digits: int = 4) -> str:
    """A difference and its interval: -0.0015 (-0.0023 to -0.0008)."""
    value, low, high = (f"{number:+.{digits}f}" for number in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def percent(share: float) -> str:
    """12.3 % for 0.123."""
    return f"{100 * share:.1f} %"


def _scores(found: Backtest) -> Sheet:
    by_season = [f"RPS {name}" for name in found.seasons]
    measures = [*MEASURES.values(), "ECE by chance", "n"]
    rows = [
        [name, *(_rps(each, name) for each in found.seasons.values()), *_figures(found.pooled, name)]
        for name in ranked(found.pooled.scores)
    ]
    title = f"{', '.join(found.seasons)}: {found.n:,} matches with odds, {found.unpriced} without left out"
    return Sheet(title, ["forecast", *by_season, *measures], rows, SCORES_NOTE)


def _rps(each: Section, name: str) -> str:
    return f"{each.scores[name].rps:.4f}" if name in each.scores else ""


def _figures(each: Section, name: str) -> list[str]:
    scores = each.scores[name]
    return [*_measures(scores), _chance(each, name), str(scores.n)]


def _measures(scores: Scores) -> list[str]:
    return [f"{getattr(scores, name):.4f}" for name in MEASURES]


def _chance(each: Section, name: str) -> str:
    chance = each.chance_ece[name]
    return f"{chance.value:.4f} ({chance.low:.4f} to {chance.high:.4f})"


def _differences(name: str, each: Section) -> Sheet:
    rows = [
        [forecast, *(_difference(each, reference, forecast) for reference in REFERENCES)]
        for forecast in ranked(each.scores)
    ]
    title = f"RPS against the market and Dixon-Coles, {name}"
    return Sheet(title, ["forecast", *(f"less {name}" for name in REFERENCES)], rows, DIFFERENCES_NOTE)


def _difference(each: Section, reference: str, forecast: str) -> str:
    found = each.differences[reference].get(forecast)
    return "" if found is None else interval(found)


def _leagues(found: Backtest) -> Sheet:
    shown = (OURS, WITH_ODDS, MARKET, DIXON_COLES)
    rows = [
        [
            league,
            *(_rps(each, name) for name in shown),
            _difference(each, MARKET, OURS),
            *(f"{each.scores[name].ece:.4f}" for name in shown[:3]),
            _chance(each, OURS),
            str(each.n),
        ]
        for league, each in found.leagues.items()
    ]
    columns = ["league", *(f"RPS {name}" for name in shown), f"{OURS} less {MARKET}"]
    return Sheet("By league", [*columns, *(f"ECE {name}" for name in shown[:3]), "ECE by chance", "n"], rows)


def _goals(sets: dict[str, Section]) -> Sheet:
    rows = [
        [f"{label}: {name}", *_briers(sets, market, name)]
        for market, label in GOAL_MARKETS.items()
        for name in getattr(sets[ALL], market)
    ]
    columns = ["forecast", *(f"Brier {name}" for name in sets), "ECE"]
    return Sheet("Goals", columns, rows, "Brier is the squared error of the yes, 0 to 1.")


def _briers(sets: dict[str, Section], market: str, name: str) -> list[str]:
    scores: list[GoalScores | None] = [getattr(each, market).get(name) for each in sets.values()]
    pooled: GoalScores = getattr(sets[ALL], market)[name]
    return [*("" if score is None else f"{score.brier:.4f}" for score in scores), f"{pooled.ece:.4f}"]


def _confidence(sets: dict[str, Section]) -> Sheet:
    rows = [
        [
            f"{name}: {level or 'none'}",
            percent(worth.hit_rate),
            percent(worth.share),
            str(worth.n),
            *(f"{worth.rps[forecast]:.4f}" for forecast in (OURS, MARKET)),
        ]
        for name, each in sets.items()
        for level, worth in each.confidence.items()
    ]
    columns = ["confidence", "hit rate", "of matches", "n", f"RPS {OURS}", f"RPS {MARKET}"]
    return Sheet("By confidence", columns, rows, "The bounds were chosen on earlier seasons.")


def _ages(ages: list[AgeBand]) -> Sheet:
    rows = [
        [
            f"{each.since + 1} to {each.through} days",
            f"{each.scores.rps:.4f}",
            percent(each.scores.accuracy),
            f"{each.scores.ece:.4f}",
            *(_hits(each.unlowered, level) for level in LEVELS),
            *(_hits(each.given, level) for level in LEVELS),
            str(each.scores.n),
        ]
        for each in ages
    ]
    levels = [f"{level} {how}" for how in ("if age did not matter", "as given") for level in LEVELS]
    return Sheet(
        "By age of the data", ["last match known", "RPS", "accuracy", "ECE", *levels, "n"], rows, AGES_NOTE
    )


def _hits(levels: dict[str, Hits], level: str) -> str:
    found = levels.get(level)
    return "none" if found is None else f"{percent(found.hit_rate)} ({percent(found.share)})"


def _betting(found: Backtest) -> Sheet:
    rows = [
        [
            f"{each.forecast}, {each.prices} prices, {each.leagues}",
            str(each.bets),
            f"{each.staked:.2f}",
            f"{each.profit:+.2f}",
            "" if each.per_unit is None else interval(each.per_unit, 3),
        ]
        for each in found.betting
    ]
    columns = ["bettor", "bets", "staked", "profit", "profit per unit"]
    claims = " ".join(
        f"{each.forecast}, {each.prices}, {each.leagues}: {each.claim}" for each in found.betting
    )
    return Sheet("Betting", columns, rows, f"{BETTING_NOTE} {claims}")
