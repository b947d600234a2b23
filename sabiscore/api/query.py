"""The query of a request: how much of a prediction is wanted."""

from urllib.parse import parse_qsl

from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import HTTPScope

from sabiscore.api.problems import BAD_REQUEST, ProblemError
from sabiscore.domain import Detail

DETAIL = Parameter(
    name="detail",
    param_in="query",
    description="`full` adds the probability of every score.",
    schema=Schema(type=OpenAPIType.STRING, enum=["summary", "full"], default="summary"),
)


USUAL = frozenset({"", "detail=summary", "detail=full"})
"""The queries that people write. There is no end of others that mean the same."""


def read_detail(scope: HTTPScope) -> Detail:
    """How much of a prediction is wanted.

    Raises:
        ProblemError: the query says something else, or nothing that is known.
    """
    match parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        case [] | [("detail", "summary")]:
            return "summary"
        case [("detail", "full")]:
            return "full"
    raise ProblemError(BAD_REQUEST, "The query can be detail=summary or detail=full, and nothing else.")
