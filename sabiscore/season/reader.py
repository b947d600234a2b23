"""A season to be read: matches played and to come, tables, ratings, clubs, as of any day."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np

from sabiscore.data import coming
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.seasons import name_of
from sabiscore.domain import Club, League, ListedFixture
from sabiscore.features import played as matches
from sabiscore.features.calendar import day_number, day_of
from sabiscore.features.played import Played
from sabiscore.forecaster import Forecaster
from sabiscore.languages.wording import gettext_noop
from sabiscore.models.bundles import Bundle
from sabiscore.season import tables
from sabiscore.season.listing import Listing, ToCome, match_id, upcoming
from sabiscore.season.names import Names
from sabiscore.season.ratings import over_time, ratings
from sabiscore.season.schemas import (
    HeadToHead,
    LeagueRatings,
    LeagueTable,
    Meetings,
    PlaceChances,
    RatingPoint,
    SeasonMatch,
    TableRow,
    TeamPage,
    TeamRating,
)
from sabiscore.season.standings import Results, Standings, last_season, results, standings, tie_break
from sabiscore.season.tables import ProjectedTable
from sabiscore.season.to_come import OVER, to_come, unclear

PAST = gettext_noop("Projections are made for the present table alone.")
UNKNOWN = gettext_noop("This bundle has no projected tables: an update makes them.")

A_MONTH = 30
FEW = 5
"""Matches of a club that its page has, last and next."""

SEASONS = 3
"""The last ones, whose ratings its page has."""

A_SEASON = 6
"""Ratings of each season, over the years."""

_ID = re.compile(r"([a-z0-9-]+?)-(\d{4})-\d{2}-[a-z0-9-]+")


class Season:
    """What a bundle knows of matches, read as of any day; nothing is made of its files before it is asked for.

    A bundle without matches has none, and no tables.
    """

    def __init__(self, bundle: Bundle, forecaster: Forecaster, catalogue: Catalogue) -> None:
        wanted = (matches.FILE, coming.FILE, tables.FILE)
        self._files = {name: bundle.files[name] for name in wanted if name in bundle.files}
        self._forecaster = forecaster
        self._names = Names(catalogue)
        self.today = day_number(forecaster.manifest.data_through) + 1
        """The day after the last match that is known."""

    @classmethod
    def of(cls, bundle: Bundle, forecaster: Forecaster, catalogue: Catalogue) -> Self:
        """That of a bundle, whose forecaster this is."""
        return cls(bundle, forecaster, catalogue)

    @cached_property
    def matches(self) -> Played:
        """All matches; raises ValueError: the file cannot be right."""
        content = self._files.get(matches.FILE)
        return matches.load(content) if content is not None else matches.nothing()

    @cached_property
    def coming(self) -> tuple[ListedFixture, ...]:
        """The fixtures on the list; raises ValueError: the file cannot be right."""
        content = self._files.get(coming.FILE)
        return tuple(coming.load(content)) if content is not None else ()

    @cached_property
    def projected(self) -> dict[str, ProjectedTable]:
        """Projected tables by league code; raises ValueError: the file cannot be right."""
        content = self._files.get(tables.FILE)
        return tables.load(content) if content is not None else {}

    def read(self) -> None:
        """Read all files now; raises ValueError: one cannot be right."""
        self.matches, self.coming, self.projected  # noqa: B018 - kept where it is read

    def check(self) -> None:
        """Read all there is, and say of each league what is said of it.

        Raises:
            ValueError: a file cannot be right, or has a league of which nothing else is known.
        """
        listed = {one.league for one in self.coming}
        for code in sorted({*self.matches.leagues, *listed, *self.projected}):
            if not self._forecaster.rows.has_league(code):
                raise ValueError(f"there are matches of {code!r}, of which nothing else is known")
            self.table(self._names.league(code))
            self.ratings(self._names.league(code))
        self._upcoming([ToCome.listed(one) for one in self.coming])

    @cached_property
    def _listing(self) -> Listing:
        return Listing(self.matches, self._names)

    def played(
        self,
        league: League | None = None,
        team: Club | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> list[SeasonMatch]:
        """Matches in the order of time, from the day ``since`` through the day ``until``."""
        chosen = self._listing.choose(
            league.code if league else None,
            [team.key] if team else (),
            day_number(since) if since else None,
            day_number(until) + 1 if until else None,
        )
        return self._listing.of(chosen)

    def last_day(self, league: League | None = None) -> date | None:
        """The day of the last match of a league, or of all; none without a match."""
        days = self.matches.day[self._listing.choose(league.code if league else None)]
        return day_of(int(days[-1])) if len(days) else None

    def find(self, fixture_id: str) -> SeasonMatch | None:
        """The match of this id, played, on the list or left to play; none where there is no such."""
        for one in self.coming:
            if one.id == fixture_id:
                return self._upcoming([ToCome.listed(one)])[0]
        known = _ID.fullmatch(fixture_id)
        code = next(
            (code for code in self._codes if known and self._names.league_ref(code).id == known[1]), None
        )
        if known is None or code is None:
            return None
        season = int(known[2])
        for match in self._listing.of(self._listing.of_season(code, season)):
            if match.id == fixture_id:
                return match
        left = self._left(code, season)
        found = next((one for one in left if match_id(one, self._names) == fixture_id), None)
        return self._upcoming([found])[0] if found else None

    def table(self, league: League, on: date | None = None) -> LeagueTable | None:
        """The table of a league's present season, or as it was before the day ``on``; none without a match."""
        played = self._results(league.code, on)
        if played is None:
            return None
        projected, note = self._projection(played, on)
        return LeagueTable(
            league=self._names.league_ref(league.code),
            season=name_of(played.season),
            on=on,
            data_through=self._data_through(on),
            rows=self._rows(standings(played), projected.clubs if projected else {}),
            tie_break=tie_break(played.rules),
            projection=projected.info if projected else None,
            note=note,
        )

    def ratings(self, league: League, on: date | None = None) -> LeagueRatings | None:
        """How good the clubs of a league's season are, the best first, now or on the morning of ``on``."""
        played = self._results(league.code, on)
        if played is None:
            return None
        return LeagueRatings(
            league=self._names.league_ref(league.code),
            season=name_of(played.season),
            on=on,
            data_through=self._data_through(on),
            teams=self._ratings(played, self._day(on)),
        )

    def team(self, club: Club, on: date | None = None) -> TeamPage | None:
        """A club's page, now or as of ``on``; none where no match of it was played or is listed."""
        chosen = self._listing.choose(teams=[club.key], before=self._day(on))
        listed = [one for one in self.coming if club.key in {one.home, one.away}] if on is None else []
        if not len(chosen) and not listed:
            return None
        code = listed[0].league if listed else self.matches.leagues[self.matches.league[chosen[-1]]]
        played = self._results(code, on)
        if played is None:
            return None
        team = self._names.team_ref(club.key)
        table = standings(played)
        here = club.key in table.clubs
        ratings, last = self.lately(club, on)
        return TeamPage(
            team=team,
            league=self._names.league_ref(code),
            season=name_of(played.season if len(chosen) else listed[0].season),
            on=on,
            data_through=self._data_through(on),
            position=table.clubs.index(club.key) + 1 if here else None,
            rating=next((each for each in self._ratings(played, self._day(on)) if each.team == team), None),
            ratings=ratings,
            form=table.form[table.clubs.index(club.key)] if here else "",
            last=last,
            next=self._next(club.key, code, listed, played.season) if on is None else [],
        )

    def lately(self, club: Club, on: date | None = None) -> tuple[list[RatingPoint], list[SeasonMatch]]:
        """The ratings and the last matches of a club's page, now or as of ``on``; empty where it has not played."""
        chosen = self._listing.choose(teams=[club.key], before=self._day(on))
        ratings = over_time(self._forecaster.rows, self.matches, club.key, chosen, seasons=SEASONS)
        return ratings, self._listing.of(chosen[: -FEW - 1 : -1])

    def over_the_years(self, club: Club) -> list[RatingPoint]:
        """How good a club was since its first match that is known, a few days of each season; empty without any."""
        chosen = self._listing.choose(teams=[club.key])
        return over_time(self._forecaster.rows, self.matches, club.key, chosen, most=A_SEASON)

    def head_to_head(
        self, home: Club, away: Club, league: League | None = None, on: date | None = None
    ) -> HeadToHead:
        """All matches between two clubs, in a league or in all, now or as of ``on``."""
        chosen = self._listing.choose(
            league.code if league else None, [home.key, away.key], before=self._day(on)
        )
        found = self._listing.of(chosen[::-1])
        one, other = self._names.team_ref(home.key), self._names.team_ref(away.key)
        listed = [each for each in self.coming if {each.home, each.away} == {home.key, away.key}]
        return HeadToHead(
            home=one,
            away=other,
            on=on,
            data_through=self._data_through(on),
            overall=_meetings(found, one.id),
            at_home=_meetings([match for match in found if match.home == one], one.id),
            matches=found,
            next=self._upcoming([ToCome.listed(each) for each in listed]) if on is None else [],
        )

    def present(self, code: str) -> Results | None:
        """The matches so far of the season that a league is in, with the clubs that are on the list; none without."""
        return self._results(code, None)

    @property
    def _codes(self) -> Sequence[str]:
        return self.matches.leagues

    def _day(self, on: date | None) -> int:
        return self.today if on is None else day_number(on)

    def _data_through(self, on: date | None) -> date:
        if on is None:
            return self._forecaster.manifest.data_through
        days = self.matches.day
        known = days[days < day_number(on)]
        return day_of(int(known.max())) if len(known) else self._forecaster.manifest.data_from

    def _results(self, code: str, on: date | None) -> Results | None:
        """The season that a league is in: it begins with its first match, or when all its clubs are listed."""
        before, catalogue = self._day(on), self._names.catalogue
        season = last_season(self.matches, code, before)
        if season is None:
            return None
        members = self._listed(code, season) if on is None else set()
        following = self._listed(code, season + 1) if on is None else set()
        if len(following) == catalogue.rules(code, season + 1).clubs:
            season, members = season + 1, following
        return results(self.matches, catalogue, code, season, before=before, members=[*members])

    def _listed(self, code: str, season: int) -> set[str]:
        """The clubs of a season that are on the list of fixtures."""
        here = [one for one in self.coming if (one.league, one.season) == (code, season)]
        return {club for one in here for club in (one.home, one.away)}

    def _projection(self, played: Results, on: date | None) -> tuple[ProjectedTable | None, str | None]:
        """What may become of a table, and what there is to say of it."""
        why = unclear(played)
        if why is not None:
            return None, why
        if not len(to_come(played)[0]):
            return None, OVER
        if on is not None:
            return None, PAST
        found = self.projected.get(played.league)
        if found is None or found.season != played.season or set(found.clubs) != set(played.clubs):
            return None, UNKNOWN
        return found, None

    def _rows(self, table: Standings, chances: Mapping[str, PlaceChances]) -> list[TableRow]:
        return [
            TableRow(
                position=k + 1,
                team=self._names.team_ref(club),
                played=int(table.played[k]),
                won=int(table.won[k]),
                drawn=int(table.drawn[k]),
                lost=int(table.lost[k]),
                goals_for=int(table.scored[k]),
                goals_against=int(table.conceded[k]),
                goal_difference=int(table.scored[k] - table.conceded[k]),
                points=int(table.points[k]),
                points_deducted=int(table.deducted[k]),
                form=table.form[k],
                projection=chances.get(club),
            )
            for k, club in enumerate(table.clubs)
        ]

    def _ratings(self, played: Results, day: int) -> list[TeamRating]:
        (found,) = ratings(self._forecaster.rows, [(played.league, played.clubs, [day, day - A_MONTH])])
        now, then = found.strength
        return [
            TeamRating(
                rank=rank,
                team=self._names.team_ref(played.clubs[k]),
                strength=round(float(now[k]), 3),
                uncertainty=round(float(found.uncertainty[0, k]), 3),
                attack=round(float(found.attack[0, k]), 3),
                defence=round(float(found.defence[0, k]), 3),
                change_30_days=round(float(now[k] - then[k]), 3) if found.known[1, k] else None,
            )
            for rank, k in enumerate(np.argsort(-now, kind="stable").tolist(), 1)
        ]

    def _next(self, club: str, code: str, listed: Sequence[ListedFixture], season: int) -> list[SeasonMatch]:
        """The next matches of a club: those that are listed, then such as have no date yet."""
        dated = [ToCome.listed(one) for one in listed]
        known = {(one.home, one.away, one.meeting) for one in dated}
        rest = [
            one
            for one in self._left(code, season)
            if club in {one.home, one.away} and (one.home, one.away, one.meeting) not in known
        ]
        return self._upcoming([*dated, *rest][:FEW])

    def _left(self, code: str, season: int) -> list[ToCome]:
        """The matches that the present season of a league has left, by clubs, where it is that season."""
        played = self._results(code, None)
        if played is None or played.season != season or unclear(played):
            return []
        found: list[ToCome] = []
        count: dict[tuple[int, int], int] = {}
        for home, away in zip(played.home.tolist(), played.away.tolist(), strict=True):
            count[home, away] = count.get((home, away), 0) + 1
        for home, away in zip(*(side.tolist() for side in to_come(played)), strict=True):
            count[home, away] = meeting = count.get((home, away), 0) + 1
            found.append(ToCome(code, season, played.clubs[home], played.clubs[away], meeting))
        return found

    def _upcoming(self, fixtures: Sequence[ToCome]) -> list[SeasonMatch]:
        return upcoming(fixtures, self._names, self._forecaster, self.today)


def _meetings(found: Sequence[SeasonMatch], one: str) -> Meetings:
    """Matches counted from the side of the club with the id ``one``."""
    ours, theirs = [], []
    for match in found:
        score = match.score
        if score is not None:
            scored = (score.home, score.away) if match.home.id == one else (score.away, score.home)
            ours.append(scored[0])
            theirs.append(scored[1])
    pairs = list(zip(ours, theirs, strict=True))
    return Meetings(
        played=len(pairs),
        home_team_wins=sum(a > b for a, b in pairs),
        draws=sum(a == b for a, b in pairs),
        away_team_wins=sum(a < b for a, b in pairs),
        home_team_goals=sum(ours),
        away_team_goals=sum(theirs),
    )
