"""How names are written: what is the same in spite of capitals, accents, punctuation and club words."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

LONGEST_NAME = 80
"""Characters of a name that are looked at; nothing real is longer."""

REMEMBERED = 1024
"""Spellings whose folded form is remembered; what is looked up has at most `LONGEST_NAME` characters."""

CLUB_WORDS = frozenset(
    {"1", "ac", "afc", "as", "calcio", "cd", "cf", "club", "de", "fc", "football", "futbol"}
    | {"rc", "rcd", "sc", "sd", "ss", "ssc", "sv", "ud", "us"}
)
"""What `normalise` drops. Words such as VfB or Real are not here: they tell clubs apart."""

SHORTEST_WORD = 3
"""Letters from which on a word may be the beginning of another."""

_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)
_APOSTROPHES = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_INITIALS = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b\.?")


@lru_cache(REMEMBERED)
def fold(name: str) -> str:
    """``name`` in lower case, without accents or punctuation: "Brighton & Hove" is "brighton and hove".

    ß, ø, æ and the like become plain letters, initials close up (F.C. is fc), an apostrophe vanishes,
    any other sign parts two words. Folding twice changes nothing.
    """
    text = name.lower()
    if not name.isascii():
        text = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
        text = "".join(
            sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)
        )
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", "") + " ", text)
    text = _APOSTROPHES.sub("", text).replace("&", " and ")
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


@lru_cache(REMEMBERED)
def normalise(name: str) -> str:
    """``name`` folded and without club words (`CLUB_WORDS`), unless nothing else would be left."""
    words = fold(name).split()
    return " ".join([word for word in words if word not in CLUB_WORDS] or words)


def alike(one: str, other: str) -> float:
    """How much two words are alike, from 0 to 1; the beginning of one is the same word."""
    if min(len(one), len(other)) >= SHORTEST_WORD and (one.startswith(other) or other.startswith(one)):
        return 1.0
    return JaroWinkler.normalized_similarity(one, other)


def clip(name: str) -> str:
    """``name``, or what is looked at of it."""
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "…"
