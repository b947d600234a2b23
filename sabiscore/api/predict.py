"""One fixture asked for, one reply: the same whoever took the request and whoever sends the reply."""

from collections.abc import Callable
from contextlib import nullcontext

import msgspec

from sabiscore.api.body import decode
from sabiscore.api.middleware import PREDICT
from sabiscore.api.problems import refusal
from sabiscore.api.query import read_form, read_query
from sabiscore.api.responses import Reply, cache_headers, cacheable, encoded
from sabiscore.api.schemas import PredictRequest
from sabiscore.api.work import Work
from sabiscore.clock import CLOCK, Clock
from sabiscore.domain import Fixture
from sabiscore.making import Asked
from sabiscore.service import Answer, Predicting
from sabiscore.stages import stage

ONE = msgspec.json.Decoder(PredictRequest)


class Predict:
    """Answers requests for one prediction, problems and all, as far as there is room for them in ``work``."""

    def __init__(self, service: Callable[[], Predicting], work: Work, clock: Clock = CLOCK) -> None:
        """``service`` raises ProblemError where there is none."""
        self._service = service
        self._work = work
        self._clock = clock

    async def reply(self, body: bytes | None, query: str, name: str, path: str = PREDICT) -> Reply:
        """The reply to a POST of ``body``, or to a GET, whose ``query`` says all.

        ``name`` is the request's id; both it and ``path`` are for problems to tell.
        """
        try:
            service = self._service()
            with stage("decode"):
                asked, form = read_query(query) if body is None else (decode(ONE, body), read_form(query))
                fixture = resolve(service, asked)
            answer = await answered(self._work, service, Asked(fixture, form.detail, language=form.lang))
        except Exception as error:  # noqa: BLE001 - what nobody foresaw is a problem, too
            return refusal(error, path, name, "GET" if body is None else "POST")
        entry = answer.entry
        # what is kept for the front never reaches the cache again, which has to see who asks for the second time
        kept = entry if answer.source == "fresh" else None
        told = cache_headers([answer], self._clock.seconds())
        if body is None:
            return cacheable(entry.body, *told, entry=kept)
        return encoded(entry.body, *told, entry=kept)


async def answered(work: Work, service: Predicting, asked: Asked) -> Answer:
    """The answer about one fixture; for one that is at hand there is always room.

    Raises:
        ProblemError: there is no room, or it took too long.
    """
    if at_hand := work.one.full and service.holds(asked):
        work.look_ups.found()
    with nullcontext() if at_hand else work.one.place():
        answering = service.answer(asked.fixture, asked.detail, asked.in_play, asked.language)
        return await work.answers.read(answering)


def resolve(service: Predicting, asked: PredictRequest) -> Fixture:
    """The fixture that is meant; raises InvalidFixtureError."""
    return service.resolve(
        home_team=asked.home_team,
        away_team=asked.away_team,
        league=asked.league,
        kickoff_time=asked.kickoff_time,
        odds=asked.odds,
        neutral=asked.neutral,
        adjust=asked.adjust,
    )
