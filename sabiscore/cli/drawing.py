"""What commands draw for a person: a prediction, fixtures, a table. Without a terminal it is plain text."""

from collections.abc import Callable, Sequence
from itertools import groupby

from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sabiscore.api.listing import FixtureItem
from sabiscore.api.web.look import DASH, Said
from sabiscore.api.web.markets import groups
from sabiscore.domain import (
    Explanation,
    FixtureInfo,
    InPlayPrediction,
    OutcomeValue,
    Prediction,
    Scoreline,
    Value,
)
from sabiscore.languages.wording import wording
from sabiscore.season.schemas import LeagueTable, PlaceChances, TableRow

ENGLISH = wording("en")
SAID = Said(ENGLISH)

WIDE = 140
"""Columns from which all of a table is shown; what is no terminal has so many."""

BAR, SHORT_BAR, HALF = 50, 14, 12
"""Columns of the bar of a match, of one in a list, and of either side of a signed bar."""

LOOKS = (("█", "blue"), ("▒", "bright_black"), ("▓", "dark_orange"))
"""Home, draw, away: told apart without colours, too."""

LEAST_NAME = 17
"""Columns of a club's name in a list, where there are so long ones; longer ones are broken."""

LEAST_SCALE = 5.0
"""Points that fill a signed bar, where nothing moves more."""

LITTLE = 0.05

COLUMNS: dict[str, Callable[[TableRow], str]] = {
    "P": lambda row: str(row.played),
    "W": lambda row: str(row.won),
    "D": lambda row: str(row.drawn),
    "L": lambda row: str(row.lost),
    "goals": lambda row: f"{row.goals_for}:{row.goals_against}",
    "+/-": lambda row: f"{row.goal_difference:+d}",
    "points": lambda row: str(row.points),
    "form": lambda row: row.form,
}
LEFT_OUT = ("W", "D", "L", "goals", "form")
"""Columns of a table that a narrow terminal goes without."""

CHANCES: dict[str, Callable[[PlaceChances], float | None]] = {
    "title": lambda chances: chances.title,
    "top": lambda chances: chances.champions_league,
    "Europe": lambda chances: chances.europe,
    "up": lambda chances: chances.promotion,
    "down": lambda chances: chances.relegation,
}


def draw_prediction(said: Prediction, console: Console | None = None) -> None:
    """The answer: probabilities, reasons, what moved them, the likeliest scores and what odds are worth."""
    console = console or standard_output()
    _head(console, said.fixture)
    _outcomes(console, said)
    bet = said.recommended_bet.replace("_", " ")
    console.print(f"Confidence: {said.confidence}; recommended bet: {bet}", highlight=False)
    console.print()
    for reason in said.reasoning:
        console.print(Text(reason))
    console.print(_moved(said.explanation, said.fixture))
    _scores(console, said.scorelines)
    console.print(_markets(said))
    if said.value is not None:
        console.print(_worth(said, said.value))


def draw_in_play(said: InPlayPrediction, console: Console | None = None) -> None:
    """The answer about a match that is being played."""
    console = console or standard_output()
    _head(console, said.fixture)
    score = said.in_play.score
    console.print(f"Minute {said.in_play.minute}, {score.home}-{score.away}", highlight=False)
    _outcomes(console, said)
    console.print()
    console.print(Text(said.statement))
    _scores(console, said.scorelines)


def draw_fixtures(fixtures: Sequence[FixtureItem], console: Console | None = None) -> None:
    """Fixtures to come, a table for each day; with the odds that are listed, if they are."""
    console = console or standard_output()
    wide = console.width >= WIDE
    rows = [_fixture(one, wide=wide) for one in fixtures]
    league, home, away = (max((len(row[place]) for row in rows), default=0) for place in (1, 2, 3))
    longest = max(home, away) if wide else LEAST_NAME
    for day, listed in groupby(zip(fixtures, rows, strict=True), key=lambda each: each[0].date):
        table = _table(title=SAID.long_day(day) if day else "no date yet")
        table.add_column("UTC", no_wrap=True)
        table.add_column("league", no_wrap=True, min_width=league)
        table.add_column("home", min_width=min(home, longest))
        table.add_column("away", min_width=min(away, longest))
        for name in ("home", "draw", "away"):
            table.add_column(name, justify="right", no_wrap=True)
        if wide:
            table.add_column("", no_wrap=True)
            table.add_column("goals", no_wrap=True)
            table.add_column("confidence", no_wrap=True)
        for _, row in listed:
            table.add_row(*row)
        console.print(table)
    if any(one.prediction_with_odds for one in fixtures):
        console.print(
            "Where the list has odds, they count; pages and `prediction` leave them out.", highlight=False
        )


def draw_table(league: LeagueTable, console: Console | None = None) -> None:
    """A league's table, with what may become of each club where that is known."""
    console = console or standard_output()
    columns = {name: of for name, of in COLUMNS.items() if console.width >= WIDE or name not in LEFT_OUT}
    projected = [row.projection for row in league.rows if row.projection]
    chances = {name: of for name, of in CHANCES.items() if any(of(each) is not None for each in projected)}
    table = _table(title=f"{league.league.name} {league.season}, matches through {league.data_through}")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("club")
    for name in (*columns, *(("expected",) if projected else ()), *chances):
        table.add_column(name, justify="right", no_wrap=True)
    for row in league.rows:
        cells = [str(row.position), row.team.name]
        cells += [of(row) for of in columns.values()]
        if row.projection:
            cells.append(f"{row.projection.expected_points:.1f}")
            cells += [SAID.share(of(row.projection)) for of in chances.values()]
        table.add_row(*cells)
    console.print(table)
    if league.note:
        console.print(league.note, highlight=False)


def standard_output() -> Console:
    """Standard output; rich knows NO_COLOR."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def _table(title: str | None = None) -> Table:
    return Table(title=Text(title, "bold") if title else None, title_justify="left", box=box.SIMPLE_HEAD)


def _head(console: Console, fixture: FixtureInfo) -> None:
    console.print(Text(f"{fixture.home_team} v {fixture.away_team}", "bold"))
    console.print(Text(f"{fixture.league_name}, {SAID.moment(fixture.kickoff_time)}", "dim"))
    console.print()


def _outcomes(console: Console, said: Prediction | InPlayPrediction) -> None:
    """The bar of three probabilities, what they are, and the goals to expect."""
    chances = (said.home_win_prob, said.draw_prob, said.away_win_prob)
    console.print(_bar(chances, min(BAR, console.width)))
    names = (said.fixture.home_team, "draw", said.fixture.away_team)
    parts = [
        Text.assemble((mark, colour), f" {name} {ENGLISH.share(chance)}")
        for (mark, colour), name, chance in zip(LOOKS, names, chances, strict=True)
    ]
    console.print(Text("   ").join(parts))
    expected = said.expected_goals
    console.print(
        f"Expected goals: {SAID.goals(expected.home)} to {SAID.goals(expected.away)}", highlight=False
    )


def _bar(chances: Sequence[float], width: int) -> Text:
    """Three parts as wide as their chances, ``width`` columns together."""
    home, draw, _ = chances
    ends = (0, round(width * home), round(width * (home + draw)), width)
    return Text.assemble(
        *(
            (mark * (end - begin), colour)
            for (mark, colour), begin, end in zip(LOOKS, ends, ends[1:], strict=False)
        )
    )


def _moved(explanation: Explanation, fixture: FixtureInfo) -> Table:
    """What moved the probabilities, in points: from two average clubs to these, the bars for the home win."""
    table = _table()
    table.add_column("points")
    table.add_column(f"{fixture.home_team} to win", justify="center", no_wrap=True)
    for name in ("home", "draw", "away"):
        table.add_column(name, justify="right")
    base = explanation.base
    table.add_row("Two average clubs", "", *(f"{number:.1f}" for number in (base.home, base.draw, base.away)))
    scale = max([LEAST_SCALE, *(abs(each.home) for each in explanation.contributions)])
    for each in explanation.contributions:
        moved = (each.home, each.draw, each.away)
        if max(map(abs, moved)) >= LITTLE:
            table.add_row(
                SAID.group(each.group), _signed_bar(each.home / scale), *(_signed(number) for number in moved)
            )
    return table


def _signed(points: float) -> str:
    return f"{points:+.1f}" if abs(points) >= LITTLE else "0.0"


def _signed_bar(part: float) -> Text:
    """To the right of the middle for more, to the left for less; ``part`` is -1 to 1."""
    length = round(abs(part) * HALF)
    mark, colour = LOOKS[0] if part > 0 else LOOKS[2]
    left, right = (0, length) if part > 0 else (length, 0)
    return Text.assemble(
        " " * (HALF - left), (mark * left, colour), "│", (mark * right, colour), " " * (HALF - right)
    )


def _scores(console: Console, scorelines: Sequence[Scoreline]) -> None:
    listed = ", ".join(f"{each.home}-{each.away} {ENGLISH.share(each.prob)}" for each in scorelines)
    console.print(f"Likeliest scores: {listed}", highlight=False)


def _markets(said: Prediction) -> Columns:
    """All other bets, a table each, as many side by side as there is room for."""
    fixture = said.fixture
    drawn = []
    for group in groups(said.markets, fixture.home_team, fixture.away_team, ENGLISH):
        table = _table(title=group.name)
        for number, head in enumerate(group.heads):
            table.add_column(head, justify="right" if number else "left")
        for row in group.rows:
            table.add_row(*row)
        drawn.append(table)
    return Columns(drawn)


def _worth(said: Prediction, value: Value) -> Table:
    """What the odds given are worth."""
    table = _table(title=f"The odds given, with a margin of {ENGLISH.share(value.margin)}")
    table.add_column("")
    for name in ("market", "ours", "fair odds", "least odds", "edge", "per unit", "stake"):
        table.add_column(name, justify="right", no_wrap=True)
    chances = (said.home_win_prob, said.draw_prob, said.away_win_prob)
    for each, chance in zip(value.outcomes, chances, strict=True):
        table.add_row(each.outcome, *_worth_of(each, chance))
    return table


def _worth_of(each: OutcomeValue, chance: float) -> list[str]:
    odds = [DASH if number is None else f"{number:.2f}" for number in (each.fair_odds, each.minimum_odds)]
    return [
        ENGLISH.share(each.market_prob),
        ENGLISH.share(chance),
        *odds,
        _signed(100.0 * each.edge),
        f"{each.expected_value:+.1%}",
        ENGLISH.share(each.kelly_stake) if each.kelly_stake else DASH,
    ]


def _fixture(one: FixtureItem, *, wide: bool) -> list[Text | str]:
    when = f"{one.kickoff_time:%H:%M}" if one.kickoff_time else ""
    cells: list[Text | str] = [
        when,
        one.league.name if wide else one.league.code,
        one.home.name,
        one.away.name,
    ]
    said = one.prediction_with_odds or one.prediction
    if said is None:
        return cells
    chances = (said.home_win_prob, said.draw_prob, said.away_win_prob)
    cells += [ENGLISH.share(chance) for chance in chances]
    if wide:
        expected = said.expected_goals
        cells += [
            _bar(chances, SHORT_BAR),
            f"{SAID.goals(expected.home)} to {SAID.goals(expected.away)}",
            said.confidence,
        ]
    return cells
