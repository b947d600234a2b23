"""What a request spends its time on, where anybody wants to know: by default nobody does, and it costs nothing."""

from contextvars import ContextVar
from typing import Any, Self

from msgspec import Struct

from sabiscore.clock import CLOCK


class Stage(Struct, frozen=True):
    """Part of the way of a request, from and to so many seconds of the `CLOCK`."""

    name: str
    began: float
    ended: float


class Batch(Struct, frozen=True):
    """What made the answers for some requests together; the model had its call within."""

    began: float
    model_began: float
    model_ended: float
    ended: float
    fixtures: int


class Stages:
    """Of one request: its stages, the layer of the cache (or model) that had the answer, and what traces it."""

    __slots__ = ("batch", "layer", "passed", "span")

    def __init__(self, span: Any = None) -> None:  # noqa: ANN401 - whoever traces knows what it is
        self.passed: list[Stage] = []
        self.layer = ""
        self.span = span
        self.batch: Any = None


CURRENT: ContextVar[Stages | None] = ContextVar("stages", default=None)
"""Those of the request that is being answered, if they are wanted."""


class stage:  # noqa: N801 - reads as a word: ``with stage("cache"):``
    """A stage for the time of the block."""

    __slots__ = ("_began", "_name", "_of")

    def __init__(self, name: str) -> None:
        self._name = name
        self._of = CURRENT.get()

    def __enter__(self) -> Self:
        """It begins."""
        if self._of is not None:
            self._began = CLOCK.seconds()
        return self

    def __exit__(self, *_: object) -> None:
        """It ends."""
        if self._of is not None:
            self._of.passed.append(Stage(self._name, self._began, CLOCK.seconds()))


def found_in(layer: str) -> None:
    """Where the answer to the present request was."""
    if of := CURRENT.get():
        of.layer = layer
