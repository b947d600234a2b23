"""The figures of projected tables, in Markdown."""

from collections.abc import Sequence

import numpy as np

from benchmarks.projections.seasons import EVENTS, MATCH_DAYS, Said
from sabiscore.arrays import Floats
from sabiscore.data.seasons import name_of
from sabiscore.scoring.bootstrap import Bootstrap, Interval

BINS = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 0.95, 1.0)
LEAST = 0.0001
"""What is said to be impossible is scored as this likely."""

RESAMPLES = 4_000
COLUMNS = ("Brier", "log score")


def brier(said: Floats, happened: Floats) -> Floats:
    """Squared errors."""
    return (said - happened) ** 2


def log_score(said: Floats, happened: Floats) -> Floats:
    """Minus the logarithm of what was said of what happened."""
    said = np.clip(said, LEAST, 1.0 - LEAST)
    return -np.log(np.where(happened > 0.0, said, 1.0 - said))


def scores(found: Sequence[Said]) -> list[list[str]]:
    """A row for each event and match day: both scores of ours and of the naive, and the differences with intervals."""
    rows = []
    for event, name in enumerate(EVENTS):
        for match_day in MATCH_DAYS:
            part = [one for one in found if one.standing.match_day == match_day]
            happened = np.concatenate([one.standing.happened()[:, event] for one in part])
            said = {
                who: np.concatenate([getattr(one, who)[:, event] for one in part])
                for who in ("ours", "sure", "naive")
            }
            row = [name, str(match_day)]
            for measure in (brier, log_score):
                lost = {who: measure(each, happened) for who, each in said.items()}
                columns = [
                    lost["ours"],
                    lost["naive"],
                    lost["ours"] - lost["naive"],
                    lost["ours"] - lost["sure"],
                ]
                mean = _bootstrap(part).means(np.column_stack(columns))
                row += [_plain(mean[0]), _plain(mean[1]), _signed(mean[2]), _signed(mean[3])]
            rows.append(row)
    return rows


def reliability(found: Sequence[Said], match_day: int) -> list[list[str]]:
    """Of all clubs and places, by what was said of them: how many, what was said, and how often it happened."""
    part = [one for one in found if one.standing.match_day == match_day]
    said = np.concatenate([one.positions.ravel() for one in part])
    true = np.concatenate(
        [np.eye(len(one.positions))[one.standing.final.astype(int)].ravel() for one in part]
    )
    blocks = np.repeat(np.arange(len(part)), [one.positions.size for one in part])
    bins = np.clip(np.searchsorted(BINS, said, side="right") - 1, 0, len(BINS) - 2)
    chosen = np.eye(len(BINS) - 1)[bins]
    happened = Bootstrap(blocks, resamples=RESAMPLES).ratios(chosen * true[:, None], chosen)
    rows = []
    for k, interval in enumerate(happened):
        if interval is not None:
            inside = bins == k
            rows.append(
                [
                    f"{BINS[k]:.2f} to {BINS[k + 1]:.2f}",
                    f"{inside.sum():,}",
                    f"{said[inside].mean():.3f}",
                    f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})",
                ]
            )
    return rows


def _bootstrap(part: Sequence[Said]) -> Bootstrap:
    """Whole seasons of leagues are drawn again."""
    sizes = [len(one.standing.final) for one in part]
    return Bootstrap(np.repeat(np.arange(len(part)), sizes), resamples=RESAMPLES)


def _plain(mean: Interval | None) -> str:
    return f"{mean.value:.4f}" if mean else ""


def _signed(mean: Interval | None) -> str:
    return f"{mean.value:+.4f} ({mean.low:+.4f} to {mean.high:+.4f})" if mean else ""


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


INTRODUCTION = """\
Made by `uv run python -m benchmarks.projections --data matches`: {count} seasons of the five big leagues, from {first}
to {last}, each as it stood when so many match days had been played, with {simulations:,} simulations. Each season's
forecasts come from a head that was fitted on earlier seasons and from ratings as of that day. The parameters of the
ratings were chosen on seasons up to 2022/23, which are among those measured.

*naive* is what became, in all earlier seasons from 1995/96 on, of clubs in the place that a club has (before the first
match: had last season, those who came up behind). *sure* is the same simulation with ratings that are taken for certain
and never move. Lower is better; 95 % intervals by drawing whole seasons of leagues again."""


def page(found: Sequence[Said], simulations: int) -> str:
    """The whole page."""
    seasons = sorted({one.standing.season for one in found})
    each = [
        f"{name}, {what}" for name in COLUMNS for what in ("ours", "naive", "ours - naive", "ours - sure")
    ]
    parts = [
        "# What projected tables are worth",
        INTRODUCTION.format(
            count=len({(one.standing.code, one.standing.season) for one in found}),
            first=name_of(seasons[0]),
            last=name_of(seasons[-1]),
            simulations=simulations,
        ),
        markdown(["event", "match days", *each], scores(found)),
        "## Are positions as likely as said?",
        "Every club and every place: what was said, and how often it happened.",
    ]
    for match_day in MATCH_DAYS:
        rows = reliability(found, match_day)
        table = markdown(["said", "clubs and places", "mean said", "happened"], rows)
        parts += [f"### After {match_day} match days", table]
    return "\n\n".join(parts) + "\n"
