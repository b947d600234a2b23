"""Evaluations as tables for a terminal."""

from rich.console import Console
from rich.table import Table

from sabiscore.evaluation.evaluate import Comparison, Evaluation
from sabiscore.models.scores import ECE_BINS, Scores

NOTE = f"Brier is the sum form (0 to 2); ECE has {ECE_BINS} bins, averaged over outcomes; lower is better."


def print_evaluation(evaluation: Evaluation, console: Console | None = None) -> None:
    """Print a table per league and one for all of them, each with every rival."""
    console = console or Console()
    table = Table(
        title=f"bundle {evaluation.version}, trained through {evaluation.data_through}", caption=NOTE
    )
    table.add_column("league", no_wrap=True)
    table.add_column("forecast", no_wrap=True)
    for name in Scores.__struct_fields__:
        table.add_column(name.replace("_", " "), justify="right")
    for league, comparison in {**evaluation.leagues, "all": evaluation.pooled}.items():
        _add(table, league, comparison)
    console.print(table)
    if evaluation.seen_in_training:
        seen = f"{evaluation.seen_in_training} of {evaluation.pooled.model.n} matches"
        console.print(
            f"{seen} are no news to this bundle: its scores on them flatter it. "
            "Train with --until, then evaluate with --from the same day."
        )


def _add(table: Table, league: str, comparison: Comparison) -> None:
    for name in Comparison.__struct_fields__:
        scores: Scores | None = getattr(comparison, name)
        if scores is not None:
            table.add_row(league, name.replace("_", " "), *_figures(scores))
            league = ""
    table.add_section()


def _figures(scores: Scores) -> list[str]:
    values = [getattr(scores, name) for name in Scores.__struct_fields__]
    return [f"{value:.4f}" if isinstance(value, float) else str(value) for value in values]
