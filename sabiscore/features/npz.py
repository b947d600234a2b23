"""Arrays in an ``.npz``, and out of one that may hold anything: bounded before it is unpacked, no pickle, nothing else.

Written here, because `numpy.savez_compressed` knows one way to compress. Differences of numbers that hardly change are
runs of one byte: looking for these alone (``zlib.Z_RLE``) makes them no larger, in a fifth of the time.
"""

import io
import math
import struct
import zipfile
import zlib
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
_LOCAL, _CENTRAL, _END_OF_ALL = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_VERSION, _NO_DAY = 20, 33
"""What an archive is written for, and the first day that it knows: nothing depends on when it was written."""


def write_arrays(arrays: Mapping[str, NDArray[Any]], *, level: int, strategy: int) -> bytes:
    """The arrays as an ``.npz``, deflated by zlib's ``level`` and ``strategy``; the same ones give the same bytes."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, array in arrays.items():
        plain = io.BytesIO()
        np.lib.format.write_array(plain, np.ascontiguousarray(array), MAGIC, allow_pickle=False)
        content, called = plain.getvalue(), (name + _SUFFIX).encode()
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
        packed = deflate.compress(content) + deflate.flush()
        told = (
            0,
            zipfile.ZIP_DEFLATED,
            0,
            _NO_DAY,
            zlib.crc32(content),
            len(packed),
            len(content),
            len(called),
        )
        at = body.tell()
        body.write(struct.pack(_LOCAL, b"PK\3\4", _VERSION, *told, 0) + called + packed)
        directory.write(
            struct.pack(_CENTRAL, b"PK\1\2", _VERSION, _VERSION, *told, 0, 0, 0, 0, 0, at) + called
        )
    size, at, count = directory.tell(), body.tell(), len(arrays)
    body.write(directory.getvalue() + struct.pack(_END_OF_ALL, _END, 0, 0, count, count, size, at, 0))
    return body.getvalue()


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
        content = member.read(size + 1)
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != MAGIC:
        raise ValueError(f"{name} is in another format")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(file)
    if by_column or shape[1:] != wanted.columns or not shape or not _is(dtype, wanted.dtype):
        raise ValueError(f"{name} is {dtype} {shape}, not {wanted.dtype} {('n', *wanted.columns)}")
    values = memoryview(content)[file.tell() :]
    if len(values) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} is not of the length that it says")
    return np.frombuffer(values, dtype).reshape(shape).copy()


def _is(dtype: np.dtype[Any], wanted: str) -> bool:
    if wanted == "U":
        return dtype.kind == "U" and dtype.isnative and 0 < dtype.itemsize <= LONGEST_TEXT * 4
    return dtype == np.dtype(wanted)
