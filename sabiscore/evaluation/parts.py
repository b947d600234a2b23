"""What there is to say of matches: by forecast of all that are pooled, and of ours by season, league, round, month."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.evaluation.aged import LEVELS
from sabiscore.evaluation.rivals import DIXON_COLES, FIVE_THIRTY_EIGHT, MARKET, MARKET_SHIN
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, Chosen, Losses, Scored, known
from sabiscore.models.odds import closing_errors
from sabiscore.scoring.bootstrap import Bootstrap, Interval, weeks
from sabiscore.scoring.outcomes import closing_line
from sabiscore.scoring.reliability import chance_error
from sabiscore.scoring.scores import Scores, ece, score

REFERENCES = (MARKET, MARKET_SHIN, DIXON_COLES, FIVE_THIRTY_EIGHT, OURS)
"""What every other forecast is compared with."""


class Quality(Struct, frozen=True):
    """What a forecast was worth.

    ``less`` is its mean RPS less that of a reference, by reference, on the matches of which both say something:
    below zero it is better. ``expected_gap`` is what the difference to the market's would be on average, were the
    closing line the truth, ``divergence`` (thousandths of a nat) how far it is from that line; None without one.
    ``chance_ece`` is the ECE that chance alone gives it on so many matches, were it perfectly calibrated.
    """

    scores: Scores
    chance_ece: Interval
    less: dict[str, Interval]
    expected_gap: Interval | None
    divergence: float | None


class Part(Struct, frozen=True):
    """``n`` matches that belong together, with the RPS of every forecast that says something of each."""

    name: str
    n: int
    rps: dict[str, float]


class OurPart(Part, frozen=True):
    """What ours was worth there, as in `Quality`: ``gap`` is its RPS less the market's, ``chance_ece`` the mean."""

    gap: Interval
    expected_gap: Interval | None
    divergence: float | None
    ece: float
    chance_ece: float


class Worth(Struct, frozen=True):
    """What a level of confidence was worth.

    ``hit_rate`` is how often the likeliest outcome happened, ``share`` how many of all matches were of the
    level; ``rps`` is by forecast.
    """

    n: int
    share: float
    hit_rate: float
    rps: dict[str, float]


class Foresight(Struct, frozen=True):
    """How well it is known where odds will close: see `models.odds.closing_errors`.

    ``error`` is that of the expected closing line, ``of_odds`` that of the odds before the match as they are, and
    ``less`` the difference: below zero there is something to gain.
    """

    error: float
    of_odds: float
    less: Interval


class Sample(Struct, frozen=True):
    """At least one match, what every forecast lost on each, and the draws that say how sure a mean is."""

    scored: Scored
    losses: Losses
    draws: Bootstrap

    def of(self, chosen: Chosen) -> "Sample":
        """The chosen matches."""
        scored = self.scored.of(chosen)
        return Sample(scored, self.losses.of(chosen), Bootstrap(weeks(scored.matches)))

    def means(self, columns: Sequence[Floats]) -> list[Interval | None]:
        """The means of losses ``[n]``, each over the matches where it is not NaN."""
        return self.draws.means(np.column_stack(columns)) if columns else []


def sample(scored: Scored) -> Sample:
    """At least one match, ready to be looked at."""
    return Sample(scored, scored.losses(), Bootstrap(weeks(scored.matches)))


def qualities(of: Sample) -> dict[str, Quality]:
    """Of every forecast of the outcome that says something."""
    losses, truth = of.losses, of.scored.truth
    telling = {name: said for name, said in of.scored.outcomes.items() if known(said).any()}
    less = _differences(of, list(telling))
    gaps = of.means([losses.expected_gap[name] for name in telling])
    return {
        name: Quality(
            scores=score(said[known(said)], truth[known(said)]),
            chance_ece=chance_error(said[known(said)]),
            less=less[name],
            expected_gap=gap,
            divergence=_mean(losses.divergence[name]),
        )
        for (name, said), gap in zip(telling.items(), gaps, strict=True)
    }


def foresight(of: Sample) -> Foresight | None:
    """Of the matches with odds before and at kick-off; None without one, or without a line that was expected."""
    said = of.scored.outcomes
    if EXPECTED_CLOSING not in said:
        return None
    line = closing_line(of.scored.matches)
    expected, given = (closing_errors(said[name], line) for name in (EXPECTED_CLOSING, MARKET_SHIN))
    (less,) = of.means([expected - given])
    there = ~np.isnan(expected - given)
    if less is None:
        return None
    return Foresight(float(expected[there].mean()), float(given[there].mean()), less)


def _differences(of: Sample, names: Sequence[str]) -> dict[str, dict[str, Interval]]:
    """The mean RPS of each less that of each reference among them, where both say something of a match."""
    rps = of.losses.rps
    pairs = [(name, other) for name in names for other in REFERENCES if other in names and other != name]
    less: dict[str, dict[str, Interval]] = {name: {} for name in names}
    found = of.means([rps[name] - rps[other] for name, other in pairs])
    for (name, other), difference in zip(pairs, found, strict=True):
        if difference is not None:
            less[name][other] = difference
    return less


def outlines(of: Sample, named: Iterable[tuple[str, Chosen]]) -> list[Part]:
    """Everyone's RPS on each of these sets of matches that has any."""
    return [
        Part(name, int(chosen.sum()), _mean_rps(of.losses.rps, chosen))
        for name, chosen in named
        if chosen.any()
    ]


def our_parts(of: Sample, named: Iterable[tuple[str, Chosen]]) -> list[OurPart]:
    """Ours on each of these sets of matches that has any."""
    there = [(name, chosen) for name, chosen in named if chosen.any()]
    losses = (of.losses.rps[OURS] - of.losses.rps[MARKET], of.losses.expected_gap[OURS])
    found = of.means([np.where(chosen, loss, np.nan) for _, chosen in there for loss in losses])
    return [
        _our_part(of, name, chosen, gap, expected)
        for (name, chosen), gap, expected in zip(there, found[::2], found[1::2], strict=True)
        if gap is not None
    ]


def by(of: Sample, column: str, order: Sequence[str] = ()) -> Iterator[tuple[str, Chosen]]:
    """The matches in parts by the value of a column of their frame, in its ``order``."""
    values = of.scored.matches[column]
    return ((value, (values == value).to_numpy()) for value in order or values.unique().sort().to_list())


def confidence(of: Sample, within: Chosen) -> dict[str, Worth]:
    """What each level was worth on matches ``within``."""
    scored = of.scored
    hit = scored.outcomes[OURS].argmax(axis=1) == scored.truth
    levels = {name: within & (scored.level == name) for name in LEVELS}
    return {
        name: Worth(
            n=int(chosen.sum()),
            share=float(chosen.sum() / within.sum()),
            hit_rate=float(hit[chosen].mean()),
            rps=_mean_rps(of.losses.rps, chosen),
        )
        for name, chosen in levels.items()
        if chosen.any()
    }


def _our_part(of: Sample, name: str, chosen: Chosen, gap: Interval, expected: Interval | None) -> OurPart:
    ours, truth = of.scored.outcomes[OURS][chosen], of.scored.truth[chosen]
    return OurPart(
        name=name,
        n=int(chosen.sum()),
        rps=_mean_rps(of.losses.rps, chosen),
        gap=gap,
        expected_gap=expected,
        divergence=_mean(of.losses.divergence[OURS][chosen]),
        ece=ece(ours, truth),
        chance_ece=chance_error(ours).value,
    )


def _mean(loss: Floats) -> float | None:
    """Over the matches where it is known."""
    there = loss[~np.isnan(loss)]
    return float(there.mean()) if len(there) else None


def _mean_rps(rps: dict[str, Floats], chosen: Chosen) -> dict[str, float]:
    means = {name: float(loss[chosen].mean()) for name, loss in rps.items()}
    return {name: mean for name, mean in means.items() if not np.isnan(mean)}
