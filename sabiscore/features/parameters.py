"""Every number the ratings and averages are made with, in one place.

They were tuned on the seasons up to 2022/23 (ratings that see odds: 2020/21 to 2022/23). A bundle carries its
own copy.
"""

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Amount = Annotated[float, Meta(ge=0.0, le=100.0)]
Level = Annotated[float, Meta(ge=-100.0, le=100.0)]
"""What a bundle from elsewhere may say."""


class AverageParameters(Struct, frozen=True):
    """Exponentially weighted averages of a club's matches, relative to its league's mean."""

    rate: Share = 0.05
    regression: Share = 0.8
    promoted_for: Level = -0.18
    promoted_against: Level = 0.18


class MarginParameters(Struct, frozen=True):
    """The mixed margin of a match: goals and statistics, home minus away, in goals."""

    goals: Level = 0.417
    shots_on_target: Level = 0.298
    shots: Level = 0.129
    corners: Level = 0.156
    reds: Level = 0.162
    damping: Amount = 2.21
    """Errors beyond this count by their logarithm."""


class FilterParameters(Struct, frozen=True):
    """A Kalman filter of one number a club.

    Variances are in units of one match's noise, ``drift`` a day of rest (30 at most), ``regression`` and
    ``variance_*`` a summer; ``promoted`` is what a club that comes up starts with. ``*_rate`` are the shares of an
    error that move home advantages and means: of results, and of odds. ``odds_noise`` None sees no odds.
    """

    prior: Amount
    drift: Amount
    drift_priced: Amount
    regression: Share
    promoted: Level
    odds_noise: Amount | None
    odds_slope: Level
    odds_level: Level
    variance_kept: Share
    variance_added: Amount
    league_rate: Share
    league_odds_rate: Share
    club_home_rate: Share = 0.0
    club_home_odds_rate: Share = 0.0


RESULTS = FilterParameters(
    prior=0.107,
    drift=0.0002,
    drift_priced=0.0002,
    regression=0.974,
    promoted=0.009,
    odds_noise=None,
    odds_slope=0.796,
    odds_level=-0.019,
    variance_kept=0.949,
    variance_added=0.038,
    league_rate=0.00047,
    league_odds_rate=0.0,
    club_home_rate=0.00168,
)

STRENGTH = FilterParameters(
    prior=0.107,
    drift=0.0002,
    drift_priced=0.003,
    regression=0.974,
    promoted=0.009,
    odds_noise=0.2,
    odds_slope=0.796,
    odds_level=-0.019,
    variance_kept=0.949,
    variance_added=0.038,
    league_rate=0.00047,
    league_odds_rate=0.002,
    club_home_rate=0.00168,
    club_home_odds_rate=0.01,
)

TOTAL = FilterParameters(
    prior=0.02,
    drift=0.00016,
    drift_priced=0.00016,
    regression=0.95,
    promoted=0.0,
    odds_noise=0.02,
    odds_slope=1.05,
    odds_level=2.69,
    variance_kept=0.95,
    variance_added=0.004,
    league_rate=0.004,
    league_odds_rate=0.01,
)


class Parameters(Struct, frozen=True):
    """All of them."""

    average: AverageParameters = AverageParameters()
    margin: MarginParameters = MarginParameters()
    results: FilterParameters = RESULTS
    strength: FilterParameters = STRENGTH
    total: FilterParameters = TOTAL
    league_rate: Share = 0.003
    """Weight of one match in its league's running means."""
    closed_doors: Share = 0.512
    """Share of home advantage left without spectators."""
    total_shots: Share = 0.45
    """Share of shots on target, in goals, in the total of a match."""
