"""Fixtures in, predictions out: one at a time or many together."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

import msgspec
from litestar import Controller, Request, Response, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import SkipValidation
from litestar.types import Scope

from sabiscore.api import problems
from sabiscore.api.body import UNREADABLE, cost_of, decode, read_body, while_there
from sabiscore.api.gate import charge
from sabiscore.api.limits import MANY_LIMIT, ONE_LIMIT
from sabiscore.api.middleware import PREDICT, request_id
from sabiscore.api.openapi import (
    FIXTURE,
    FIXTURE_IN_PLAY,
    FIXTURE_WITH_ODDS,
    IN_PLAY_PREDICTION,
    PREDICTION,
    asks,
    problem_example,
)
from sabiscore.api.openapi import answers as answered_with
from sabiscore.api.predict import ONE, Predict, answered, resolve
from sabiscore.api.query import DETAIL, LANG, parameters, query_of, read_form
from sabiscore.api.responses import Replied, Service, cache_headers, encoded, read
from sabiscore.api.schemas import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    InPlayRequest,
    LooseBatch,
    PredictQuery,
    PredictRequest,
)
from sabiscore.api.work import to_its_end, work_of
from sabiscore.clock import CLOCK
from sabiscore.domain import Fixture, InPlay, InPlayPrediction, Prediction, SideCounts
from sabiscore.errors import InvalidFixtureError
from sabiscore.making import Asked
from sabiscore.service import Answer, Predicting

IN_PLAY = msgspec.json.Decoder(InPlayRequest)
MANY = msgspec.json.Decoder(BatchRequest)
MANY_LOOSE = msgspec.json.Decoder(LooseBatch)
ENCODER = msgspec.json.Encoder()

One: TypeAlias = NamedDependency[SkipValidation[Predict]]

Resolved: TypeAlias = Fixture | problems.ProblemError | InvalidFixtureError

SOME_OF_EACH = BatchAnswer(
    [BatchItem(prediction=PREDICTION), BatchItem(problem=problem_example(problems.UNKNOWN_CLUB))]
)


class PredictionsController(Controller):
    """Predictions."""

    path = PREDICT
    tags = ("predictions",)

    @post(
        status_code=200,
        operation_class=asks(DETAIL, LANG, model=PredictRequest, example=FIXTURE_WITH_ODDS),
        responses=answered_with(
            Prediction, *problems.OF_PREDICTIONS, *problems.OF_FIXTURES, example=PREDICTION
        ),
    )
    async def predict(self, request: Request[Any, Any, Any], one: One) -> Replied:
        """Predict one fixture; ``?detail=full`` adds the score grid and all bets, ``?lang=de`` says why in German."""
        body = await read_body(request.scope, request.receive, limit=ONE_LIMIT)
        return await _replied(one, body, request.scope)

    @read(
        operation_class=asks(*parameters(PredictQuery, **FIXTURE)),
        responses=answered_with(
            Prediction, *problems.OF_QUERIES, *problems.OF_FIXTURES, example=PREDICTION, cacheable=True
        ),
    )
    async def predict_by_query(self, request: Request[Any, Any, Any], one: One) -> Replied:
        """Predict one fixture that the query names: the same answer, which caches may keep.

        ``?home_team=Arsenal&away_team=Chelsea&league=EPL&kickoff_time=2025-08-30T16:30:00Z``, with odds also
        ``odds_home``, ``odds_draw`` and ``odds_away``; ``detail`` as above.
        """
        return await _replied(one, None, request.scope)

    @route(http_method=HttpMethod.OPTIONS, status_code=204, include_in_schema=False)
    async def methods(self) -> Response[None]:
        """The methods of both; Litestar by itself would know those of the first one only."""
        return Response(None, headers={"allow": "GET, HEAD, OPTIONS, POST"})

    @post(
        "/in-play",
        status_code=200,
        operation_class=asks(DETAIL, LANG, model=InPlayRequest, example=FIXTURE_IN_PLAY),
        responses=answered_with(
            InPlayPrediction, *problems.OF_PREDICTIONS, *problems.OF_FIXTURES, example=IN_PLAY_PREDICTION
        ),
    )
    async def predict_in_play(self, request: Request[Any, Any, Any], service: Service) -> Replied:
        """Predict the end of a match that is being played, from its fixture, ``minute``, ``score`` and ``red_cards``.

        Measured at half-time (minute 45), interpolated in other minutes, as the answer says; also with
        ``?detail=full``, and with ``?lang=de`` in German.
        """
        form = read_form(query_of(request.scope))
        text = await read_body(request.scope, request.receive, limit=ONE_LIMIT)
        asked = decode(IN_PLAY, text)
        one = Asked(resolve(service, asked), form.detail, _state(asked), language=form.lang)
        answer = await answered(work_of(request.scope), service, one)
        return Replied(encoded(answer.body, *cache_headers([answer], CLOCK.seconds())))

    @post(
        "/batch",
        status_code=200,
        operation_class=asks(
            DETAIL,
            LANG,
            model=BatchRequest,
            example={"fixtures": [FIXTURE, FIXTURE | {"away_team": "Chels"}]},
        ),
        responses=answered_with(BatchAnswer, *problems.OF_PREDICTIONS, example=SOME_OF_EACH),
    )
    async def predict_batch(self, request: Request[Any, Any, Any], service: Service) -> Replied:
        """Predict 1 to 256 fixtures, ``{"fixtures": [...]}``, also with ``?detail=full``.

        The answer is ``{"predictions": [...]}``: an item each, in order, with its ``prediction`` or, where it has
        none, its own ``problem``.
        """
        form = read_form(query_of(request.scope))
        text = await read_body(request.scope, request.receive, limit=MANY_LIMIT)
        work, path, name = work_of(request.scope), request.scope["path"], request_id(request.scope)

        async def answering() -> Replied:
            async with work.turns:
                fixtures = await to_its_end(partial(_resolved, service, text))
                good = [each for each in fixtures if isinstance(each, Fixture)]
                found = await service.answer_many(good, form.detail, form.lang)
                body = await to_its_end(partial(_encoded, fixtures, found, path, name))
            return Replied(encoded(body, *cache_headers(found, CLOCK.seconds())))

        cost = cost_of(text)
        with work.many.place(cost):
            await charge(request.scope, cost)
            return await work.answers.read(while_there(answering(), request.receive))


async def _replied(one: Predict, body: bytes | None, scope: Scope) -> Replied:
    return Replied(await one.reply(body, query_of(scope), request_id(scope), scope["path"]))


def _resolved(service: Predicting, text: bytes) -> list[Resolved]:
    """What each fixture of a batch is."""
    return [_resolve_or_problem(service, each) for each in _decode_each(text)]


def _encoded(fixtures: Sequence[Resolved], found: Sequence[Answer], path: str, name: str) -> bytes:
    """The JSON of a `BatchAnswer`: for each fixture the next of those ``found``, or its problem."""
    in_order = iter(found)
    items = [
        b'{"prediction":%b}' % next(in_order).body
        if isinstance(each, Fixture)
        else b'{"problem":%b}' % ENCODER.encode(problems.problem_of(each, path, name, f"#/fixtures/{number}"))
        for number, each in enumerate(fixtures)
    ]
    return b'{"predictions":[%b]}' % b",".join(items)


def _state(asked: InPlayRequest) -> InPlay:
    score, red_cards = (SideCounts(each.home, each.away) for each in (asked.score, asked.red_cards))
    return InPlay(asked.minute, score, red_cards)


def _resolve_or_problem(service: Predicting, asked: PredictRequest | problems.ProblemError) -> Resolved:
    if isinstance(asked, problems.ProblemError):
        return asked
    try:
        return resolve(service, asked)
    except InvalidFixtureError as error:
        return error.with_traceback(
            None
        )  # its frames would be left to the garbage collector, 0.1 s of work at a time


def _decode_each(text: bytes) -> list[PredictRequest | problems.ProblemError]:
    """All at once when all are good, which is nearly always; else each on its own."""
    try:
        return list(MANY.decode(text).fixtures)
    except UNREADABLE:
        return [_decode_or_problem(item) for item in decode(MANY_LOOSE, text).fixtures]


def _decode_or_problem(item: msgspec.Raw) -> PredictRequest | problems.ProblemError:
    try:
        return decode(ONE, item)
    except problems.ProblemError as problem:
        return problem.with_traceback(None)
