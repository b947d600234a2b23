"""The tables of attacks, and the page that has them."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.abuse.measure import Row
from benchmarks.command import machine
from sabiscore.clock import CLOCK

ATTACKS = Path(__file__).parents[1] / "ATTACKS.md"

COLUMNS = (
    "attack",
    "workers",
    "MB before",
    "peak",
    "after",
    "probes",
    "failed",
    "outage s",
    "p99 ms",
    "cores",
    "what came of it",
)

PAGE = """# Attacks

What each attack of `benchmarks.abuse` did to a service of its own, and what another client noticed meanwhile: memory
of the largest worker, the longest time without a good answer, the 99th percentile of answers, and how many cores were
busy. Who attacks and the service share these. {looks}
{scale:.0%} of each attack, {day}, {machine}. Written by `uv run python -m benchmarks.abuse --write`.

## Without a proxy

*asked and reset, no front* is the application without its front (`SABISCORE_FRONT=false`), whose refusals go
through the whole framework: such a flood makes others wait, and nothing is promised there.

{alone}

## Through HAProxy

With [haproxy.cfg](../deploy/haproxy.cfg). Attacks on processes of services that stand behind no proxy are left out.

{proxied}
"""


LOOKS = {
    True: "Who looks has one whenever it wants one (SCHED_RR), as a client on another machine does.",
    False: "So does who looks, which may not go first (SCHED_RR): where all are busy, the percentile is also that of "
    "its own waiting for a core.",
}


def cells(row: Row) -> list[str]:
    """A line of the table; a figure out of its bounds is named."""
    memory = [f"{mb:.0f}" for mb in (row.before, row.peak, row.after)]
    noticed = [f"{row.probes:,}", f"{row.failed:,}", f"{row.outage:.2f}", f"{row.p99:.0f}", f"{row.busy:.2f}"]
    outside = [f"**{each}**" for each in row.shortfalls if each != row.came_of_it]
    return [row.attack, f"{row.workers}", *memory, *noticed, "; ".join([row.came_of_it, *outside])]


def page(alone: Sequence[Row], proxied: Sequence[Row], scale: float) -> str:
    """ATTACKS.md."""
    told = machine()
    return PAGE.format(
        scale=scale,
        looks=looks([*alone, *proxied]),
        day=CLOCK.now().date(),
        machine=f"{told['cores']} cores of {told['processor']}, Python {told['Python']}",
        alone=_markdown(alone),
        proxied=_markdown(proxied),
    )


def looks(rows: Sequence[Row]) -> str:
    """How who looks came to a core."""
    return LOOKS[all(row.first for row in rows)]


def _markdown(rows: Sequence[Row]) -> str:
    lines = [COLUMNS, ["---", *["--:"] * 9, "---"], *map(cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
