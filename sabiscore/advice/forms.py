"""JSON with places for figures: what a Struct looks like is encoded once, and only its figures for every answer.

A form is made from the Struct itself, with marks where its figures go: there is no other description of an answer.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from msgspec import Raw, Struct
from numpy.typing import NDArray

encode = msgspec.json.Encoder().encode

HUNDREDTHS = 11_001
"""Where 0.0 is among the hundredths from -100.0 to 100.0 that follow on the thousandths from 0.0 to 1.0."""

_FIGURES = np.append(np.arange(1001) / 1000.0, np.arange(-10_000, 10_001) / 100.0)
_TEXTS = np.array(encode(_FIGURES.tolist())[1:-1].split(b","), dtype=object)
_MARK = re.compile(rb"#(\d+)#")


class Form(Struct, frozen=True):
    """A ``text`` with places; ``figures`` tell, one after another, which of a row of figures goes there."""

    text: bytes
    figures: NDArray[np.intp]

    def filled(self, texts: Iterable[bytes]) -> Any:  # noqa: ANN401 - encodes as what the form was made from
        """The JSON with the first of these texts in its places."""
        return Raw(self.text % tuple(islice(texts, len(self.figures))))


def marks(count: int) -> list[Any]:
    """What stands for a row of so many figures in a Struct that a form is made from."""
    return [Raw(b"#%d#" % place) for place in range(count)]


def form(marked: Struct) -> Form:
    """The form of what has marks for its figures."""
    text = encode(marked)
    return Form(_MARK.sub(b"%b", text), np.array(_MARK.findall(text), dtype=np.intp))


def texts(figures: NDArray[np.intp]) -> Any:  # noqa: ANN401 - lists of bytes, as deep as the array
    """The JSON of figures in whole thousandths, or in hundredths where `HUNDREDTHS` is added."""
    return _TEXTS[figures].tolist()
