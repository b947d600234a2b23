"""A match's card as PNG, for the networks that show no SVG: by resvg, which is an extra (``cards``).

Its fonts are DejaVu's Latin letters: machines that serve have none.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
FAMILY = "DejaVu Sans"


@cache
def is_there() -> bool:
    """Whether cards can be drawn."""
    return find_spec("resvg_py") is not None


def png(svg: str) -> bytes:
    """An SVG as it looks: some 40 ms of CPU."""
    import resvg_py  # noqa: PLC0415 - an extra

    fonts = [str(path) for path in sorted(FONTS.glob("*.ttf"))]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=fonts,
            sans_serif_family=FAMILY,
            font_family=FAMILY,
        )
    )
