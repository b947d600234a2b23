"""A bundle: an immutable directory that holds a trained model and all it needs, and proves it is whole.

    manifest.json     what this is: see `Manifest`
    manifest.sha256   the bundle's digest, which is the model's version: sha256 of manifest.json
    *.cbm, *.npz      the files the manifest names, each with size and sha256

No pickle. Everything is checked before a native parser sees it.
"""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sabiscore.domain import OUTCOMES
from sabiscore.errors import BundleError

SHIPPED = Path(__file__).parents[1] / "bundle"
"""The bundle inside the package, and the default."""

FORMAT = 1
MANIFEST = "manifest.json"
DIGEST = "manifest.sha256"
LARGEST_FILE = 64 * 1024 * 1024
SHORT = 12
"""Characters of a digest that are enough to tell versions apart."""

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class FileSeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Size in bytes and sha256 (hex) of one file."""

    size: int
    sha256: str


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows ``[k][features]``, and what the model must give for them: probabilities ``[k][3]``, goals ``[k][2]``."""

    rows: list[list[float]]
    probabilities: list[list[float]]
    goals: list[list[float]]


class LastSeason(Struct, frozen=True, forbid_unknown_fields=True):
    """How the last season of a league in the data ended, if all its matches are there.

    ``relegated`` are the clubs in the relegation places, by their place among ``clubs``; the first ``play_off`` of
    those places have a play-off.
    """

    season: int
    clubs: int
    play_off: int
    relegated: dict[str, int]


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bundle says of itself. Nothing in it depends on when or where it was made."""

    format: int
    sabiscore: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    features_fingerprint: str
    parameters: dict[str, Any]
    """Those of the features: ratings and averages."""
    heads: dict[str, Any]
    """The linear parts of the model's heads."""
    training: dict[str, Any]
    """Window, seed, seasons of validation, parameters of the fit."""
    data_from: date
    data_through: date
    calibration: dict[str, Any]
    """What confidence, intervals, outcome sets and odds were worth on seasons they were not chosen on."""
    scores: dict[str, Any]
    """Measured on the validation seasons, walk-forward."""
    golden: Golden
    libraries: dict[str, str]
    files: dict[str, FileSeal]
    last_season: dict[str, LastSeason] = {}
    """By league code."""


class Bundle(Struct, frozen=True):
    """A verified bundle in memory."""

    manifest: Manifest
    digest: str
    files: dict[str, bytes]

    @property
    def version(self) -> str:
        """The short digest that answers and cache keys carry."""
        return self.digest[:SHORT]


def card(bundle: Bundle) -> dict[str, Any]:
    """What a bundle says of itself to a reader: version, digest, and the manifest without golden rows."""
    manifest: dict[str, Any] = msgspec.to_builtins(bundle.manifest)
    del manifest["golden"]
    return {"version": bundle.version, "digest": bundle.digest, **manifest}


def seal(content: bytes) -> FileSeal:
    """The seal of a file's content."""
    return FileSeal(len(content), hashlib.sha256(content).hexdigest())


def write(directory: Path, manifest: Manifest, files: Mapping[str, bytes]) -> str:
    """Publish a bundle at ``directory``, whole or not at all, and return its digest.

    An older bundle there is replaced; anything else there is left alone.

    Raises:
        BundleError: ``directory`` exists and is not a bundle.
    """
    check_place(directory)
    seals = {name: seal(files[name]) for name in sorted(files)}
    content = _encode(msgspec.structs.replace(manifest, files=seals))
    digest = hashlib.sha256(content).hexdigest()
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}.") as workshop:
        fresh, old = Path(workshop) / "fresh", Path(workshop) / "old"
        fresh.mkdir()
        for name, part in {**files, MANIFEST: content, DIGEST: f"{digest}\n".encode()}.items():
            (fresh / name).write_bytes(part)
        _swap(fresh, directory, old)
    return digest


def check_place(directory: Path) -> None:
    """Whether a bundle may be published at ``directory``: worth knowing before training one.

    Raises:
        BundleError: ``directory`` exists and is not a bundle.
    """
    if directory.exists() and not (directory / MANIFEST).is_file():
        raise BundleError(directory, "exists and is not a bundle; choose another --out")


def _swap(fresh: Path, directory: Path, old: Path) -> None:
    if directory.exists():
        directory.rename(old)
    try:
        fresh.rename(directory)
    except OSError:
        if old.exists():
            old.rename(directory)
        raise


def _encode(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"


def read(directory: Path) -> Bundle:
    """Read and verify a bundle.

    Raises:
        BundleError: something is missing, truncated, tampered with, or of a version this code cannot read.
    """
    content = _read_bounded(directory / MANIFEST)
    digest = hashlib.sha256(content).hexdigest()
    if _read_bounded(directory / DIGEST).strip() != digest.encode():
        raise BundleError(
            directory / MANIFEST, f"does not match its digest in {DIGEST}: it was changed or cut"
        )
    manifest = _decode(directory / MANIFEST, content)
    return Bundle(
        manifest, digest, {name: _read_sealed(directory / name, s) for name, s in manifest.files.items()}
    )


def _decode(path: Path, content: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(content, type=dict[str, Any]).get("format")
        if found != FORMAT:
            raise BundleError(path, f"has format {found!r}; this version of sabiscore reads format {FORMAT}")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BundleError(path, f"cannot be read: {error}") from error
    if manifest.classes != OUTCOMES:
        raise BundleError(path, f"has classes {manifest.classes}, not {OUTCOMES}")
    for name in manifest.files:
        if not _PLAIN_NAME.fullmatch(name):
            raise BundleError(path, f"names a file outside the bundle: {name!r}")
    return manifest


def _read_bounded(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BundleError(path, f"is larger than {LARGEST_FILE} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(path, f"cannot be read: {error.strerror}") from error


def _read_sealed(path: Path, expected: FileSeal) -> bytes:
    content = _read_bounded(path)
    found = seal(content)
    if found.size != expected.size:
        raise BundleError(path, f"has {found.size} bytes, the manifest says {expected.size}")
    if found != expected:
        raise BundleError(path, "its sha256 is not the one in the manifest: it was changed")
    return content
