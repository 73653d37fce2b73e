# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Reads channels of OpenEXR images: one part of scanlines, stored plain or by ZIPS or ZIP.

Source: https://openexr.com/en/latest/OpenEXRFileLayout.html
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array

from rmtc_wire import RmtcError

MAGIC = b"\x76\x2f\x31\x01"
LINES_PER_CHUNK = {0: 1, 2: 1, 3: 16}
MAX_PIXELS = 1 << 28
UINT, HALF, FLOAT = range(3)


def read_exr(path: str, wanted: list[str]) -> tuple[int, int, dict[str, array]]:
    """Returns width, height and the wanted channels, row by row from the top, as 32-bit floats."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise RmtcError("RMTC_NOT_FOUND", f"There is no file {path}.", subject=path) from error
    try:
        return _read(path, content, wanted)
    except (ValueError, IndexError, KeyError, struct.error, zlib.error) as error:
        raise RmtcError("RMTC_FORMAT_INVALID", f"{path} is no sound EXR file: {error}.", subject=path) from error


def _read(path: str, content: bytes, wanted: list[str]) -> tuple[int, int, dict[str, array]]:
    if content[:4] != MAGIC:
        raise ValueError("it does not start like one")
    version = int.from_bytes(content[4:8], "little")
    if version & 0x1A00:
        raise RmtcError("RMTC_FORMAT_UNSUPPORTED", f"{path} has tiles, depth or several parts.", subject=path)
    attributes, at = _attributes(content)
    compression = attributes["compression"][0]
    if compression not in LINES_PER_CHUNK:
        raise RmtcError("RMTC_FORMAT_UNSUPPORTED", f"{path} is compressed by method {compression}.", subject=path)
    left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ValueError("its data window is empty or too large")
    channels = _channels(attributes["channels"])
    types = dict(channels)
    for name in wanted:
        if name not in types:
            raise RmtcError("RMTC_LAYOUT_MISMATCH", f"{path} has no channel {name}.", subject=path)
    planes = {name: array("f", bytes(4 * width * height)) for name in wanted}
    row_bytes = sum(width * (2 if kind == HALF else 4) for _, kind in channels)
    lines = LINES_PER_CHUNK[compression]
    for index in range(-(-height // lines)):
        (offset,) = struct.unpack_from("<Q", content, at + 8 * index)
        first, size = struct.unpack_from("<ii", content, offset)
        count = min(lines, height - (first - top))
        packed = content[offset + 8 : offset + 8 + size]
        if not 0 <= first - top < height or size < 0 or len(packed) < size:
            raise ValueError("a chunk is cut off or lies outside the image")
        rows = packed if len(packed) == row_bytes * count else _unpack(packed, row_bytes * count)
        _take_rows(rows, first - top, count, width, channels, planes)
    return width, height, planes


def _attributes(content: bytes) -> tuple[dict[str, bytes], int]:
    attributes: dict[str, bytes] = {}
    at = 8
    while content[at] != 0:
        end = content.index(b"\0", at)
        name = content[at:end].decode("utf-8")
        at = content.index(b"\0", end + 1) + 1
        (size,) = struct.unpack_from("<I", content, at)
        if at + 4 + size > len(content):
            raise ValueError("its header is cut off")
        attributes[name] = content[at + 4 : at + 4 + size]
        at += 4 + size
    return attributes, at + 1


def _channels(packed: bytes) -> list[tuple[str, int]]:
    channels = []
    at = 0
    while packed[at] != 0:
        end = packed.index(b"\0", at)
        kind, _, across, down = struct.unpack_from("<4i", packed, end + 1)
        if kind not in (UINT, HALF, FLOAT) or across != 1 or down != 1:
            raise ValueError("a channel has another type, or is subsampled")
        channels.append((packed[at:end].decode("utf-8"), kind))
        at = end + 17
    return channels


def _unpack(packed: bytes, size: int) -> bytes:
    """Undoes zlib, the differences of neighbouring bytes, and their order: even ones first."""
    decoder = zlib.decompressobj()
    data = bytearray(decoder.decompress(packed, size))
    if len(data) != size:
        raise ValueError("a chunk has another length than its rows")
    value = data[0] if size else 0
    for index in range(1, size):
        value = (value + data[index] - 128) & 255
        data[index] = value
    half = (size + 1) // 2
    rows = bytearray(size)
    rows[0::2] = data[:half]
    rows[1::2] = data[half:]
    return bytes(rows)


def _take_rows(
    rows: bytes, first: int, count: int, width: int, channels: list[tuple[str, int]], planes: dict[str, array]
) -> None:
    at = 0
    for row in range(first, first + count):
        for name, kind in channels:
            length = width * (2 if kind == HALF else 4)
            if name in planes:
                planes[name][row * width : (row + 1) * width] = _floats(rows[at : at + length], kind, width)
            at += length


def _floats(samples: bytes, kind: int, width: int) -> array:
    if kind == FLOAT:
        values = array("f", samples)
        if sys.byteorder == "big":
            values.byteswap()
        return values
    return array("f", struct.unpack(f"<{width}{'e' if kind == HALF else 'I'}", samples))
