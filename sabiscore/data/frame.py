"""The canonical frame of matches: one row a match, in chronological order."""

import polars as pl

from sabiscore.domain import OUTCOMES

SIDES = ("home", "away")
STATISTICS = ("shots", "shots_on_target", "corners", "yellows", "reds")
TOTALS = ("over", "under")

OUTCOME_BOOKS = ("average", "closing", "maximum", "pinnacle_closing", "other_closing", "opening")
TOTAL_BOOKS = ("average", "closing", "other_closing")
HANDICAP_BOOKS = ("average", "closing")


def handicap(book: str) -> tuple[str, str, str]:
    """The columns of a handicap: the line that is given to the home side, and the odds of each side with it."""
    return f"{book}_handicap", f"{book}_handicap_home", f"{book}_handicap_away"


def odds(book: str, outcomes: tuple[str, ...] = OUTCOMES) -> tuple[str, ...]:
    """The columns of a book's odds on ``outcomes``."""
    return tuple(f"{book}_{outcome}" for outcome in outcomes)


LINES = ("line_title", "line_champions_league", "line_europe", "line_stay_up")
FACTS = ("country", "tier", "season_matches", *LINES)
"""What is known of a league's season, not of its matches."""

SCHEMA: dict[str, pl.DataType] = {
    "league": pl.String(),
    "season": pl.Int16(),  # the year it starts in: 2024 for 2024/25
    "date": pl.Date(),
    "home": pl.String(),  # club keys of the catalogue
    "away": pl.String(),
    "home_goals": pl.Int16(),
    "away_goals": pl.Int16(),
    "time": pl.Int16(),
    **{f"{side}_half_goals": pl.Int16() for side in SIDES},
    **{f"{side}_{name}": pl.Int16() for name in STATISTICS for side in SIDES},
    **{f"{side}_xg": pl.Float64() for side in SIDES},
    **{f"{side}_other_{when}": pl.Int16() for side in SIDES for when in ("before", "after")},
    **{name: pl.Float64() for book in OUTCOME_BOOKS for name in odds(book)},
    **{name: pl.Float64() for book in TOTAL_BOOKS for name in odds(book, TOTALS)},
    **{name: pl.Float64() for book in HANDICAP_BOOKS for name in handicap(book)},
    **{name: pl.Float64() for name in odds("price", (*OUTCOMES, *TOTALS))},
    "price_is_closing": pl.Boolean(),
    "country": pl.String(),
    "tier": pl.Int16(),
    "season_matches": pl.Int16(),
    **{name: pl.Int16() for name in LINES},
}
"""All but date, clubs and goals is null where unknown.

``time`` is the kick-off in minutes since midnight, as the files have it; ``half_goals`` are those at half-time.
``average`` and ``maximum`` are pre-match odds over bookmakers, ``closing`` the average at kick-off; ``over`` and
``under`` are at 2.5 goals. ``other_closing``, ``opening``, most expected goals and ``other_before`` and
``other_after``, the days from a club's last match in other competitions and until its next, are of other `sources`.
``price`` is the price of the match (`prices`). ``tier`` is 0 for a country's first, ``season_matches`` how many
each club plays there, ``line_*`` the `rules.Rules.lines` of the season.
"""

ORDER = ("date", "league", "home")
"""Sorted by these: total, because a club plays once a day."""
