from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from sabiscore.misfit import misfit


class Asked(Struct, forbid_unknown_fields=True):
    when: Annotated[datetime, Meta(description="as 2025-08-30T16:30:00Z")]
    side: Literal["home", "away"] = "home"
    odds: dict[str, float] = {}
    number: int = 0


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"when": "x"}, "$.when", "Invalid RFC3339 encoded datetime (as 2025-08-30T16:30:00Z)"),
        ({}, "$.when", "Object missing required field `when` (as 2025-08-30T16:30:00Z)"),
        ({"side": "x"}, "$.side", "Invalid enum value 'x' (away, home)"),
        ({"odds": {"home": "x"}}, "$.odds[...]", "Expected `float`, got `str`"),
        ({"number": "x"}, "$.number", "Expected `int`, got `str`"),
        ({"other": 1}, "$.other", "Object contains unknown field `other`"),
        ([], "$", "Expected `object`, got `array`"),
    ],
)
def test_says_where_and_what_and_what_belongs_there(given: Any, path: str, message: str) -> None:  # noqa: ANN401
    usual = {"when": "2025-08-30T16:30:00"} if given else {}
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(usual | given if isinstance(given, dict) else given, Asked)
    assert misfit(caught.value, Asked) == (path, message)


def test_of_what_has_no_fields_it_says_what_is_wrong() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert("x", int)
    assert misfit(caught.value, int) == ("$", "Expected `int`, got `str`")
