"""Make shared objects (ELF64) smaller in place: without symbols, and without kernels for GPUs.

    python3 lean.py FILE...

CatBoost's wheel has 224 MB for GPUs (.nv_fatbin) in an object of 277 MB, polars 36 MB of symbols in one of 178. Kernels
lie between what is needed, so that `strip` cannot take them: the segment around them is cut in two, addresses stay, and
those of the kernels read as zeros. The second half takes the place of PT_PHDR, which only programs need. Symbols and
the table of sections lie behind the last segment, which is where the file ends then.
"""

import struct
import sys
from pathlib import Path
from typing import NamedTuple

PAGE = 4096
LOAD, PHDR = 1, 6
KERNELS = b".nv_fatbin"
_HEADER, _PROGRAM, _SECTION = (
    struct.Struct("<16s2HI3QI6H"),
    struct.Struct("<2I6Q"),
    struct.Struct("<2I4Q2I2Q"),
)
_PROGRAMS, _SECTIONS, _PROGRAM_COUNT, _SECTION_COUNT, _NAMES = 5, 6, 10, 12, 13
"""Places in the header."""


class Segment(NamedTuple):
    """A program header, as elf(5) has it."""

    type: int
    flags: int
    offset: int
    address: int
    physical: int
    file_size: int
    memory_size: int
    align: int

    @property
    def end(self) -> int:
        """In the file."""
        return self.offset + self.file_size


def lean(content: bytes) -> bytes:
    """The object without what no processor needs.

    Raises:
        ValueError: it is no such object.
    """
    header = list(_HEADER.unpack_from(content))
    if header[0][:6] != b"\x7fELF\x02\x01":
        raise ValueError("no ELF64 object")
    places = [header[_PROGRAMS] + n * _PROGRAM.size for n in range(header[_PROGRAM_COUNT])]
    segments = [Segment(*_PROGRAM.unpack_from(content, place)) for place in places]
    start, end = _kernels(content, header)
    if end > start and segments[0].type == PHDR:
        content = content[:start] + content[end:]
        segments = [half for each in segments[1:] for half in _without(each, start, end)]
    if len(segments) != len(places):
        raise ValueError("kernels lie in no one segment")
    header[_SECTIONS] = header[_SECTION_COUNT] = header[_NAMES] = 0
    result = bytearray(content[: max(each.end for each in segments)])
    _HEADER.pack_into(result, 0, *header)
    for place, segment in zip(places, segments, strict=True):
        _PROGRAM.pack_into(result, place, *segment)
    return bytes(result)


def _kernels(content: bytes, header: list[int]) -> tuple[int, int]:
    """Where whole pages of them begin and end, which is nowhere where there are none."""
    places = [header[_SECTIONS] + n * _SECTION.size for n in range(header[_SECTION_COUNT])]
    sections = [_SECTION.unpack_from(content, place) for place in places]
    names = sections[header[_NAMES]][4] if sections else 0
    for name, _, _, _, offset, size, *_ in sections:
        if content.startswith(KERNELS + b"\0", names + name):
            return -(-offset // PAGE) * PAGE, (offset + size) // PAGE * PAGE
    return 0, 0


def _without(segment: Segment, start: int, end: int) -> list[Segment]:
    """A segment where bytes from ``start`` to ``end`` of the file are gone: two, if they were in the midst of it."""
    if segment.offset >= end:
        return [segment._replace(offset=segment.offset - (end - start))]
    if segment.end <= start:
        return [segment]
    before, behind = start - segment.offset, end - segment.offset
    first = segment._replace(file_size=before, memory_size=behind)
    second = segment._replace(
        offset=start,
        address=segment.address + behind,
        physical=segment.physical + behind,
        file_size=segment.file_size - behind,
        memory_size=segment.memory_size - behind,
    )
    return [first, second]


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_bytes(lean(path.read_bytes()))
