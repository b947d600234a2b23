"""The markets of an answer as tables: a name, heads, and rows of a label and texts."""

from collections.abc import Iterable

from msgspec import Struct

from sabiscore.api.web.look import percent
from sabiscore.domain import Markets, Total


class Group(Struct, frozen=True):
    """One table."""

    name: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def groups(markets: Markets, home: str, away: str) -> list[Group]:
    """All that there are, for a match of ``home`` against ``away``."""
    return [
        Group("Goals", ("Line", "Over", "Under"), _totals(markets.over_under)),
        _result(markets, home, away),
        Group(
            "Asian handicap",
            ("Goals given", home, away),
            [(f"{one.line:+g}", percent(one.home), percent(one.away)) for one in markets.asian_handicap],
        ),
        _by_club(markets, home, away),
        *_half_time(markets, home, away),
        *_corners(markets, home, away),
    ]


def _totals(totals: Iterable[Total]) -> list[tuple[str, ...]]:
    return [(f"{one.line:g}", percent(one.over), percent(one.under)) for one in totals]


def _pairs(*pairs: tuple[str, float]) -> list[tuple[str, ...]]:
    return [(name, percent(share)) for name, share in pairs]


def _result(markets: Markets, home: str, away: str) -> Group:
    double, no_bet, both = markets.double_chance, markets.draw_no_bet, markets.both_teams_to_score
    return Group(
        "Result and both to score",
        ("Bet", "Chance"),
        _pairs(
            (f"{home} or draw", double.home_or_draw),
            (f"{home} or {away}", double.home_or_away),
            (f"Draw or {away}", double.draw_or_away),
            (f"{home}, a draw returns the stake", no_bet.home),
            (f"{away}, a draw returns the stake", no_bet.away),
            ("Both score", both.yes),
        ),
    )


def _by_club(markets: Markets, home: str, away: str) -> Group:
    totals = markets.team_totals
    rows = [
        (f"Over {ours.line:g} goals", percent(ours.over), percent(theirs.over))
        for ours, theirs in zip(totals.home, totals.away, strict=True)
    ]
    rows += [
        (name, percent(each.home), percent(each.away))
        for name, each in (("Concedes none", markets.clean_sheet), ("Wins to nil", markets.win_to_nil))
    ]
    return Group("By club", ("Bet", home, away), [*rows])


def _half_time(markets: Markets, home: str, away: str) -> list[Group]:
    result, totals, both = markets.half_time_result, markets.half_time_goals, markets.half_time_full_time
    found = []
    if result:
        found.append(
            Group(
                "Half-time result",
                ("At half-time", "Chance"),
                _pairs((home, result.home), ("Draw", result.draw), (away, result.away)),
            )
        )
    if totals:
        found.append(Group("Half-time goals", ("Line", "Over", "Under"), _totals(totals)))
    if both:
        sides = {"home": home, "draw": "Draw", "away": away}
        found.append(
            Group(
                "Half-time and full-time",
                ("At half-time", *(f"Ends {name}" for name in sides.values())),
                [
                    (name, *(percent(getattr(both, f"{half}_{end}")) for end in sides))
                    for half, name in sides.items()
                ],
            )
        )
    return found


def _corners(markets: Markets, home: str, away: str) -> list[Group]:
    corners = markets.corners
    if corners is None:
        return []
    most = corners.most
    return [
        Group("Corners", ("Line", "Over", "Under"), _totals(corners.over_under)),
        Group(
            "Most corners",
            ("Club", "Chance"),
            _pairs((home, most.home), ("As many", most.draw), (away, most.away)),
        ),
    ]
