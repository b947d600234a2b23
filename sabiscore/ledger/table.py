"""The record as text, for a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table

from sabiscore.ledger.schemas import Alarm, Compared, Figure, Forecast, Part, Record

NAMES: dict[Forecast, str] = {
    "ours": "ours",
    "ours_with_odds": "ours with odds",
    "market": "market",
    "closing": "market closing",
    "base_rates": "base rates",
}
MEASURES = {"rps": "RPS", "log_loss": "log loss", "brier": "Brier", "accuracy": "accuracy"}
CAPTION = (
    "Lower is better but for accuracy; of matches that had odds when they were sealed, where there are any. "
    "Behind is RPS of ours less that forecast's, with a 95% interval."
)


def print_record(record: Record, console: Console | None = None) -> None:
    """Print what the record says: of everything, of each league, and its alarms."""
    console = console or Console()
    console.print(record.statement, highlight=False)
    console.print(f"{record.sealed:,} fixtures sealed, {record.settled:,} settled.", highlight=False)
    if record.overall is not None:
        console.print(_table({**record.leagues, "all": record.overall}))
    for alarm in record.alarms:
        if alarm.fired:
            console.print(fired(alarm), highlight=False)


def fired(alarm: Alarm) -> str:
    """What an alarm that has fired says."""
    where = "all leagues together" if alarm.league == "all" else alarm.league
    what = {
        "calibration": "outcomes do not come as often as we say",
        "market": "we are farther behind the market than promised",
    }[alarm.question]
    return f"ALARM since {alarm.since}, {where}: {what} (evidence {alarm.highest:,.0f} to 1, after {alarm.n} matches)"


def _table(parts: dict[str, Part]) -> Table:
    table = Table(caption=CAPTION, caption_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("league", no_wrap=True)
    table.add_column("forecast", no_wrap=True)
    for name in (*MEASURES.values(), "ECE", "behind", "n"):
        table.add_column(name, justify="right")
    for league, part in parts.items():
        _add(table, league, part.closed or part.priced or part.matches)
    return table


def _add(table: Table, league: str, compared: Compared) -> None:
    for name, measured in compared.forecasts.items():
        figures = [f"{getattr(measured, measure).value:.4f}" for measure in MEASURES]
        behind = compared.behind.get(name)
        table.add_row(
            league,
            NAMES[name],
            *figures,
            f"{measured.ece:.4f}",
            "" if behind is None else _gap(behind),
            str(compared.n),
        )
        league = ""
    table.add_section()


def _gap(behind: Figure) -> str:
    if behind.low is None:
        return f"{behind.value:+.4f}"
    return f"{behind.value:+.4f} ({behind.low:+.4f} to {behind.high:+.4f})"
