"""A table of text, and how it shows numbers."""

from msgspec import Struct

from sabiscore.scoring.bootstrap import Interval

GAP, EXPECTED_GAP, KL = "gap to market", "expected gap", "KL"

CLOSING_NOTE = (
    f"{EXPECTED_GAP.capitalize()} is RPS less the market's as it would be on average, were the closing line "
    f"(Shin) the truth; {KL} is Kullback and Leibler's divergence from that line, x 1000."
)


class Sheet(Struct, frozen=True):
    """A table of text: the first column is names, the others are numbers."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""


def markdown(sheet: Sheet) -> str:
    """The table as GitHub writes it, with its title above and its note below."""
    rules = [":--", *["--:"] * (len(sheet.columns) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in (sheet.columns, rules, *sheet.rows)]
    noted = [*lines, "", sheet.note] if sheet.note else lines
    return "\n".join([f"**{sheet.title}**", "", *noted]) + "\n"


def gap(value: float, digits: int = 5) -> str:
    """A difference with its sign: -0.00150."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"  # never -0


def interval(found: Interval | None, digits: int = 5) -> str:
    """A difference and its interval: -0.00150 (-0.00230 to -0.00080); nothing for None."""
    return "" if found is None else f"{gap(found.value, digits)} {between(found, digits)}"


def between(found: Interval, digits: int = 5) -> str:
    """An interval alone: (-0.00230 to -0.00080)."""
    return f"({gap(found.low, digits)} to {gap(found.high, digits)})"


def percent(share: float) -> str:
    """12.3 % for 0.123."""
    return f"{100 * share:.1f} %"


def kl(divergence: float | None) -> str:
    """A divergence; nothing for None."""
    return "" if divergence is None else f"{divergence:.2f}"
