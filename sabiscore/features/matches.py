"""The canonical frame as arrays: what the pass over time reads."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features.calendar import day_of
from sabiscore.features.timeline import NONE, Index
from sabiscore.implied import devig, goals, shin

STATISTICS = ("goals", "shots_on_target", "shots", "corners", "xg", "reds")
GOALS, SHOTS_ON_TARGET, SHOTS, CORNERS, XG, REDS = range(len(STATISTICS))
PRICES = ("price_home", "price_draw", "price_away")
TOTALS = ("price_over", "price_under")
USUAL_OVER = 0.5
"""The chance of more than 2.5 goals where odds were on the outcome alone."""

_LINES = ("line_title", "line_champions_league", "line_europe", "line_stay_up")


READ = (
    *("league", "country", "tier", "season", "season_matches", *_LINES),
    *("date", "home", "away", *(f"{side}_{name}" for side in ("home", "away") for name in STATISTICS)),
    *(*PRICES, *TOTALS, "price_is_closing"),
)
"""The columns that `encode` reads of a frame with its `with_league_facts`; ``clubs`` follow from them."""


class Roster(Struct, frozen=True):
    """Names to indices: leagues by code, clubs by country and key. A name that is not known is -1.

    ``country`` ``[leagues]`` is each league's.
    """

    leagues: tuple[str, ...]
    country: tuple[str, ...]
    clubs: tuple[tuple[str, str], ...]

    @property
    def countries(self) -> NDArray[np.int16]:
        """The number of each league's country ``[leagues]``, in the order in which they come."""
        numbers = {name: number for number, name in enumerate(dict.fromkeys(self.country))}
        return np.array([numbers[name] for name in self.country], np.int16)

    def indices(self) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
        """The two dictionaries, league -> index and (country, club) -> index."""
        return (
            {code: index for index, code in enumerate(self.leagues)},
            {club: index for index, club in enumerate(self.clubs)},
        )


class Matches(Struct, frozen=True):
    """Played matches in chronological order; every array has one entry a match; days are since 1970-01-01.

    ``home_stats`` and ``away_stats`` are float64 ``[n, 6]`` as STATISTICS, NaN where unknown. ``odds`` ``[n, 2]`` are
    the logarithms of the ratio and of the product of both sides' expected goals by the odds before the match, NaN
    without odds; ``closing`` tells whether they were closing odds. ``level`` ``[leagues]`` is 0 for a country's first
    division. ``rules`` ``[leagues, seasons, 6]`` are, from ``first_season`` on, clubs, matches of each and four lines
    of the league: see `sabiscore.features.motivation`.
    """

    roster: Roster
    day: Index
    league: Index
    home: Index
    away: Index
    home_stats: Floats
    away_stats: Floats
    odds: Floats
    closing: NDArray[np.bool_]
    level: NDArray[np.int16]
    rules: NDArray[np.int16]
    first_season: int

    def __len__(self) -> int:
        """How many matches."""
        return len(self.day)


def encode(frame: pl.DataFrame, rho: float, after: int = NONE) -> Matches:
    """Turn the matches of a canonical frame, sorted by date, into arrays; columns that are missing are unknown.

    Of days up to ``after`` only who played counts: leagues, clubs and rules are those of all matches.
    """
    frame = with_league_facts(frame)
    roster = _roster(frame)
    leagues, clubs = roster.indices()
    rules, first_season = _rules(frame, leagues)
    first = frame.select("league", "tier").filter(pl.col("league").is_first_distinct())
    tiers = dict(first.iter_rows())
    if after != NONE:
        frame = frame.filter(pl.col("date") > day_of(after))
    codes, countries = frame["league"].to_list(), frame["country"].to_list()
    return Matches(
        roster=roster,
        day=frame["date"].cast(pl.Int32).to_numpy().astype(np.intp),
        league=np.array([leagues[code] for code in codes], dtype=np.intp),
        home=_club_indices(countries, frame["home"], clubs),
        away=_club_indices(countries, frame["away"], clubs),
        home_stats=_columns(frame, [f"home_{name}" for name in STATISTICS]),
        away_stats=_columns(frame, [f"away_{name}" for name in STATISTICS]),
        odds=implied_by(_columns(frame, PRICES), _columns(frame, TOTALS), rho),
        closing=frame["price_is_closing"].fill_null(value=False).to_numpy(),
        level=np.array([tiers[code] for code in roster.leagues], np.int16),
        rules=rules,
        first_season=first_season,
    )


def implied_by(prices: Floats, totals: Floats, rho: float) -> Floats:
    """Logarithms of ratio and product of both sides' goals ``[n, 2]`` by odds ``[n, 3]`` and over/under 2.5 ``[n, 2]``.

    NaN where there are no odds on the outcome; where there are none on goals, there are as many as usual.
    """
    found = np.full((len(prices), 2), np.nan)
    known = ~np.isnan(prices).any(axis=1)
    if not known.any():
        return found
    chances = shin(prices[known])
    over = devig(totals[known])[:, 0]
    over = np.where(np.isnan(over), USUAL_OVER, over)
    rates = np.log(goals(np.log(chances[:, 0] / chances[:, 2]), np.log(over / (1.0 - over)), rho))
    found[known] = np.column_stack((rates[:, 0] - rates[:, 1], rates.sum(axis=1)))
    return found


def with_league_facts(frame: pl.DataFrame) -> pl.DataFrame:
    """A canonical frame with what is known of its leagues, and with one price a match, where it has none of it.

    A league that nothing is known of is a country of its own, in which all play each other at home and away; in its
    last season are as many clubs as in the one before, though some may not have played yet.
    """
    if "clubs" in frame.columns:
        return frame
    season = frame.select("league", "season")
    sizes = season.join(_sizes(frame), on=["league", "season"], how="left", maintain_order="left")
    frame = frame.with_columns(sizes["clubs"])
    n = pl.col("clubs")
    usual = {
        "country": pl.col("league"),
        "tier": pl.lit(0, pl.Int16),
        "season_matches": (2 * (n - 1)).cast(pl.Int16),
        "line_title": pl.lit(1, pl.Int16),
        "line_champions_league": pl.lit(4, pl.Int16),
        "line_europe": pl.lit(6, pl.Int16),
        "line_stay_up": (n - 3).clip(1).cast(pl.Int16),
    } | _price(frame)
    return frame.with_columns(**{name: made for name, made in usual.items() if name not in frame.columns})


def _sizes(frame: pl.DataFrame) -> pl.DataFrame:
    """How many ``clubs`` each league has in each season."""
    clubs = pl.concat([frame.lazy().select("league", "season", club=side) for side in ("home", "away")])
    counted = clubs.unique().group_by("league", "season").agg(clubs=pl.len().cast(pl.Int16))
    seen = counted.collect()
    before = pl.col("clubs").shift(1).over("league", order_by="season")
    last = pl.col("season") == pl.col("season").max().over("league")
    return seen.with_columns(pl.when(last).then(pl.max_horizontal("clubs", before)).otherwise("clubs"))


def _price(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The closing odds of each match, else those before it."""

    def book(name: str) -> pl.Expr:
        return pl.col(name) if name in frame.columns else pl.lit(None, pl.Float64)

    sides = {
        side: (f"closing_{side}", f"average_{side}") for side in ("home", "draw", "away", "over", "under")
    }
    outcomes = [book(f"closing_{side}").is_not_null() for side in ("home", "draw", "away")]
    closing, totals = pl.all_horizontal(outcomes), book("closing_over").is_not_null()
    return {
        f"price_{side}": pl.when(totals if side in {"over", "under"} else closing)
        .then(book(first))
        .otherwise(book(second))
        for side, (first, second) in sides.items()
    } | {"price_is_closing": closing}


def clubs_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Each ``club`` of the matches of a frame with its ``country``, in the order of both."""
    sides = [frame.lazy().select("country", club=side) for side in ("home", "away")]
    return pl.concat(sides).unique().sort("country", "club").collect()


def _roster(frame: pl.DataFrame) -> Roster:
    leagues = frame.lazy().select("league", "country").unique("league").sort("league").collect()
    return Roster(
        tuple(leagues["league"].to_list()),
        tuple(leagues["country"].to_list()),
        tuple(clubs_of(frame).iter_rows()),
    )


def _rules(frame: pl.DataFrame, leagues: dict[str, int]) -> tuple[NDArray[np.int16], int]:
    names = ("clubs", "season_matches", *_LINES)
    told = frame.lazy().select("league", "season", *names).unique(["league", "season"])
    seasons = told.sort("league", "season").collect()
    first, last = (int(each or 0) for each in (seasons["season"].min(), seasons["season"].max()))  # type: ignore[arg-type]
    rules = np.zeros((len(leagues), last - first + 1, len(names)), np.int16)
    for code, season, *known in seasons.iter_rows():
        rules[leagues[code], season - first :] = known
    return rules, first


def _club_indices(
    countries: Sequence[str], names: pl.Series, clubs: dict[tuple[str, str], int]
) -> NDArray[np.intp]:
    pairs = zip(countries, names.to_list(), strict=True)
    return np.array([clubs[pair] for pair in pairs], dtype=np.intp)


def _columns(frame: pl.DataFrame, names: Sequence[str]) -> Floats:
    missing = [pl.lit(float("nan")).alias(name) for name in names if name not in frame.columns]
    known = [pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in names]
    return frame.with_columns(missing).select(known).to_numpy(order="c")
