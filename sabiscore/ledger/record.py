"""The record: how good was what the ledger has, beside the market and base rates on the same matches."""

import numpy as np

from sabiscore.languages.wording import Wording, wording
from sabiscore.ledger.drift import alarms
from sabiscore.ledger.ledger import Contents
from sabiscore.ledger.parts import part
from sabiscore.ledger.schemas import Compared, Drift, Part, Record
from sabiscore.ledger.settled import Matches, settled

ENGLISH = wording("en")

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


def statement(overall: Part, words: Wording = ENGLISH) -> str:
    """How we did, in a sentence or two."""
    matches, priced = overall.matches, overall.priced
    text = words.say(
        "On {matches} matches from {since} to {through} our RPS was {ours}, that of base rates {base}.",
        matches=words.whole(matches.n),
        since=words.short_day(overall.since),
        through=words.short_day(overall.through),
        ours=words.number(matches.forecasts["ours"].rps.value, ".4f"),
        base=words.number(matches.forecasts["base_rates"].rps.value, ".4f"),
    )
    return text if priced is None else f"{text} {_beside(priced, words)}"


def _beside(priced: Compared, words: Wording) -> str:
    """How we did beside the market."""
    said, behind = priced.forecasts, priced.behind["market"]
    known = (
        ""
        if behind.low is None or behind.high is None
        else words.say(
            " (95% interval {low} to {high})",
            low=_signed(behind.low, words),
            high=_signed(behind.high, words),
        )
    )
    return words.say(
        "On the {matches} with odds ours without them was {ours}, with them {with_odds} and the market's {market}: "
        "ours without odds less the market's is {behind}{known}.",
        matches=words.whole(priced.n),
        ours=words.number(said["ours"].rps.value, ".4f"),
        with_odds=words.number(said["ours_with_odds"].rps.value, ".4f"),
        market=words.number(said["market"].rps.value, ".4f"),
        behind=_signed(behind.value, words),
        known=known,
    )


def _signed(value: float, words: Wording) -> str:
    """With a sign; nothing has a plus."""
    return words.number(round(value, 4) + 0.0, "+.4f")


def _parts(matches: Matches, column: str) -> dict[str, Part]:
    """A part for each value of a column, in order."""
    values = matches.where[column].to_numpy()
    return {str(value): part(matches.of(values == value)) for value in np.unique(values)}


def _whole(matches: Matches, league: str, seasons: dict[str, Part]) -> Part:
    """A league's part, which is that of its season if there is only one."""
    if len(seasons) == 1:
        return next(iter(seasons.values()))
    return part(matches.of((matches.where["league"] == league).to_numpy()))
