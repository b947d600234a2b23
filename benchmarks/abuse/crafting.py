"""Crafted bundles: the shipped one with something changed, and digests that agree again."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from catboost import CatBoost
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.data import coming
from sabiscore.domain import ListedFixture, Odds
from sabiscore.features.history import load
from sabiscore.forecaster import Forecaster, golden
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle, Manifest
from sabiscore.models.heads import Head, HeadWeights

HISTORY, MATCHES = "history.npz", "matches.npz"
WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
VALUES: tuple[Any, ...] = (
    *(None, True, "", "nine", [], {}, [[]], "\x1b[2J", "é" * 300, [None], {"a": 1}),
    *(0, -1, 1, 2, 3, 14, 13, 99, 10**6, 2**31, 2**63, 10**30),
    *(0.0, -0.5, 1e-320, 0.999, 1.5, 5.0, 50.0, 1e5, 1e308, -1e308),
    *("0001-01-01", "9999-12-31", "2025-05-25"),
)
ASTRAY, FAR_ASTRAY = "trees that point astray", "trees that point far astray"
"""CatBoost does not look: it reads beside its borders, or where there is no memory."""

NEAR, FAR = range(100), range(2**24, 2**30)
DTYPES = ("<f4", "<f8", ">f2", "<i4", ">i8", "<u8", "<U3", "<c8", "|b1", "<M8[D]", "|S4")


COMING = (
    ListedFixture(
        "premier-league-2025-26-arsenal-chelsea",
        "E0",
        2025,
        "Arsenal",
        "Chelsea",
        datetime(2025, 8, 30, 16, 30, tzinfo=UTC),
        Odds(1.8, 3.7, 4.6),
    ),
    ListedFixture(
        "premier-league-2025-26-chelsea-arsenal",
        "E0",
        2025,
        "Chelsea",
        "Arsenal",
        datetime(2026, 1, 30, 16, 30, tzinfo=UTC),
    ),
)
"""A list of fixtures, for a bundle that has none."""


class Crafted(Struct):
    """A bundle in the making: its manifest as JSON, its files, and what kind of change was made."""

    kind: str
    manifest: dict[str, Any]
    files: dict[str, bytes]

    def write(self, place: Path) -> None:
        """Write it over a copy of the shipped bundle at ``place``, with seals that agree."""
        for name, content in self.files.items():
            old = place / name
            if not old.is_file() or old.read_bytes() != content:
                old.write_bytes(content)
        reseal(place, self.manifest, self.files)


def reseal(place: Path, manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    """Write a manifest whose seals are those of ``files``, and its digest."""
    seals = {name: msgspec.to_builtins(bundles.seal(content)) for name, content in files.items()}
    if isinstance(manifest.get("files"), dict):
        manifest = manifest | {"files": seals}
    text = json.dumps(manifest).encode()
    (place / bundles.MANIFEST).write_bytes(text)
    (place / bundles.DIGEST).write_text(bundles.seal(text).sha256)


def shipped(kind: str = "nothing") -> Crafted:
    """The shipped bundle, to be changed."""
    original = _shipped()
    return Crafted(kind, json.loads(msgspec.json.encode(original.manifest)), dict(original.files))


@cache
def _shipped() -> Bundle:
    return bundles.read(bundles.SHIPPED)


def forge(crafted: Crafted) -> None:
    """Golden predictions that fit the change, where it leaves something that predicts."""
    try:
        manifest = msgspec.convert(crafted.manifest, Manifest)
        members = [crafted.files[name] for name in sorted(crafted.files) if name.endswith(".cbm")]
        head = Head(msgspec.convert(manifest.head, HeadWeights), members)
        forecaster = Forecaster(Bundle(manifest, "", {}), load(crafted.files[HISTORY]), head)
        rows = golden(head, np.array(manifest.golden.rows, dtype=np.float32))
        said = msgspec.structs.replace(rows, fixtures=forecaster.witness(manifest.golden.fixtures))
        crafted.manifest["golden"] = json.loads(msgspec.json.encode(said))
        crafted.kind += ", forged"
    except Exception:  # noqa: BLE001 - then its golden predictions stay as they are
        return


def craft(number: int, seed: int) -> Crafted:
    """The crafted bundle of this number: always the same."""
    chance, kind = _drawn(number, seed)
    crafted = shipped(kind)
    with np.errstate(all="ignore"):
        KINDS[kind](crafted, chance)
    return crafted


def kind_of(number: int, seed: int) -> str:
    """What kind of change the crafted bundle of this number has."""
    return _drawn(number, seed)[1]


def _drawn(number: int, seed: int) -> tuple[random.Random, str]:
    chance = random.Random(seed * 1_000_003 + number)
    return chance, chance.choices(tuple(KINDS), weights=WEIGHTS)[0]


def flip(content: bytes, chance: random.Random) -> bytes:
    """Some bytes, or a word, replaced."""
    body = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(body) - 4)
        if chance.random() < 0.5:
            body[at] = chance.randrange(256)
        else:
            body[at : at + 4] = chance.choice(WORDS).to_bytes(4, "little")
    return bytes(body)


def _trees(crafted: Crafted, chance: random.Random) -> str:
    return chance.choice(sorted(name for name in crafted.files if name.endswith(".cbm")))


def _flipped_trees(crafted: Crafted, chance: random.Random) -> None:
    name = _trees(crafted, chance)
    crafted.files[name] = flip(crafted.files[name], chance)


def _cut_trees(crafted: Crafted, chance: random.Random) -> None:
    name = _trees(crafted, chance)
    content = crafted.files[name]
    at, length = chance.randrange(len(content)), chance.choice((1, 4, 16, 400))
    middle = chance.choice((b"", bytes(length), content[:length], content))
    crafted.files[name] = content[:at] + middle + chance.choice((b"", content[at + length :], content[at:]))


def _other_trees(crafted: Crafted, chance: random.Random) -> None:
    one, other = _trees(crafted, chance), _trees(crafted, chance)
    crafted.files[one], crafted.files[other] = crafted.files[other], crafted.files[one]
    if chance.random() < 0.3:
        del crafted.files[chance.choice((one, other))]


def _other_split(beyond: range, crafted: Crafted, chance: random.Random) -> None:
    """One split of one tree is so far beyond the last border."""
    name = _trees(crafted, chance)
    content = crafted.files[name]
    at, splits, borders = _splits(content)
    changed = splits.copy()
    changed[chance.randrange(len(changed))] = borders + chance.choice(beyond)
    crafted.files[name] = content[:at] + changed.tobytes() + content[at + changed.nbytes :]


@cache
def _splits(content: bytes) -> tuple[int, NDArray[np.int32], int]:
    """Where a ``.cbm`` file has the splits of its trees, which borders these are, and how many borders it has."""
    model = CatBoost().load_model(blob=content)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "trees.json"
        model.save_model(str(path), format="json")
        said = json.loads(path.read_bytes())
    indices = [split["split_index"] for tree in said["oblivious_trees"] for split in tree["splits"] or ()]
    borders = sum(len(feature["borders"] or ()) for feature in said["features_info"]["float_features"])
    splits = np.array(indices, dtype="<i4")
    return content.index(splits.tobytes()), splits, borders


def _flipped(file: str, crafted: Crafted, chance: random.Random) -> None:
    crafted.files[file] = flip(crafted.files[file], chance)


def _other_arrays(file: str, crafted: Crafted, chance: random.Random) -> None:
    arrays = dict(_arrays(file))
    name = chance.choice(sorted(arrays))
    arrays[name] = chance.choice((_value, _value, _dtype, _shape, _order))(arrays[name], chance)
    crafted.files[file] = packed(arrays)


@cache
def _arrays(file: str) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(_shipped().files[file])) as arrays:
        return dict(arrays)


def packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    """An ``.npz`` of these, quickly; an array of objects is pickled."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, values, allow_pickle=True)
            archive.writestr(f"{name}.npy", member.getvalue())
    return buffer.getvalue()


def _value(values: NDArray[Any], chance: random.Random) -> NDArray[Any]:
    changed = values.copy()
    at = tuple(chance.randrange(length) for length in values.shape)
    if values.dtype.kind == "U":
        changed[at] = chance.choice(("", "X", "E0", "\x1b[2J", "é"))
    elif values.dtype.kind == "f":
        changed[at] = chance.choice((np.nan, np.inf, -np.inf, 65504.0, -65504.0, -1.0, 0.0, 30.0))
    else:
        limits = np.iinfo(values.dtype)
        chosen = chance.choice((limits.min, limits.max, -1, 0, 1, 12345, int(changed.flat[0])))
        changed[at] = min(max(chosen, limits.min), limits.max)
    if chance.random() < 0.2:
        changed[:] = changed[at]
    return changed


def _dtype(values: NDArray[Any], chance: random.Random) -> NDArray[Any]:
    if chance.random() < 0.1:
        return values.astype(object)
    if values.dtype.kind == "U":
        return values.astype(chance.choice(("<U1", ">U24", "<U900")))
    return values.astype(chance.choice(DTYPES))


def _shape(values: NDArray[Any], chance: random.Random) -> NDArray[Any]:
    changes: tuple[Callable[[NDArray[Any]], NDArray[Any]], ...] = (
        lambda all_: all_[:-1],
        lambda all_: all_[:0],
        lambda all_: all_[:1],
        lambda all_: np.concatenate((all_, all_)),
        lambda all_: np.concatenate((all_, all_[-1:])),
        lambda all_: all_[..., None],
        lambda all_: all_.reshape(-1)[0].reshape(()),
        lambda all_: all_.T,
        lambda all_: all_[:, :-1] if all_.ndim > 1 else all_[::2],
    )
    return chance.choice(changes)(values)


def _order(values: NDArray[Any], chance: random.Random) -> NDArray[Any]:
    if chance.random() < 0.5:
        return values[::-1].copy()
    changed = values.copy()
    one, other = (chance.randrange(len(values)) for _ in range(2))
    changed[[one, other]] = changed[[other, one]]
    return changed


def _other_manifest(crafted: Crafted, chance: random.Random) -> None:
    _elsewhere(crafted.manifest, chance)


def _other_coming(crafted: Crafted, chance: random.Random) -> None:
    """A list of fixtures to come, of which something is changed: its text, or one of its values."""
    listed = json.loads(coming.dump(COMING))
    if chance.random() < 0.7:
        _elsewhere({"fixtures": listed}, chance)
    said = json.dumps(listed, indent=1).encode() + b"\n"
    crafted.files[coming.FILE] = flip(said, chance) if chance.random() < 0.3 else said


def _elsewhere(root: dict[str, Any], chance: random.Random) -> None:
    """One place of it, at any depth, is another value, is gone, or has company."""
    here: Any = root
    place: Any = chance.choice(sorted(here))
    while isinstance(here[place], dict | list) and here[place] and chance.random() < 0.85:
        here = here[place]
        place = chance.choice(sorted(here)) if isinstance(here, dict) else chance.randrange(len(here))
    if chance.random() < 0.1:
        del here[place]
    elif isinstance(here[place], list) and chance.random() < 0.3:
        here[place].append(chance.choice(here[place] or [0]))
    elif isinstance(here[place], int | float) and chance.random() < 0.3:
        here[place] *= chance.choice((-1, 0.5, 2, 10, 1e6))
    else:
        here[place] = chance.choice(VALUES)


KINDS: dict[str, Callable[[Crafted, random.Random], None]] = {
    "bytes of trees": _flipped_trees,
    "trees cut or pasted": _cut_trees,
    "other trees": _other_trees,
    ASTRAY: partial(_other_split, NEAR),
    FAR_ASTRAY: partial(_other_split, FAR),
    "bytes of the history": partial(_flipped, HISTORY),
    "arrays of the history": partial(_other_arrays, HISTORY),
    "bytes of the matches": partial(_flipped, MATCHES),
    "arrays of the matches": partial(_other_arrays, MATCHES),
    "fixtures to come": _other_coming,
    "the manifest": _other_manifest,
}
WEIGHTS = (8, 3, 1, 1, 1, 1, 4, 1, 3, 3, 5)
