"""What an update does with the ledger: settle, say how good we were, and seal what the new bundle says."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import ListedFixture
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.files import RECORD, SEALED, dump_record, dump_sealed
from sabiscore.ledger.ledger import Ledger
from sabiscore.ledger.predictions import predictions
from sabiscore.ledger.record import record
from sabiscore.ledger.results import results
from sabiscore.ledger.shift import shifts, trained_on


def settle(ledger: Ledger, frame: pl.DataFrame, catalogue: Catalogue, now: datetime) -> int:
    """Settle what was sealed and has been played by a canonical frame; returns how many lines that took.

    Raises:
        LedgerError: the past was changed.
        DataError: it cannot be written.
    """
    return ledger.settle(results(frame, ledger.fixtures(), catalogue, now))


def files(
    ledger: Ledger, forecaster: Forecaster, frame: pl.DataFrame, coming: Sequence[ListedFixture] = ()
) -> dict[str, bytes]:
    """`record.json` and `sealed.json` for the bundle that ``forecaster`` is made of, which knows all of ``frame``.

    What it sees of matches and of those that are ``coming`` is compared with what it was trained on.

    Raises:
        LedgerError: the past was changed.
    """
    contents = ledger.read()
    drift = shifts(forecaster.rows, frame, trained_on(forecaster.manifest), coming)
    return {RECORD: dump_record(record(contents, drift)), SEALED: dump_sealed(contents.fixtures)}


def seal(
    ledger: Ledger,
    forecaster: Forecaster,
    coming: Sequence[ListedFixture],
    catalogue: Catalogue,
    now: datetime,
) -> int:
    """Seal what a published bundle says of the fixtures that have not begun; returns how many lines that took.

    Nothing, where it says what was sealed last: done again, it makes good what an interrupted update still owes.

    Raises:
        LedgerError: the past was changed.
        DataError: it cannot be written.
    """
    return ledger.seal(predictions(forecaster, coming, catalogue, now))
