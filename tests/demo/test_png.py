"""A screenshot packed again shows the same pixels."""

from __future__ import annotations

import struct
import zlib

import pytest

from demo.png import NONE, SIGNATURE, _chunk, _joined, repacked

ROWS = [bytes([10, 20, 30, 40, 50, 60]), bytes([200, 100, 50, 7, 250, 9]), bytes([1, 2, 3, 255, 254, 253])]
PIXEL = 3


def picture(rows: list[bytes]) -> bytes:
    """A PNG of 8-bit RGB rows that carry their filter in front."""
    header = struct.pack(">IIBBBBB", 2, len(rows), 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(rows))
    parts = ((b"IHDR", header), (b"IDAT", packed[:7]), (b"IDAT", packed[7:]), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def filtered(kind: int, row: bytes, above: bytes) -> bytes:
    """A row as an encoder filters it, by the rules of the PNG specification."""
    told = []
    for at, value in enumerate(row):
        left = row[at - PIXEL] if at >= PIXEL else 0
        corner = above[at - PIXEL] if at >= PIXEL else 0
        up = above[at]
        nearest = min((left, up, corner), key=lambda candidate: abs(left + up - corner - candidate))
        told.append((value - (0, left, up, (left + up) // 2, nearest)[kind]) % 256)
    return bytes([kind, *told])


@pytest.mark.parametrize("kind", range(5))
def test_whatever_the_filter_the_pixels_stay(kind: int) -> None:
    above = [bytes(len(ROWS[0])), *ROWS]

    again = repacked(picture([filtered(kind, row, over) for row, over in zip(ROWS, above, strict=False)]))

    unpacked = zlib.decompress(dict(_joined(again))[b"IDAT"])
    assert unpacked == b"".join(bytes([NONE]) + row for row in ROWS)
