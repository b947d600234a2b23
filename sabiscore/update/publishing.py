"""A published bundle for other machines: packed, and put where they look."""

from pathlib import Path

from sabiscore.data import disk
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.settings import is_address
from sabiscore.update.addresses import address
from sabiscore.update.place import Place

NAME = "bundle.tar"
"""The file in a directory."""

_DONE = "sent"
"""In the data directory: where which bundle was put last."""


def send(place: Place, target: str, private_key: Path | None = None) -> bool:
    """Put the current bundle at an address or in a directory, signed where there is a key; whether that was needed.

    What was put there before is not put there again.

    Raises:
        BundleError: there is no current bundle.
        DataError: it cannot be put there.
        SettingsError: there is no such address, or no such key.
    """
    current = place.shelf.current
    if current is None:
        raise BundleError(place.shelf.directory, "has no bundle yet to publish")
    if private_key:
        bundles.sign(current, private_key)
    content = bundles.pack(current)
    if not is_address(target):
        path = Path(target) / NAME
        if disk.read(path) == content:
            return False
        disk.write(path, content)
        return True
    done = disk.digest(target.encode() + content).encode()
    if disk.read(place.directory / _DONE) == done:
        return False
    address(target).put(content)
    disk.write(place.directory / _DONE, done)
    return True
