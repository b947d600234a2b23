"""The markets of an answer as tables: a name, heads, and rows of a label and texts."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from sabiscore.domain import Markets, Total
from sabiscore.languages.wording import Wording


class Group(Struct, frozen=True):
    """One table."""

    name: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def groups(markets: Markets, home: str, away: str, words: Wording) -> list[Group]:
    """All that there are, for a match of ``home`` against ``away``."""
    return _Tables(markets, home, away, words).all()


class _Tables:
    """The markets of one match in one language."""

    def __init__(self, markets: Markets, home: str, away: str, words: Wording) -> None:
        self._markets = markets
        self._home, self._away = home, away
        self._say = words.say
        self._words = words
        self._lines = (words.say("Line"), words.say("Over"), words.say("Under"))
        self._chance = words.say("Chance")

    def all(self) -> list[Group]:
        return [
            self._of_totals(self._say("Goals"), self._markets.over_under),
            self._result(),
            self._handicap(),
            self._by_club(),
            *self._half_time(),
            *self._corners(),
        ]

    def _of_totals(self, name: str, totals: Iterable[Total]) -> Group:
        number, share = self._words.number, self._words.share
        return Group(
            name,
            self._lines,
            [(number(one.line, "g"), share(one.over), share(one.under)) for one in totals],
        )

    def _pairs(self, *pairs: tuple[str, float]) -> list[tuple[str, ...]]:
        return [(name, self._words.share(share)) for name, share in pairs]

    def _result(self) -> Group:
        say, home, away, markets = self._say, self._home, self._away, self._markets
        double, no_bet = markets.double_chance, markets.draw_no_bet
        return Group(
            say("Result and both to score"),
            (say("Bet"), self._chance),
            self._pairs(
                (say("{club} or draw", club=home), double.home_or_draw),
                (say("{home} or {away}", home=home, away=away), double.home_or_away),
                (say("Draw or {club}", club=away), double.draw_or_away),
                (say("{club}, a draw returns the stake", club=home), no_bet.home),
                (say("{club}, a draw returns the stake", club=away), no_bet.away),
                (say("Both score"), markets.both_teams_to_score.yes),
            ),
        )

    def _handicap(self) -> Group:
        number, share = self._words.number, self._words.share
        return Group(
            self._say("Asian handicap"),
            (self._say("Goals given"), self._home, self._away),
            [
                (number(one.line, "+g"), share(one.home), share(one.away))
                for one in self._markets.asian_handicap
            ],
        )

    def _by_club(self) -> Group:
        say, share, markets = self._say, self._words.share, self._markets
        rows = [
            (
                say("Over {goals} goals", goals=self._words.number(ours.line, "g")),
                share(ours.over),
                share(theirs.over),
            )
            for ours, theirs in zip(markets.team_totals.home, markets.team_totals.away, strict=True)
        ]
        rows += [
            (name, share(each.home), share(each.away))
            for name, each in (
                (say("Concedes none"), markets.clean_sheet),
                (say("Wins to nil"), markets.win_to_nil),
            )
        ]
        return Group(say("By club"), (say("Bet"), self._home, self._away), [*rows])

    def _half_time(self) -> Iterator[Group]:
        say, markets = self._say, self._markets
        sides = {"home": self._home, "draw": say("Draw"), "away": self._away}
        if result := markets.half_time_result:
            pairs = zip(sides.values(), (result.home, result.draw, result.away), strict=True)
            yield Group(say("Half-time result"), (say("At half-time"), self._chance), self._pairs(*pairs))
        if totals := markets.half_time_goals:
            yield self._of_totals(say("Half-time goals"), totals)
        if both := markets.half_time_full_time:
            yield Group(
                say("Half-time and full-time"),
                (say("At half-time"), *(say("Ends {result}", result=name) for name in sides.values())),
                [
                    (name, *(self._words.share(getattr(both, f"{half}_{end}")) for end in sides))
                    for half, name in sides.items()
                ],
            )

    def _corners(self) -> Iterator[Group]:
        say, corners = self._say, self._markets.corners
        if corners is None:
            return
        most = corners.most
        yield self._of_totals(say("Corners"), corners.over_under)
        yield Group(
            say("Most corners"),
            (say("Club"), self._chance),
            self._pairs((self._home, most.home), (say("As many"), most.draw), (self._away, most.away)),
        )
