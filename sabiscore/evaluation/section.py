"""Everything there is to say of one set of matches: a season, a league, or all."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.evaluation.aged import LEVELS
from sabiscore.evaluation.bootstrap import Interval, means, weeks
from sabiscore.evaluation.reliability import chance_error
from sabiscore.evaluation.rivals import DIXON_COLES, MARKET, MARKET_SHIN, did_both_score, was_over
from sabiscore.evaluation.scored import OURS, Scored, known
from sabiscore.models.scores import Scores, binned_error, score

REFERENCES = (MARKET, MARKET_SHIN, DIXON_COLES)
"""What every other forecast is compared with."""


class GoalScores(Struct, frozen=True):
    """A forecast of yes or no over ``n`` matches: the Brier score is the squared error, 0 to 1."""

    brier: float
    ece: float
    n: int


class Worth(Struct, frozen=True):
    """What a level of confidence was worth.

    ``hit_rate`` is how often the likeliest outcome happened, ``share`` how many of all matches were of the
    level; ``rps`` is by forecast.
    """

    n: int
    share: float
    hit_rate: float
    rps: dict[str, float]


class Part(Struct, frozen=True):
    """Matches of one month, say, and the RPS of every forecast that says something of each of them."""

    name: str
    n: int
    rps: dict[str, float]


class Section(Struct, frozen=True):
    """Scores of everyone on the same ``n`` matches.

    ``differences`` are mean RPS of a forecast less that of the reference, by reference and forecast: below
    zero the forecast is better. ``chance_ece`` is the ECE that chance alone gives each forecast on so many
    matches, were it perfectly calibrated.
    """

    n: int
    scores: dict[str, Scores]
    chance_ece: dict[str, Interval]
    differences: dict[str, dict[str, Interval]]
    over: dict[str, GoalScores]
    both_score: dict[str, GoalScores]
    confidence: dict[str, Worth]


def section(scored: Scored) -> Section:
    """The section of at least one match."""
    return Section(
        n=len(scored.matches),
        scores={name: score(said[known(said)], scored.truth[known(said)]) for name, said in _telling(scored)},
        chance_ece={name: chance_error(said[known(said)]) for name, said in _telling(scored)},
        differences={reference: _differences(scored, reference) for reference in REFERENCES},
        over=_goal_scores(scored.over, was_over(scored.matches)),
        both_score=_goal_scores(scored.both_score, did_both_score(scored.matches)),
        confidence=_confidence(scored),
    )


def parts(scored: Scored, by: pl.Expr) -> list[Part]:
    """The matches in parts by the value of ``by``, in its order."""
    value = scored.matches.select(by.cast(pl.String)).to_series()
    return [_part(name, scored.of((value == name).to_numpy())) for name in value.unique().sort().to_list()]


def _part(name: str, scored: Scored) -> Part:
    return Part(name, len(scored.matches), _mean_losses(scored))


def _telling(scored: Scored) -> list[tuple[str, Floats]]:
    return [(name, said) for name, said in scored.outcomes.items() if known(said).any()]


def _mean_losses(scored: Scored) -> dict[str, float]:
    losses = {name: float(loss.mean()) for name, loss in scored.losses().items()}
    return {name: loss for name, loss in losses.items() if not np.isnan(loss)}


def _differences(scored: Scored, reference: str) -> dict[str, Interval]:
    losses = scored.losses()
    beside = {
        name: losses[name] - losses[reference]
        for name in losses
        if name != reference and known(losses[name] - losses[reference]).any()
    }
    if not beside:
        return {}
    found = means(np.column_stack(list(beside.values())), weeks(scored.matches))
    return dict(zip(beside, found, strict=True))


def _goal_scores(forecasts: Mapping[str, Floats], happened: Floats) -> dict[str, GoalScores]:
    return {
        name: _goal_score(said[known(said)], happened[known(said)])
        for name, said in forecasts.items()
        if known(said).any()
    }


def _goal_score(said: Floats, happened: Floats) -> GoalScores:
    brier = float(np.mean((said - happened) ** 2))
    return GoalScores(brier, binned_error(said, happened), len(said))


def _confidence(scored: Scored) -> dict[str, Worth]:
    names = [name for name in LEVELS if (scored.level == name).any()]
    return {name: _worth(scored.of(scored.level == name), len(scored.matches)) for name in names}


def _worth(level: Scored, of: int) -> Worth:
    hit = level.outcomes[OURS].argmax(axis=1) == level.truth
    return Worth(n=len(hit), share=len(hit) / of, hit_rate=float(hit.mean()), rps=_mean_losses(level))
