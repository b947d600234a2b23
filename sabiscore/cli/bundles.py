"""Bundles: what one says of itself."""

from pathlib import Path

import click
import msgspec

from sabiscore.cli.options import DIRECTORY, forecaster_of


@click.command("bundle")
@click.argument("directory", type=DIRECTORY, required=False)
def bundle_command(directory: Path | None) -> None:
    """Verify a bundle (by default the one that ships) and print its card.

    One from elsewhere, here or as `--bundle`, is tried first in a process of its own: it must answer fixtures of every
    club, and its golden fixtures as it did when it was made. One that crashes that process, keeps it for a minute or
    takes too much memory is refused, as is one with anything but regular files, more than 64 MiB, or a number that
    cannot be right.
    """
    card = forecaster_of(directory).card
    click.echo(msgspec.json.format(msgspec.json.encode(card), indent=2))
