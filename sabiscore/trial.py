"""A bundle loaded for the first time in a process of its own: what crashes it, crashes nothing else."""

import subprocess
import sys
from pathlib import Path

from sabiscore.errors import BundleError
from sabiscore.models import bundle as bundles
from sabiscore.models.bundle import Bundle

TRY = (
    "import sys; from pathlib import Path; from sabiscore.forecaster import Forecaster; "
    "print(Forecaster.load(Path(sys.argv[1])).card['digest'])"
)


def try_bundle(directory: Path, *, seconds: float = 60) -> str:
    """Load the bundle in a child process; its digest.

    Raises:
        BundleError: it crashed the child, took too long, or must not be served.
    """
    command = [sys.executable, "-c", TRY, str(directory)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise BundleError(directory, f"took longer than {seconds:g} s to load") from error
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or [f"ended with {ended.returncode}"]
        raise BundleError(directory, f"could not be loaded: {last[0]}")
    return ended.stdout.strip()


def read_tried(directory: Path) -> Bundle:
    """Read a bundle from elsewhere, and have these very bytes tried before this process makes anything of them.

    Raises:
        BundleError: it must not be loaded.
    """
    bundle = bundles.read(directory)
    if try_bundle(directory) != bundle.digest:
        raise BundleError(directory, "was changed while it was tried")
    return bundle
