"""The record: shown, verified, checked for drift."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sabiscore.cli.options import DATA, place_there

if TYPE_CHECKING:
    from sabiscore.ledger.schemas import Record
    from sabiscore.update.place import Place
    from sabiscore.update.published import Published


@click.group("record")
def record_group() -> None:
    """How good predictions were that were sealed before kick-off: look at it, and whether it is true.

    Example: sabiscore record show
    """


@record_group.command("show")
@DATA
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def show_command(data: Path | None, *, as_json: bool) -> None:
    """Show how good we were, beside the market and base rates on the same matches, and alarms that have fired.

    Example: sabiscore record show
    """
    from sabiscore.cli.drawing import standard_output
    from sabiscore.ledger.files import dump_record
    from sabiscore.ledger.table import print_record

    record = _record(place_there(data))
    if as_json:
        click.echo(dump_record(record), nl=False)
    else:
        print_record(record, standard_output())


@record_group.command("verify")
@DATA
def verify_command(data: Path | None) -> None:
    """Verify that what was sealed and settled was never changed.

    Each line of DATA/ledger/ledger.jsonl has the sha256 of the line before it, and every published bundle that of the
    last line when it was made. The first line that is not as it was is named, and the exit status is 1.

    Example: sabiscore record verify
    """
    place = place_there(data)
    found = place.ledger.verify(record.ledger for record in _published(place))
    click.echo(f"{found.head.lines:,} lines, none changed; the last has sha256 {found.head.sha256}")
    if found.torn:
        click.echo(
            f"{found.torn} bytes behind them are of an update that was interrupted; the next cuts them off"
        )


@record_group.command("check")
@DATA
def check_command(data: Path | None) -> None:
    """Check whether an alarm has fired; then the exit status is 1.

    Alarms are tests that may be looked at after every match of a season, for each league and for all together: whether
    outcomes come as often as we say, and whether we are no farther behind the market than we promise. Each fires for
    nothing in one of 1,000 seasons at most. Another fires when what the model sees has little to do with what it was
    trained on.

    Example: sabiscore record check
    """
    from sabiscore.ledger.table import fired

    record = _record(place_there(data))
    alarms = [fired(alarm) for alarm in record.alarms if alarm.fired]
    if record.drift is not None and record.drift.fired:
        worst = record.drift.shifts[0]
        alarms.append(
            f"ALARM: {worst.feature} is not what the model was trained on (stability index {worst.psi:.2f}, "
            f"above {record.drift.limit:g})"
        )
    for alarm in alarms:
        click.echo(alarm)
    if alarms:
        raise SystemExit(1)
    click.echo(f"no alarm has fired, on {record.settled:,} matches")


def _record(place: "Place") -> "Record":
    """What the ledger says now, with the drift of features that the current bundle knows of."""
    from sabiscore.ledger.record import record

    current = next((each for each in _published(place, current=True)), None)
    return record(place.ledger.read(), current.drift if current else None)


def _published(place: "Place", *, current: bool = False) -> "list[Record]":
    """The records of the bundles that are there, or of the current one alone."""
    from sabiscore.ledger.files import RECORD, load_record

    chosen = [one for one in place.shelf.published() if one.is_current or not current]
    files = [_files(place, one) for one in chosen]
    return [load_record(each[RECORD]) for each in files if RECORD in each]


def _files(place: "Place", one: "Published") -> dict[str, bytes]:
    """The files of a bundle; none where it is broken, which is told, unless it is the current one."""
    from sabiscore.errors import BundleError
    from sabiscore.models import bundles

    try:
        return bundles.read(place.shelf.directory / one.version).files
    except BundleError as error:
        if one.is_current:
            raise
        click.echo(f"passed over: {error}", err=True)
        return {}
