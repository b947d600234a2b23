"""A bundle: an immutable directory that holds a trained model and all it needs, and proves it is whole.

    manifest.json     what this is: see `Manifest`
    manifest.sha256   the bundle's digest, which is the model's version: sha256 of manifest.json
    manifest.sig      where somebody signed that, the Ed25519 signature in hexadecimal
    *.cbm, *.npz      the files the manifest names, each with size and sha256

It may be packed in one file (`sabiscore.models.packed`), which has these in this order.

No pickle. Size, kind and digest of each file are checked before anything is made of its content, and whatever
goes wrong with that is a `BundleError`. A content may still be crafted to crash a native parser: a bundle from
elsewhere is tried first in a process of its own (`sabiscore.trial`).
"""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from sabiscore.domain import OUTCOMES, Odds
from sabiscore.errors import BundleError
from sabiscore.models import packed, signature
from sabiscore.models.signature import PublicKey

SHIPPED = Path(__file__).parents[1] / "bundle"
"""The bundle inside the package, and the default."""

FORMAT = 3
MANIFEST = "manifest.json"
DIGEST = "manifest.sha256"
SIGNATURE = "manifest.sig"
TREES = ".cbm"
MOST_FILES = 64
MOST_BYTES = 64 * 2**20
"""Of all files together."""

LARGEST_MANIFEST = 2**20
LARGEST_DIGEST = 256
LARGEST_PACKED = MOST_BYTES + 2 * LARGEST_MANIFEST
SHORT = 12
"""Characters of a digest that are enough to tell versions apart."""

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class FileSeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Size in bytes and sha256 (hex) of one file."""

    size: Annotated[int, Meta(ge=0)]
    sha256: str


class GoldenFixture(Struct, frozen=True, forbid_unknown_fields=True):
    """A fixture by its keys, odds if they were given, and what is forecast of it: home, draw, away."""

    league: str
    home: str
    away: str
    day: date
    odds: Odds | None = None
    probabilities: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """What the model must say again.

    Rows ``[k][features]``, their probabilities ``[k][3]`` and goals ``[k][2]``; and fixtures, asked end to end.
    """

    rows: list[list[float]]
    probabilities: list[list[float]]
    goals: list[list[float]]
    fixtures: list[GoldenFixture] = []


class _Format(Struct):
    format: Any = None


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
    head: dict[str, Any]
    """The linear part of the model's head, and what its trees see."""
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
    """A verified bundle in memory; ``source`` is where it was read, for errors, ``signature`` empty for none."""

    manifest: Manifest
    digest: str
    files: dict[str, bytes]
    source: str = "in memory"
    signature: bytes = b""

    @property
    def version(self) -> str:
        """The short digest that answers and cache keys carry."""
        return self.digest[:SHORT]


def card(bundle: Bundle) -> dict[str, Any]:
    """What a bundle says of itself to a reader: version, digest, its heads' and the manifest without golden rows."""
    manifest: dict[str, Any] = msgspec.to_builtins(bundle.manifest)
    del manifest["golden"]
    return {"version": bundle.version, "digest": bundle.digest, "heads": heads(bundle.manifest), **manifest}


def heads(manifest: Manifest) -> str:
    """The digest of what was trained: the same in every bundle that an update makes with the same heads."""
    trees = {name: file.sha256 for name, file in manifest.files.items() if name.endswith(TREES)}
    trained = (manifest.features_fingerprint, manifest.parameters, manifest.head, manifest.calibration, trees)
    return hashlib.sha256(msgspec.json.encode(trained, order="deterministic")).hexdigest()


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
    content = _sealing(manifest, files)
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


def digest_of(manifest: Manifest, files: Mapping[str, bytes]) -> str:
    """The digest of a bundle that is written with these."""
    return hashlib.sha256(_sealing(manifest, files)).hexdigest()


def _sealing(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """The manifest as it is written, with the seals of the files."""
    seals = {name: seal(files[name]) for name in sorted(files)}
    return _encode(msgspec.structs.replace(manifest, files=seals))


def _encode(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"


def read(path: Path, key: PublicKey | None = None) -> Bundle:
    """Read and verify a bundle, a directory or packed; with a ``key``, it must be signed by that.

    Raises:
        BundleError: something is missing, truncated, tampered with, of a version this code cannot read, or not signed.
    """
    if path.is_file():
        return unpack(_read(path, LARGEST_PACKED), path, key)
    return _verified(path, lambda name, most: _read(path / name, most), key)


def unpack(content: bytes, source: Path | str, key: PublicKey | None = None) -> Bundle:
    """The same of a packed bundle's content.

    Raises:
        BundleError: as `read`.
    """
    with refusing(source):
        files = packed.unpack(content, MOST_FILES + len((MANIFEST, DIGEST, SIGNATURE)))

    def part(name: str, most: int) -> bytes:
        if name not in files:
            raise BundleError(Path(source) / name, "is not there", "missing")
        if len(files[name]) > most:
            raise BundleError(Path(source) / name, f"is larger than {most} bytes")
        return files[name]

    bundle = _verified(source, part, key)
    known = {DIGEST, SIGNATURE, MANIFEST, *bundle.files}
    if others := files.keys() - known:
        raise BundleError(source, f"has a file that its manifest does not name: {min(others)!r}")
    return bundle


def pack(directory: Path) -> bytes:
    """The bundle of a directory in one file; the same bundle gives the same bytes.

    Raises:
        BundleError: it is none.
    """
    bundle = read(directory)
    content = _read(directory / MANIFEST, LARGEST_MANIFEST)
    if hashlib.sha256(content).hexdigest() != bundle.digest:
        raise BundleError(directory, "was changed while it was read", "changed")
    signature = {SIGNATURE: _signature_line(bundle.signature)} if bundle.signature else {}
    files = {name: bundle.files[name] for name in sorted(bundle.files)}
    return packed.pack({DIGEST: f"{bundle.digest}\n".encode(), **signature, MANIFEST: content, **files})


def sign(directory: Path, private_key: Path) -> str:
    """Sign the bundle of a directory, and return its digest.

    Raises:
        BundleError: it is none.
        SettingsError: the file holds no private key.
        OSError: nothing can be written there.
    """
    digest = read(directory).digest
    line = _signature_line(signature.sign(digest, private_key))
    fresh = directory / f".{SIGNATURE}.new"
    fresh.write_bytes(line)
    fresh.replace(directory / SIGNATURE)
    return digest


def _signature_line(content: bytes) -> bytes:
    return f"{content.hex()}\n".encode()


def _verified(source: Path | str, part: Callable[[str, int], bytes], key: PublicKey | None) -> Bundle:
    """The bundle of which ``part`` gives a file by its name, of at most so many bytes; nothing is parsed unverified."""
    where = Path(source) / MANIFEST
    content = part(MANIFEST, LARGEST_MANIFEST)
    digest = hashlib.sha256(content).hexdigest()
    if part(DIGEST, LARGEST_DIGEST).strip() != digest.encode():
        raise BundleError(where, f"does not match its digest in {DIGEST}: it was changed or cut", "changed")
    signed = _signature(part)
    if key is not None and not signed:
        raise BundleError(source, "is not signed, and SABISCORE_BUNDLE_KEY wants it to be", "unsigned")
    if key is not None and not key.has_signed(digest, signed):
        raise BundleError(source, "is not signed by the key in SABISCORE_BUNDLE_KEY", "unsigned")
    manifest = _decode(where, content)
    _check_seals(where, manifest.files)
    files = {
        name: _sealed(Path(source) / name, part(name, seal.size), seal)
        for name, seal in manifest.files.items()
    }
    return Bundle(manifest, digest, files, str(source), signed)


def _signature(part: Callable[[str, int], bytes]) -> bytes:
    """What is in the file of the signature, empty where there is none or no such thing."""
    try:
        return bytes.fromhex(part(SIGNATURE, LARGEST_DIGEST).decode("ascii"))
    except (BundleError, ValueError):
        return b""


@contextmanager
def refusing(where: Path | str) -> Iterator[None]:
    """Makes of whatever is raised inside a refusal of the bundle ``where``.

    A crafted content fails in ways that no list foresees; the kind of error is named, for it may be our own.
    """
    try:
        yield
    except BundleError:
        raise
    except Exception as error:
        raise BundleError(where, f"cannot be read: {type(error).__name__}: {error}") from error


def _decode(path: Path, content: bytes) -> Manifest:
    with refusing(path):
        found = msgspec.json.decode(content, type=_Format).format
        if found != FORMAT:
            reads = f"this version of sabiscore reads format {FORMAT}"
            raise BundleError(path, f"has format {found!r}; {reads}", "format")
        manifest = msgspec.json.decode(content, type=Manifest)
    if manifest.classes != OUTCOMES:
        raise BundleError(path, f"has classes {manifest.classes}, not {OUTCOMES}")
    return manifest


def _check_seals(path: Path, seals: Mapping[str, FileSeal]) -> None:
    """Names, number and sizes of the files, before any is opened."""
    for name in seals:
        if not _PLAIN_NAME.fullmatch(name):
            raise BundleError(path, f"names a file outside the bundle: {name!r}")
    if len(seals) > MOST_FILES:
        raise BundleError(path, f"names {len(seals)} files, more than {MOST_FILES}")
    if sum(expected.size for expected in seals.values()) > MOST_BYTES:
        raise BundleError(path, f"names files of more than {MOST_BYTES} bytes in all")


def _read(path: Path, most: int) -> bytes:
    """A regular file of at most so many bytes; a pipe is not waited for."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise BundleError(path, "is not a regular file")
            if found.st_size > most:
                raise BundleError(path, f"is larger than {most} bytes")
            content = file.read(most + 1)
    except OSError as error:
        raise BundleError(path, f"cannot be read: {error.strerror}", "missing") from error
    if len(content) > most:
        raise BundleError(path, f"grows beyond {most} bytes")
    return content


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _sealed(path: Path, content: bytes, expected: FileSeal) -> bytes:
    if len(content) != expected.size:
        raise BundleError(path, f"has {len(content)} bytes, the manifest says {expected.size}", "changed")
    if seal(content) != expected:
        raise BundleError(path, "its sha256 is not the one in the manifest: it was changed", "changed")
    return content
