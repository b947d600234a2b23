"""The leagues, their clubs and the many ways people write them.

A club belongs to a country: it has one key in all divisions, and any league of its country knows it. There is a file a
country in `countries/`:

    country     its name
    complete    the season (the year in which it starts) up to which all clubs of its leagues are here
    unresolved  names that mean two clubs, or a club that is not here: never resolved
    leagues     of the country, each with its code (that of football-data.co.uk), names, `Rules` by season, and some
                deductions of points, which are in no match file
    clubs       one line a club

    key         the club's name in football-data.co.uk files (newest spelling): its identity in the match frame
    name        the name that answers show
    leagues     where it has played or may; all of the country's where there is nothing
    aliases     other names people write; a club has its key, name and aliases in any case, with or without accents,
                punctuation and words such as FC
    file_names  older spellings in the files, accepted there before any other meaning

A name is looked up as it is, then folded, then without club words, in plain dictionaries, and the clubs of the
league come before the country's others. What is in none of them is unknown: likeness makes a suggestion in the
error, never an answer.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from sabiscore.data.rules import USUAL, Criterion, Deduction, Rules
from sabiscore.data.spelling import LONGEST_NAME, alike, clip, fold, normalise
from sabiscore.domain import Club, League
from sabiscore.errors import UnknownClubError, UnknownLeagueError

COUNTRIES = (
    *("england", "spain", "italy", "germany", "france", "scotland"),
    *("netherlands", "belgium", "portugal", "turkey", "greece"),
)
"""Files of `countries/`, in the order in which leagues are listed."""

COMMON = 4
"""Clubs of a country that have a word from which on it tells none of them apart: City, United."""

_ALIKE = 0.75
_NEARLY_AS_ALIKE = 0.12
_SUGGESTIONS = 4


class _ClubEntry(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    leagues: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()


class _LeagueEntry(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    level: int
    aliases: tuple[str, ...]
    seasons: tuple[dict[str, Any], ...]
    """Each is a `Rules`; what is the same in all of them is said of the league."""
    ranking_source: str
    ranking: tuple[Criterion, ...] = USUAL
    deductions: tuple[Deduction, ...] = ()

    def rules(self) -> tuple[Rules, ...]:
        return tuple(
            msgspec.structs.replace(
                msgspec.convert({"ranking": self.ranking} | each, Rules), ranking_source=self.ranking_source
            )
            for each in self.seasons
        )


class _Country(Struct, frozen=True, forbid_unknown_fields=True):
    country: str
    complete: int
    leagues: tuple[_LeagueEntry, ...]
    clubs: dict[str, _ClubEntry]
    unresolved: tuple[str, ...] = ()


class _Roster(Struct, frozen=True):
    """One league's clubs, and all names of its country's; a folded name with None is never resolved."""

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

    def knows(self, name: str) -> bool:
        """Whether the name means a club, or more than one."""
        forms = fold(name), normalise(name)
        return name in self.filed or name in self.spelled or any(form in self.folded for form in forms)

    def joined(self, club: Club, *, plays: bool) -> "_Roster":
        """With another club of the country, which has one name; ``plays`` tells whether it is in this league."""
        forms: dict[str, Club | None] = dict.fromkeys((fold(club.name), normalise(club.name)), club)
        clubs = sorted((*self.clubs, club), key=lambda one: fold(one.name)) if plays else self.clubs
        return _Roster(
            league=self.league,
            clubs=tuple(clubs),
            aliases=self.aliases | {club.key: ()},
            spelled=self.spelled | {club.name: club},
            folded=forms | self.folded,
            spellings=(*self.spellings, *(forms if plays else ())),
            filed=self.filed | {club.key: club.key},
        )


class Catalogue(Struct, frozen=True):
    """Who plays where, and what they are called. Build it once with `load`.

    ``complete`` is by country the last season of which all clubs are in the files of the package; ``added`` are league
    and key of those that are not.
    """

    leagues: tuple[League, ...]
    rosters: dict[str, _Roster]
    league_names: dict[str, League]
    seasons: dict[str, tuple[Rules, ...]]
    deductions: dict[str, tuple[Deduction, ...]] = {}
    complete: dict[str, int] = {}
    added: tuple[tuple[str, str], ...] = ()

    def league(self, name: str) -> League:
        """The league called ``name``: its code, name or an alias.

        Raises:
            UnknownLeagueError: with all leagues, the likeliest first.
        """
        known = self.league_names.get(name) or self.league_names.get(fold(clip(name)))
        if known is None:
            raise UnknownLeagueError(clip(name), self._leagues_like(name))
        return known

    def rules(self, code: str, season: int) -> Rules:
        """How the league ``code`` is played in the season that starts in the year ``season``.

        Of a season before the first that is known: as in that one.
        """
        known = self.seasons[code]
        return next((rules for rules in known if rules.since <= season), known[-1])

    def club(self, name: str, league: League) -> Club:
        """The club called ``name`` in ``league``, or else in its country.

        Raises:
            UnknownClubError: with the names most like it, or the country where that club plays.
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

    def may_have_newcomers(self, code: str, season: int) -> bool:
        """Whether clubs may have come to the league ``code`` by a season that the package's files do not know."""
        roster = self.rosters.get(code)
        return roster is not None and season > self.complete[roster.league.country]

    def with_club(self, club: Club, league: League) -> "Catalogue":
        """The same with another club of ``league``, which all leagues of its country know."""
        rosters = {
            code: roster.joined(club, plays=code == league.code)
            if roster.league.country == league.country
            else roster
            for code, roster in self.rosters.items()
        }
        return msgspec.structs.replace(self, rosters=rosters, added=(*self.added, (league.code, club.key)))

    def is_free(self, name: str) -> bool:
        """Whether nobody has the name, in any country."""
        return not any(roster.knows(name) for roster in self.rosters.values())

    def likeness(self, name: str, league: League) -> float:
        """How close a name is to the nearest of the country of ``league``, from 0 to 1.

        It is that of two of their words, and 1 where one begins like the other; words of `COMMON` clubs do not count.
        """
        clubs: dict[str, set[str]] = {}
        roster = self.rosters[league.code]
        for other, club in roster.spelled.items():
            for word in normalise(other).split():
                clubs.setdefault(word, set()).add(club.key)
        own = [word for word in normalise(clip(name)).split() if len(clubs.get(word, ())) < COMMON]
        theirs = [word for word, having in clubs.items() if len(having) < COMMON]
        return max((alike(one, other) for one in own for other in theirs), default=1.0)

    def unknown_club(self, name: str, league: League) -> UnknownClubError:
        """What to say of a ``name`` that is no club of ``league``."""
        elsewhere = dict.fromkeys(
            other.league.country for other in self.rosters.values() if other.find(name) is not None
        )
        if elsewhere:
            where = f" in {league.name} (plays in {', '.join(elsewhere)})"
            return UnknownClubError(clip(name), (), where)
        closest = _clubs_like(name, [self.rosters[league.code]])
        return UnknownClubError(clip(name), closest, f" in {league.name}")

    def clubs_called(self, name: str) -> dict[str, Club]:
        """By country the club that is called ``name`` there."""
        first = {league.country: self.rosters[league.code] for league in reversed(self.leagues)}
        return {country: club for country, roster in first.items() if (club := roster.find(name))}

    def unknown_anywhere(self, name: str, countries: Iterable[str] = ()) -> UnknownClubError:
        """What to say of a ``name`` that is no club's, with those most like it in some countries or in all."""
        chosen = set(countries)
        rosters = [self.rosters[each.code] for each in self.leagues if not chosen or each.country in chosen]
        return UnknownClubError(clip(name), _clubs_like(name, rosters))

    def _leagues_like(self, name: str) -> list[str]:
        alike = process.extract(
            fold(clip(name)), list(self.league_names), scorer=JaroWinkler.normalized_similarity, limit=None
        )
        return list(dict.fromkeys(self.league_names[spelling].name for spelling, _, _ in alike))


@cache
def load() -> Catalogue:
    """The catalogue that ships with the package, read once (some hundredths of a second)."""
    files = resources.files("sabiscore.data") / "countries"
    countries = [
        msgspec.toml.decode((files / f"{name}.toml").read_bytes(), type=_Country) for name in COUNTRIES
    ]
    rosters = {roster.league.code: roster for country in countries for roster in _rosters(country)}
    entries = [entry for country in countries for entry in country.leagues]
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
        seasons={entry.code: entry.rules() for entry in entries},
        deductions={entry.code: entry.deductions for entry in entries},
        complete={country.country: country.complete for country in countries},
    )


def fingerprint() -> str:
    """A digest of the catalogue that ships with the package."""
    files = resources.files("sabiscore.data") / "countries"
    return hashlib.sha256(b"".join((files / f"{name}.toml").read_bytes() for name in COUNTRIES)).hexdigest()


class _Name(Struct, frozen=True):
    """One name of a club: as people write it, folded, and without club words."""

    written: str
    folded: str
    plain: str
    club: Club


def _rosters(country: _Country) -> list[_Roster]:
    """The roster of each league of a country."""
    clubs = {key: Club(key, entry.name) for key, entry in country.clubs.items()}
    names = [
        _Name(name, fold(name), normalise(name), clubs[key])
        for key, entry in country.clubs.items()
        for name in dict.fromkeys((key, entry.name, *entry.aliases))
    ]
    written = {name: clubs[key] for key, entry in country.clubs.items() for name in entry.file_names}
    filed = {key: key for key in clubs} | {name: club.key for name, club in written.items()}
    aliases = {key: entry.aliases for key, entry in country.clubs.items()}
    rosters = []
    for entry in country.leagues:
        playing = {
            key for key, club in country.clubs.items() if entry.code in (club.leagues or (entry.code,))
        }
        here = [name for name in names if name.club.key in playing]
        rosters.append(
            _Roster(
                league=League(entry.code, entry.name, country.country, entry.level),
                clubs=tuple(sorted((clubs[key] for key in playing), key=lambda club: fold(club.name))),
                aliases=aliases,
                spelled=written | {name.written: name.club for name in (*names, *here)},
                folded=_folded(here, names, country.unresolved),
                spellings=tuple(dict.fromkeys(name.folded for name in here)),
                filed=filed,
            )
        )
    return rosters


def _folded(
    here: Sequence[_Name], names: Sequence[_Name], unresolved: Iterable[str]
) -> dict[str, Club | None]:
    """Every folded name to its club: of those with the same, a club of the league's (``here``) comes first.

    A name without club words counts where nobody has it in full.
    """
    folded: dict[str, Club | None] = dict.fromkeys(map(fold, unresolved))
    for name in (*here, *names):
        folded.setdefault(name.folded, name.club)
    for name in (*here, *names):
        folded.setdefault(name.plain, name.club)
    return folded


def _clubs_like(name: str, rosters: Iterable[_Roster]) -> list[str]:
    spelled = {spelling: roster.folded[spelling] for roster in rosters for spelling in roster.spellings}
    alike = process.extract(
        fold(clip(name)),
        list(spelled),
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=_ALIKE,
        limit=3 * _SUGGESTIONS,
    )
    clubs = (
        spelled[spelling] for spelling, likeness, _ in alike if likeness > alike[0][1] - _NEARLY_AS_ALIKE
    )
    return list(dict.fromkeys(club.name for club in clubs if club))[:_SUGGESTIONS]
