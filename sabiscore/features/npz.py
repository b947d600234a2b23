"""Arrays out of an ``.npz`` that may hold anything: bounded before it is unpacked, no pickle, nothing unexpected."""

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

MOST_BYTES = 64 * 2**20
"""Of all arrays together, unpacked."""

LONGEST_TEXT = 64
LARGEST_DIRECTORY = 8192
MAGIC = (1, 0)

_SUFFIX = ".npy"
_END, _END_SIZE, _WIDE_END, _WIDE_END_SIZE = b"PK\5\6", 22, b"PK\6\7", 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Wanted(Struct, frozen=True):
    """What an array must be: its dtype ("U" is text no wider than `LONGEST_TEXT`), its shape but for the first."""

    dtype: str
    columns: tuple[int, ...] = ()


def read_arrays(content: bytes, wanted: Mapping[str, Wanted]) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz``: these, and no others.

    Raises:
        ValueError: the content is no such file, or an array is not as wanted.
        zipfile.BadZipFile: it is broken; or anything else that zipfile raises then.
    """
    _check_directory(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sorted(member.filename for member in members) != sorted(name + _SUFFIX for name in wanted):
            raise ValueError("other arrays than it should have")
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise ValueError(f"arrays of more than {MOST_BYTES} bytes in all")
        if not all(member.compress_type in _METHODS for member in members):
            raise ValueError("an array is packed in another way than deflated")
        return {name: _array(archive, name, one) for name, one in wanted.items()}


def _check_directory(content: bytes) -> None:
    """Where an archive's list of contents is, and how long: of a million entries zipfile would make objects."""
    end = content[-_END_SIZE:]
    wide = content[-_END_SIZE - _WIDE_END_SIZE :].startswith(_WIDE_END)
    if wide or not end.startswith(_END) or int.from_bytes(end[12:16], "little") > LARGEST_DIRECTORY:
        raise ValueError("no archive of a few arrays")


def _array(archive: zipfile.ZipFile, name: str, wanted: Wanted) -> NDArray[Any]:
    size = archive.getinfo(name + _SUFFIX).file_size
    with archive.open(name + _SUFFIX) as member:
        file = io.BytesIO(member.read(size + 1))
    if np.lib.format.read_magic(file) != MAGIC:
        raise ValueError(f"{name} is in another format")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(file)
    if by_column or shape[1:] != wanted.columns or not shape or not _is(dtype, wanted.dtype):
        raise ValueError(f"{name} is {dtype} {shape}, not {wanted.dtype} {('n', *wanted.columns)}")
    values = file.read()
    if len(values) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} is not of the length that it says")
    return np.frombuffer(values, dtype).reshape(shape).copy()


def _is(dtype: np.dtype[Any], wanted: str) -> bool:
    if wanted == "U":
        return dtype.kind == "U" and dtype.isnative and 0 < dtype.itemsize <= LONGEST_TEXT * 4
    return dtype == np.dtype(wanted)
