"""Ratings over time and the row of a fixture: one chronological pass over matches.

`build_history` turns played matches into a `History`; a `RowMaker` answers with the row of any fixture,
past or future, from what was known before its day. Training and serving use the same two.
"""

from sabiscore.features.build import build_history
from sabiscore.features.history import History
from sabiscore.features.parameters import Parameters
from sabiscore.features.rows import RowMaker, Rows

__all__ = ["History", "Parameters", "RowMaker", "Rows", "build_history"]
