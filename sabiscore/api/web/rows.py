"""Fixtures to come as pages list them: made once of each bundle, in every language."""

from collections.abc import Iterable, Mapping
from itertools import accumulate

import numpy as np
from markupsafe import Markup
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.api.listing import FixtureItem, Row
from sabiscore.api.web.look import look
from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES


class Rows(Struct, frozen=True):
    """The ``text`` of each, in their order, behind that of the one before, and where they end.

    Text is ASCII ``[n]``, of which a page is made soonest, and which the workers of a machine have once together.
    """

    text: NDArray[np.uint8]
    ends: tuple[int, ...]

    def of(self, places: Iterable[int]) -> Markup:
        """Those at these places."""
        text, ends = self.text.data, self.ends
        found = b"".join([text[ends[place] : ends[place + 1]] for place in places])
        return Markup(found.decode("ascii"))  # noqa: S704 - ours


def rows_of(coming: Iterable[Row]) -> Mapping[Language, Rows]:
    """By language."""
    heads = [row.head for row in coming]
    return {language: of_each(heads, language) for language in LANGUAGES}


def of_each(fixtures: Iterable[FixtureItem], language: Language) -> Rows:
    """A row of each, in a language."""
    texts = [look(language).row(each).encode("ascii", "xmlcharrefreplace") for each in fixtures]
    ends = tuple(accumulate(map(len, texts), initial=0))
    return Rows(np.frombuffer(b"".join(texts), np.uint8), ends)
