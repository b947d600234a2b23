"""Bundles: made of new matches, listed, chosen and looked at."""

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sabiscore.cli.options import BUNDLE, DATA, DIRECTORY, FILE, forecaster_of, place_of, place_there, pulled

if TYPE_CHECKING:
    from sabiscore.update.place import Place
    from sabiscore.update.published import Shelf


@click.command("update")
@DATA
@click.option("--base-url", show_default="SABISCORE_MATCHES_URL", help="Where season files are.")
@click.option("--no-pull", is_flag=True, help="Take the match files that are there.")
@click.option(
    "--publish",
    metavar="DIR|URL",
    help="Also pack the bundle and put it there for other machines: as bundle.tar in a directory, "
    "at an https:// address (PUT), or at s3://BUCKET/KEY.",
)
@click.option("--sign-key", type=FILE, help="Sign the bundle with this private key (Ed25519, PEM).")
def update_command(
    data: Path | None, base_url: str | None, publish: str | None, sign_key: Path | None, *, no_pull: bool
) -> None:
    """Pull new matches and publish a bundle that knows them, with the same heads; made for cron.

    What is served changes when all went well, in one step; where nothing is new, nothing is written. A file that is
    refused is named, the one before it stays in use, and the exit status is 1; so is a line of the list of fixtures,
    without which the others count. Other sources count where they are in DATA/sources, as xg.csv, closing.csv and
    other_matches.csv.

    Example: sabiscore update --data football
    """
    gc.disable()  # a process that ends soon, and makes next to no garbage that has to be looked for
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # it solves nothing large: threads only wait for each other

    from sabiscore import settings
    from sabiscore.models import lean

    lean.import_catboost()
    from sabiscore.update.update import update

    if sign_key and not publish:
        raise click.UsageError(
            "--sign-key is for what --publish packs; `sabiscore bundle sign` signs a directory"
        )
    chosen = settings.load()
    heads = _heads(chosen.bundle)
    place = place_of(data, chosen)
    with place.alone():
        refused = False if no_pull else _pulled(place, base_url or chosen.matches_url)
        updated = update(place, heads)
        news = "is new" if updated.is_new else "stays: there is nothing new"
        for line in updated.refused:
            click.echo(f"left out {line}", err=True)
        click.echo(f"bundle {updated.version}, with matches through {updated.data_through}, {news}")
        if publish:
            _publish(place, publish, sign_key)
    if refused or updated.refused:
        raise SystemExit(1)


def _heads(bundle: str) -> Path:
    """The bundle whose heads new ones get."""
    from sabiscore import settings
    from sabiscore.models.bundles import SHIPPED

    if settings.is_address(bundle):
        raise click.UsageError(
            "SABISCORE_BUNDLE is an address; update takes the heads of a bundle on this machine"
        )
    return Path(bundle or SHIPPED)


def _publish(place: "Place", target: str, sign_key: Path | None) -> None:
    """Put the current bundle there, unless it is."""
    from sabiscore.update.publishing import send

    if send(place, target, sign_key):
        click.echo(f"published to {target}")


def _pulled(place: "Place", base_url: str) -> bool:
    """Pull what may have changed; tells whether a file was refused."""
    from sabiscore.update.update import first_season

    return bool(pulled(place.matches, (), first_season(place), base_url).refused)


class _Bundles(click.Group):
    """Its commands, and a directory by itself, which is one to show."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        completes = ctx.resilient_parsing and not args
        if not completes and not (args and (args[0] in self.commands or args[0].startswith("-"))):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("bundle", cls=_Bundles)
def bundle_group() -> None:
    """Look at a bundle (`bundle DIRECTORY` is `bundle show DIRECTORY`), and at those that `update` published.

    Example: sabiscore bundle show
    """


@bundle_group.command("show")
@click.argument("directory", type=BUNDLE, required=False, metavar="[PATH]")
def show_command(directory: Path | None) -> None:
    """Verify a bundle (a directory or packed, by default the one that ships) and print its card.

    One from elsewhere, here or as `--bundle`, is tried first in a process of its own: it must answer fixtures of every
    club, and its golden fixtures as it did when it was made. One that crashes that process, keeps it for a minute or
    takes too much memory is refused, as is one with anything but regular files, more than 64 MiB, or a number that
    cannot be right.

    Example: sabiscore bundle show
    """
    card = forecaster_of(directory).card
    click.echo(msgspec.json.format(msgspec.json.encode(card), indent=2))


@bundle_group.command("sign")
@click.argument("directory", type=DIRECTORY)
@click.option("--key", type=FILE, required=True, help="A private key, Ed25519 in PEM.")
def sign_command(directory: Path, key: Path) -> None:
    """Sign a bundle, for machines whose SABISCORE_BUNDLE_KEY has the public key.

    `openssl genpkey -algorithm ed25519 -out private.pem` makes a key, `openssl pkey -in private.pem -pubout -out
    public.pem` what belongs to it. `update --publish` signs with --sign-key what it packs.

    Example: sabiscore bundle sign candidate --key private.pem
    """
    from sabiscore.models import bundles

    click.echo(f"signed {bundles.sign(directory, key)}")


@bundle_group.command("list")
@DATA
def list_command(data: Path | None) -> None:
    """List the bundles that `update` published, the newest first; the current one has a star.

    Example: sabiscore bundle list
    """
    published = place_there(data).shelf.published()
    if not published:
        click.echo(
            "none is published: `serve` has the shipped one, `sabiscore update` makes another", err=True
        )
    for one in published:
        star = "*" if one.is_current else " "
        click.echo(
            f"{star} {one.version}  matches through {one.data_through}  published {one.when:%Y-%m-%d %H:%M:%SZ}"
        )


@bundle_group.command("activate")
@click.argument("version")
@DATA
def activate_command(version: str, data: Path | None) -> None:
    """Make a bundle that `bundle list` shows the current one.

    Example: sabiscore bundle activate 3f9c1d2ab047
    """
    place = place_there(data)
    with place.alone():
        place.shelf.activate(version)
    _say_current(place.shelf)


@bundle_group.command("rollback")
@DATA
def rollback_command(data: Path | None) -> None:
    """Make the bundle that was published before the current one the current one, until an update has something new.

    Example: sabiscore bundle rollback
    """
    place = place_there(data)
    with place.alone():
        place.shelf.roll_back(lambda error: click.echo(f"passed over: {error}", err=True))
    _say_current(place.shelf)


def _say_current(shelf: "Shelf") -> None:
    click.echo(f"bundle {shelf.version} is current")
