"""Every number the ratings are made with, in one place.

They were tuned on the closing line, on seasons up to 2022/23. A bundle carries its own copy.
"""

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Amount = Annotated[float, Meta(ge=0.0, le=1000.0)]
Days = Annotated[float, Meta(gt=0.0, le=10000.0)]
Level = Annotated[float, Meta(ge=-100.0, le=100.0)]
"""What a bundle from elsewhere may say."""


class FilterParameters(Struct, frozen=True):
    """A Kalman filter of three components a club (slow, fast, faster), its home advantage, and its league's level.

    Only ratios of variances matter. ``drift`` and ``home_drift`` are variance added a day (60 at most),
    ``league_drift`` that of a league's level; ``fast_days`` and ``faster_days`` are the times in which a component
    falls to 1/e, and ``*_variance`` what it would return to. ``*_noise`` is the variance of what is observed: closing
    odds, odds before the match, what was played where odds are known and where not. ``damping`` is a surprise in
    goals beyond which more counts by its logarithm, and ``towards_odds`` the share of the odds' own expectation
    in what was played.
    """

    drift: Amount
    fast_variance: Amount
    fast_days: Days
    faster_variance: Amount
    faster_days: Days
    home_variance: Amount
    home_drift: Amount
    league_drift: Amount
    league_level: Level
    league_variance: Amount
    closing_noise: Amount
    early_noise: Amount
    played_noise: Amount
    unpriced_noise: Amount
    towards_odds: Share
    damping: Amount
    summer_variance: Amount
    """Added to the slow component's variance in a summer, which keeps ``summer_kept`` of its distance to the mean."""
    summer_kept: Share
    summer_fast_kept: Share
    promoted: Level
    """Added to the slow component of a club that goes up, for each division."""
    promoted_variance: Amount
    relegated: Level
    relegated_variance: Amount
    newcomer: Level
    """The slow component of a club from outside, over its division's mean; ``newcomer_top`` in a first division."""
    newcomer_top: Level
    newcomer_variance: Amount
    division_gap: Level
    """Between a division and the next above it, in the first season of all."""
    first_variance: Amount


DIFFERENCE = FilterParameters(
    drift=0.000269,
    fast_variance=0.03119,
    fast_days=159.07,
    faster_variance=0.021025,
    faster_days=17.029,
    home_variance=0.00036469,
    home_drift=1.0247e-06,
    league_drift=1.5343e-05,
    league_level=0.31,
    league_variance=0.01,
    closing_noise=0.061257,
    early_noise=0.075,
    played_noise=0.78985,
    unpriced_noise=2.9831,
    towards_odds=0.58125,
    damping=5.2775,
    summer_variance=0.042533,
    summer_kept=1.0,
    summer_fast_kept=0.0,
    promoted=0.1875,
    promoted_variance=0.01719,
    relegated=-0.28125,
    relegated_variance=0.00024216,
    newcomer=0.09375,
    newcomer_top=-0.48828,
    newcomer_variance=0.84523,
    division_gap=-0.9,
    first_variance=0.15,
)

SUM = FilterParameters(
    drift=2.0843e-05,
    fast_variance=0.0051845,
    fast_days=113.47,
    faster_variance=0.0002694,
    faster_days=126.68,
    home_variance=1e-08,
    home_drift=0.0,
    league_drift=7.0253e-06,
    league_level=0.45,
    league_variance=0.01,
    closing_noise=0.012,
    early_noise=0.0145,
    played_noise=0.20409,
    unpriced_noise=3.0,
    towards_odds=0.013281,
    damping=10.302,
    summer_variance=0.0018365,
    summer_kept=0.90078,
    summer_fast_kept=0.1875,
    promoted=-0.017187,
    promoted_variance=0.00013581,
    relegated=-0.060937,
    relegated_variance=0.004,
    newcomer=0.0,
    newcomer_top=-0.075,
    newcomer_variance=0.023106,
    division_gap=-0.05,
    first_variance=0.02,
)


class StatisticWeights(Struct, frozen=True):
    """How much the surprise in each statistic counts."""

    goals: Level
    shots_on_target: Level
    shots: Level
    corners: Level
    xg: Level = 0.0
    reds: Level = 0.0


class SurpriseParameters(Struct, frozen=True):
    """What was played beyond what the closing odds had said, in goals.

    ``expected`` are intercept and slope of each statistic, scaled to goals, on the goals that odds imply, in the
    order of `StatisticWeights`. Where there are only goals, they count ``goals_only``.
    """

    expected: tuple[tuple[Level, Level], ...]
    plain: StatisticWeights
    with_xg: StatisticWeights
    goals_only: Level = 0.65


MARGIN_SURPRISE = SurpriseParameters(
    expected=(
        (-0.0059, 0.9463),
        (0.0443, 0.6495),
        (0.0876, 0.5095),
        (0.121, 0.4854),
        (0.0384, 0.8346),
        (0.0222, 0.0247),
    ),
    plain=StatisticWeights(
        goals=0.5, shots_on_target=0.159375, shots=0.264775, corners=0.025625, reds=0.07781
    ),
    with_xg=StatisticWeights(
        goals=0.41406,
        shots_on_target=0.083155,
        shots=0.32672,
        corners=0.102685,
        xg=0.28284,
        reds=-0.0184375,
    ),
)

TOTAL_SURPRISE = SurpriseParameters(
    expected=(
        (-0.2148, 1.0748),
        (0.6122, 0.7584),
        (1.2286, 0.5395),
        (1.6185, 0.3929),
        (0.3367, 0.8817),
        (0.0, 0.0),
    ),
    plain=StatisticWeights(goals=0.5, shots_on_target=0.019375, shots=0.16633, corners=0.085),
    with_xg=StatisticWeights(
        goals=0.45, shots_on_target=0.162, shots=0.3268125, corners=0.116226, xg=0.385029
    ),
)


class MotivationParameters(Struct, frozen=True):
    """What having something to play for is worth, late in a season: see `sabiscore.features.motivation`.

    ``difference`` and ``sum`` weigh the importance of each line (title, Champions League, Europe, staying up) for
    who is better and for how many goals there are.
    """

    difference: tuple[Level, Level, Level, Level] = (0.67825, 0.43906, 0.45875, 0.8135)
    difference_dead: Level = -0.12
    difference_matches: Days = 3.8681
    sum: tuple[Level, Level, Level, Level] = (-0.19254, -0.044497, -0.051289, -0.044325)
    sum_dead: Level = 0.049044
    sum_level: Level = 0.22137
    sum_matches: Days = 2.541
    points_a_match: Level = 1.4
    spread: Amount = 1.84


class Parameters(Struct, frozen=True):
    """All of them."""

    difference: FilterParameters = DIFFERENCE
    sum: FilterParameters = SUM
    margin_surprise: SurpriseParameters = MARGIN_SURPRISE
    total_surprise: SurpriseParameters = TOTAL_SURPRISE
    motivation: MotivationParameters = MotivationParameters()
    league_rate: Share = 0.003
    """Weight of one match in its league's running means."""
    corner_rate: Share = 0.04
    """Weight of one match in a club's corners."""
    form_rate: Share = 0.25
    """Weight of one match in how a club did beyond the odds of late."""
    long_run_rate: Share = 0.0175
    """Weight of one match in a club's rating over the years."""
    closed_doors: Share = 0.65028
    """Share of home advantage left without spectators."""
    rho: Level = -0.05
    """Dixon and Coles' dependence of low scores, where goals are implied from odds."""
