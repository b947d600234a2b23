"""The leagues, their clubs and the many ways people write them.

A name is looked up as it is, then folded, then without club words, in plain dictionaries. What is in
none of them is unknown: likeness makes a suggestion in the error, never an answer.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

import msgspec
from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from sabiscore.domain import Club, League
from sabiscore.errors import UnknownClubError, UnknownLeagueError

LONGEST_NAME = 80
"""Characters of a name that are looked at; nothing real is longer."""

REMEMBERED = 1024
"""Spellings whose folded form is remembered; what is looked up has at most `LONGEST_NAME` characters."""

CLUB_WORDS = frozenset(
    {"1", "ac", "afc", "as", "calcio", "cd", "cf", "club", "de", "fc", "football", "futbol"}
    | {"rc", "rcd", "sc", "sd", "ss", "ssc", "sv", "ud", "us"}
)
"""What `normalise` drops. Words such as VfB or Real are not here: they tell clubs apart."""

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
_ALIKE = 0.75
_NEARLY_AS_ALIKE = 0.12
_SUGGESTIONS = 4


class _ClubEntry(Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    name: str
    aliases: tuple[str, ...]
    file_names: tuple[str, ...] = ()


class Relegation(Struct, frozen=True, forbid_unknown_fields=True):
    """How a league's season ends: the last ``places`` go down, and the ``play_off`` above them play for it.

    ``head_to_head`` tells whether clubs with as many points are ranked by the matches between them first.
    """

    places: int
    play_off: int = 0
    head_to_head: bool = False


class _LeagueEntry(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    country: str
    aliases: tuple[str, ...]
    relegation: Relegation
    clubs: tuple[_ClubEntry, ...]
    unresolved: tuple[str, ...] = ()


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    leagues: tuple[_LeagueEntry, ...]


class _Roster(Struct, frozen=True):
    """One league's clubs under all their names; a folded name with None is never resolved."""

    league: League
    clubs: tuple[Club, ...]
    aliases: dict[str, tuple[str, ...]]
    spelled: dict[str, Club]
    folded: dict[str, Club | None]
    spellings: tuple[str, ...]
    filed: dict[str, str]

    def find(self, name: str) -> Club | None:
        known = self.spelled.get(name)
        if known is not None:
            return known
        if len(name) > LONGEST_NAME:
            return None
        folded = fold(name)
        if folded in self.folded:
            return self.folded[folded]
        return self.folded.get(normalise(name))


class Catalogue(Struct, frozen=True):
    """Who plays where, and what they are called. Build it once with `load`."""

    leagues: tuple[League, ...]
    rosters: dict[str, _Roster]
    league_names: dict[str, League]
    relegation: dict[str, Relegation]

    def league(self, name: str) -> League:
        """The league called ``name``: its code, name or an alias.

        Raises:
            UnknownLeagueError: with all leagues, the likeliest first.
        """
        known = self.league_names.get(name) or self.league_names.get(fold(_clip(name)))
        if known is None:
            raise UnknownLeagueError(_clip(name), self._leagues_like(name))
        return known

    def club(self, name: str, league: League) -> Club:
        """The club called ``name`` in ``league``.

        Raises:
            UnknownClubError: with the names most like it, or the league where that club plays.
        """
        known = self.rosters[league.code].find(name)
        if known is None:
            raise self.unknown_club(name, league)
        return known

    def clubs(self, league: League) -> tuple[Club, ...]:
        """Every club of ``league``, past and possible ones too, by name."""
        return self.rosters[league.code].clubs

    def aliases(self, club: Club, league: League) -> tuple[str, ...]:
        """Other names of ``club``, as people write them."""
        return self.rosters[league.code].aliases[club.key]

    def file_key(self, name: str, league_code: str) -> str | None:
        """The key of the club that a match file of ``league_code`` calls ``name``, or None.

        Spellings of the files come first: there "Leipzig" is the VfB of 1993, not RB.
        """
        roster = self.rosters.get(league_code)
        if roster is None:
            return None
        key = roster.filed.get(name)
        if key is not None:
            return key
        known = roster.find(name)
        return known.key if known else None

    def unknown_club(self, name: str, league: League) -> UnknownClubError:
        """What to say of a ``name`` that is no club of ``league``."""
        elsewhere = [other.league.name for other in self.rosters.values() if other.find(name)]
        if elsewhere:
            where = f" in {league.name} (plays in {', '.join(elsewhere)})"
            return UnknownClubError(_clip(name), (), where)
        closest = _clubs_like(name, self.rosters[league.code])
        return UnknownClubError(_clip(name), closest, f" in {league.name}")

    def _leagues_like(self, name: str) -> list[str]:
        alike = process.extract(
            fold(_clip(name)), list(self.league_names), scorer=JaroWinkler.normalized_similarity, limit=None
        )
        return list(dict.fromkeys(self.league_names[spelling].name for spelling, _, _ in alike))


def load() -> Catalogue:
    """Read the catalogue that ships with the package (some milliseconds)."""
    text = resources.files("sabiscore.data").joinpath("catalogue.toml").read_bytes()
    entries = msgspec.toml.decode(text, type=_File).leagues
    rosters = {entry.code: _roster(entry) for entry in entries}
    names = {
        spelling: rosters[entry.code].league
        for entry in entries
        for name in (entry.code, entry.name, *entry.aliases)
        for spelling in (name, fold(name))
    }
    return Catalogue(
        leagues=tuple(roster.league for roster in rosters.values()),
        rosters=rosters,
        league_names=names,
        relegation={entry.code: entry.relegation for entry in entries},
    )


@lru_cache(REMEMBERED)
def fold(name: str) -> str:
    """``name`` in lower case, without accents or punctuation: "Brighton & Hove" is "brighton and hove".

    ß, ø, æ and the like become plain letters, initials close up (F.C. is fc), an apostrophe vanishes,
    any other sign parts two words. Folding twice changes nothing.
    """
    text = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", "") + " ", text)
    text = _APOSTROPHES.sub("", text).replace("&", " and ")
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


@lru_cache(REMEMBERED)
def normalise(name: str) -> str:
    """``name`` folded and without club words (`CLUB_WORDS`), unless nothing else would be left."""
    words = fold(name).split()
    return " ".join([word for word in words if word not in CLUB_WORDS] or words)


def _roster(entry: _LeagueEntry) -> _Roster:
    league = League(entry.code, entry.name, entry.country)
    clubs = {each.key: Club(each.key, each.name) for each in entry.clubs}
    names = {name: clubs[each.key] for each in entry.clubs for name in (each.key, each.name, *each.aliases)}
    written = {name: clubs[each.key] for each in entry.clubs for name in each.file_names}
    folded = _folded(names, entry.unresolved)
    return _Roster(
        league=league,
        clubs=tuple(sorted(clubs.values(), key=lambda club: fold(club.name))),
        aliases={each.key: each.aliases for each in entry.clubs},
        spelled=written | names,
        folded=folded,
        spellings=tuple(spelling for spelling, club in folded.items() if club),
        filed={key: key for key in clubs} | {name: club.key for name, club in written.items()},
    )


def _folded(names: dict[str, Club], unresolved: Iterable[str]) -> dict[str, Club | None]:
    """Every folded name to its club. A name without club words counts where nobody has it in full."""
    folded: dict[str, Club | None] = dict.fromkeys(map(fold, unresolved))
    for name, club in names.items():
        folded[fold(name)] = club
    for name, club in names.items():
        folded.setdefault(normalise(name), club)
    return folded


def _clubs_like(name: str, roster: _Roster) -> list[str]:
    alike = process.extract(
        fold(_clip(name)),
        roster.spellings,
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=_ALIKE,
        limit=3 * _SUGGESTIONS,
    )
    clubs = (
        roster.folded[spelling]
        for spelling, likeness, _ in alike
        if likeness > alike[0][1] - _NEARLY_AS_ALIKE
    )
    return list(dict.fromkeys(club.name for club in clubs if club))[:_SUGGESTIONS]


def _clip(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "…"
