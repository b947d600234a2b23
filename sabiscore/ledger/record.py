"""The record: how good was what the ledger has, beside the market and base rates on the same matches."""

import numpy as np

from sabiscore.ledger.drift import alarms
from sabiscore.ledger.ledger import Contents
from sabiscore.ledger.parts import part
from sabiscore.ledger.schemas import Drift, Part, Record
from sabiscore.ledger.settled import Matches, settled

NOTHING = (
    "Nothing is settled yet. How good the model was on past seasons, each predicted from those before it alone, "
    "is in the backtest: see the README, or `scores` of /api/v1/model."
)


def record(contents: Contents, drift: Drift | None = None) -> Record:
    """The record of a ledger, with its alarms; ``drift`` is that of the features: see `shift`."""
    matches = settled(contents.fixtures)
    sealed, head = len(contents.fixtures), contents.head
    if not len(matches):
        return Record(NOTHING, sealed, 0, head, drift=drift)
    overall = part(matches)
    leagues = matches.where["league"].to_numpy()
    league_seasons = {
        str(league): _parts(matches.of(leagues == league), "season") for league in np.unique(leagues)
    }
    return Record(
        statement=statement(overall),
        sealed=sealed,
        settled=len(matches),
        ledger=head,
        since=overall.since,
        through=overall.through,
        overall=overall,
        leagues={league: _whole(matches, league, parts) for league, parts in league_seasons.items()},
        seasons=_parts(matches, "season"),
        league_seasons=league_seasons,
        months=_parts(matches, "month"),
        alarms=alarms(matches),
        drift=drift,
    )


def statement(overall: Part) -> str:
    """How we did, in a sentence or two."""
    matches, priced = overall.matches, overall.priced
    text = (
        f"On {matches.n} matches from {overall.since} to {overall.through} our RPS was "
        f"{matches.forecasts['ours'].rps.value:.4f}, that of base rates "
        f"{matches.forecasts['base_rates'].rps.value:.4f}."
    )
    if priced is None:
        return text
    said, behind = priced.forecasts, priced.behind["market"]
    known = "" if behind.low is None else f" (95 % interval {behind.low:+.4f} to {behind.high:+.4f})"
    return (
        f"{text} On the {priced.n} with odds ours without them was {said['ours'].rps.value:.4f}, with them "
        f"{said['ours_with_odds'].rps.value:.4f} and the market's {said['market'].rps.value:.4f}: "
        f"ours without odds less the market's is {behind.value:+.4f}{known}."
    )


def _parts(matches: Matches, column: str) -> dict[str, Part]:
    """A part for each value of a column, in order."""
    values = matches.where[column].to_numpy()
    return {str(value): part(matches.of(values == value)) for value in np.unique(values)}


def _whole(matches: Matches, league: str, seasons: dict[str, Part]) -> Part:
    """A league's part, which is that of its season if there is only one."""
    if len(seasons) == 1:
        return next(iter(seasons.values()))
    return part(matches.of((matches.where["league"] == league).to_numpy()))
