"""Matches as they are listed: those that were played, by number, and those to come, with what is said of them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct

from sabiscore.advice.rules import thousandths
from sabiscore.data.ids import fixture_id
from sabiscore.data.seasons import name_of
from sabiscore.domain import OUTCOMES, ByOutcome, ExpectedGoals, ListedFixture, SideCounts
from sabiscore.features.calendar import day_number, day_of, season_of
from sabiscore.features.played import Played
from sabiscore.features.rows import FixtureKey
from sabiscore.forecaster import Forecaster
from sabiscore.season.names import Names
from sabiscore.season.schemas import SeasonMatch
from sabiscore.season.standings import Index


class ToCome(Struct, frozen=True):
    """A match to come by its keys; without a ``kickoff`` where it is not on the list yet."""

    league: str
    season: int
    home: str
    away: str
    meeting: int = 1
    id: str = ""
    kickoff: datetime | None = None

    @classmethod
    def listed(cls, fixture: ListedFixture) -> "ToCome":
        """One that is on the list."""
        return cls(
            fixture.league, fixture.season, fixture.home, fixture.away, id=fixture.id, kickoff=fixture.kickoff
        )


class Listing:
    """Chooses among the matches that were played, and writes them and those to come as the wire has them."""

    def __init__(self, played: Played, names: Names) -> None:
        self._played, self._names = played, names
        self._clubs = {key: number for number, (_, key) in enumerate(played.clubs)}
        self._leagues = {code: number for number, code in enumerate(played.leagues)}

    def choose(
        self,
        league: str | None = None,
        teams: Sequence[str] = (),
        since: int | None = None,
        before: int | None = None,
    ) -> Index:
        """The numbers of matches in the order of time: of a league, of all of the ``teams``, of days."""
        played, begin, end = self._played, 0, len(self._played)
        if league is not None:
            if league not in self._leagues:
                return np.zeros(0, np.intp)
            begin, end = played.begins[self._leagues[league] :][:2].tolist()
        block = slice(begin, end)
        right = np.ones(end - begin, np.bool_)
        if since is not None:
            right &= played.day[block] >= since
        if before is not None:
            right &= played.day[block] < before
        for team in teams:
            number = self._clubs.get(team, -1)
            right &= (played.home[block] == number) | (played.away[block] == number)
        chosen = np.flatnonzero(right) + begin
        in_time: Index = chosen[np.argsort(played.day[chosen], kind="stable")]
        return in_time

    def of(self, chosen: Index) -> list[SeasonMatch]:
        """These matches."""
        return [self._match(k, *row) for k, row in zip(chosen.tolist(), self._meetings(chosen), strict=True)]

    def of_season(self, league: str, season: int) -> Index:
        """The numbers of a season's matches in the order of time."""
        chosen = self.choose(league)
        of_season: Index = chosen[season_of(self._played.day[chosen]) == season]
        return of_season

    def _meetings(self, chosen: Index) -> list[tuple[int, int]]:
        """The season of each match, and how often the home club has been host to the away club in it by then."""
        found = []
        seasons = season_of(self._played.day[chosen]).tolist()
        for k, season in zip(chosen.tolist(), seasons, strict=True):
            code = self._played.leagues[self._played.league[k]]
            meeting = self._meeting(k, season) if self._names.catalogue.rules(code, season).often else 1
            found.append((season, meeting))
        return found

    def _meeting(self, k: int, season: int) -> int:
        played = self._played
        begin = played.begins[played.league[k]]
        same = (played.home[begin : k + 1] == played.home[k]) & (played.away[begin : k + 1] == played.away[k])
        return int((season_of(played.day[begin : k + 1][same]) == season).sum())

    def _match(self, k: int, season: int, meeting: int) -> SeasonMatch:
        played, names = self._played, self._names
        code = played.leagues[played.league[k]]
        home, away = (played.clubs[side[k]][1] for side in (played.home, played.away))
        goals = SideCounts(*played.goals[k].tolist())
        return SeasonMatch(
            id=fixture_id(names.league(code), season, names.club(home), names.club(away), meeting),
            league=names.league_ref(code),
            season=name_of(season),
            home=names.team_ref(home),
            away=names.team_ref(away),
            status="played",
            date=day_of(int(played.day[k])),
            score=goals,
            outcome=OUTCOMES[1 - (goals.home > goals.away) + (goals.home < goals.away)],
        )


def upcoming(fixtures: Sequence[ToCome], names: Names, forecaster: Forecaster, day: int) -> list[SeasonMatch]:
    """Matches to come with what is said of them; of one without a kick-off as if it were on ``day``."""
    if not fixtures:
        return []
    keys: list[FixtureKey] = [
        (one.league, one.home, one.away, day_number(one.kickoff.date()) if one.kickoff else day)
        for one in fixtures
    ]
    said = forecaster.forecast(keys)
    return [
        SeasonMatch(
            id=one.id or match_id(one, names),
            league=names.league_ref(one.league),
            season=name_of(one.season),
            home=names.team_ref(one.home),
            away=names.team_ref(one.away),
            status="upcoming",
            date=one.kickoff.date() if one.kickoff else None,
            kickoff_time=one.kickoff.astimezone(UTC) if one.kickoff else None,
            probabilities=ByOutcome(*thousandths((home, draw, away))),
            expected_goals=ExpectedGoals(*(round(rate, 2) for rate in rates)),
        )
        for one, (home, draw, away), rates in zip(
            fixtures, said.probabilities.tolist(), said.rates.tolist(), strict=True
        )
    ]


def match_id(one: ToCome, names: Names) -> str:
    """What a match to come is called, listed or not."""
    return fixture_id(
        names.league(one.league), one.season, names.club(one.home), names.club(one.away), one.meeting
    )
