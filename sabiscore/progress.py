"""How long work tells how far it is, and the bars that show it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeAlias

from rich import progress
from rich.console import Console

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told the stage, the steps of it done, and how many there are in all."""


@contextmanager
def bars() -> Iterator[Progress]:
    """A bar on standard error for each stage; nothing where that is no terminal, as in a log or in cron's mail."""
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("left"),
        progress.TimeRemainingColumn(),
    )
    tasks: dict[str, progress.TaskID] = {}
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, disable=not console.is_terminal) as shown:

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield tell


def counted(tell: Progress, stage: str) -> Callable[[int], None]:
    """Counts for work that does not: called after each step of ``stage`` with how many there are in all."""
    steps = count(1)
    return lambda total: tell(stage, next(steps), total)
