"""The answers about matches that are being played, from what was said of them before kick-off."""

from collections.abc import Sequence

import numpy as np

from sabiscore.advice.answer import fixture_info
from sabiscore.advice.bets import bets
from sabiscore.advice.case import Case, Triple
from sabiscore.advice.forms import encode
from sabiscore.advice.markets import full_grid, goals, markets, scorelines
from sabiscore.advice.rules import thousandths
from sabiscore.arrays import Floats
from sabiscore.domain import (
    FULL_TIME,
    HALF_TIME,
    InPlay,
    InPlayPrediction,
    Language,
    ModelInfo,
    SideCounts,
)
from sabiscore.languages.wording import Wording, gettext_noop, wording
from sabiscore.models.grid import expected_goals, outcomes, reconcile
from sabiscore.models.in_play import final_grid, remaining_rates

NONE = SideCounts(0, 0)

AT_KICK_OFF = gettext_noop("At kick-off this is the prediction of the fixture itself.")
AT_HALF_TIME = gettext_noop("Answers at half-time were measured on past matches.")
AT_THE_END = gettext_noop("The match is over.")
INTERPOLATED = gettext_noop(
    "Only answers at half-time were measured on past matches; this one spreads the goals of each half evenly over its "
    "minutes and usual stoppage time."
)
AFTER_RED_CARDS = gettext_noop("What red cards do is taken from the literature, not measured here.")


def in_play_answers(
    cases: Sequence[Case],
    states: Sequence[InPlay],
    version: str,
    *,
    full: bool = False,
    language: Language = "en",
) -> list[bytes]:
    """The JSON of the `InPlayPrediction` of each case that stands as its state says, in order.

    ``full`` adds the whole score grid and the list of bets. ``language`` is that of the statement.
    """
    if not cases:
        return []
    words = wording(language)
    grids = _final(np.array([case.grid for case in cases]), states)
    rounded = [_rounded(triple) for triple in outcomes(grids).tolist()]
    grids = reconcile(grids, np.array(rounded))
    expected, listed = goals(grids), scorelines(grids)
    found_markets = markets(grids, half_time=False)
    return [
        encode(
            InPlayPrediction(
                *rounded[k],
                in_play=state,
                measured=is_measured(state),
                statement=statement(state, words),
                fixture=fixture_info(case.fixture),
                model=ModelInfo(version=version, data_through=case.data_through),
                expected_goals=expected[k],
                markets=found_markets[k],
                scorelines=listed[k],
                score_grid=full_grid(grids[k]) if full else None,
                bets=bets(rounded[k], found_markets[k]) if full else None,
                neutral=case.fixture.neutral,
                adjust=case.fixture.adjust,
            )
        )
        for k, (case, state) in enumerate(zip(cases, states, strict=True))
    ]


def _final(grids: Floats, states: Sequence[InPlay]) -> Floats:
    """The grids of final scores."""
    rates = expected_goals(grids)
    minute = np.array([float(state.minute) for state in states])
    score, red_cards = (
        np.array([(float(each.home), float(each.away)) for each in sides])
        for sides in ([state.score for state in states], [state.red_cards for state in states])
    )
    return final_grid(grids, rates, remaining_rates(rates, minute, score, red_cards), score)


def _rounded(triple: Sequence[float]) -> Triple:
    home, draw, away = triple
    return thousandths((home, draw, away))


def is_measured(state: InPlay) -> bool:
    """Whether answers about matches that stand so were measured on past ones, or need not be."""
    return state.minute >= FULL_TIME or (
        state.red_cards == NONE and (state.minute == HALF_TIME or _at_kick_off(state))
    )


def statement(state: InPlay, words: Wording) -> str:
    """How an answer about a match that stands so was made."""
    if state.minute >= FULL_TIME:
        return words.say(AT_THE_END)
    if _at_kick_off(state):
        return words.say(AT_KICK_OFF)
    said = words.say(AT_HALF_TIME if state.minute == HALF_TIME else INTERPOLATED)
    return said if state.red_cards == NONE else f"{said} {words.say(AFTER_RED_CARDS)}"


def _at_kick_off(state: InPlay) -> bool:
    return (state.minute, state.score, state.red_cards) == (0, NONE, NONE)
