# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Reads and writes safetensors files: tensors of numbers with a layout each, and texts."""

from __future__ import annotations

import json
import os
from typing import Any, Mapping

from rmtc_wire import ELEMENT_BYTES, RmtcError, Tensor

MEDIA_TYPE = "application/vnd.safetensors"
DATA_ALIGNMENT = 4096
MAX_HEADER_BYTES = 100_000_000


def canonical(value: Any) -> str:
    """Writes JSON that is the same for the same value; keys and texts here are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def write_safetensors(path: str, tensors: Mapping[str, tuple[Tensor, list[str]]], metadata: Mapping[str, str]) -> None:
    """Writes a file whole and synced; the same tensors and texts give the same bytes."""
    layouts = {
        name: {"dtype": tensor.dtype, "shape": tensor.shape, "axes": axes}
        for name, (tensor, axes) in tensors.items()
    }
    header: dict[str, Any] = {"__metadata__": {**metadata, "rmtc.layout": canonical(layouts)}}
    offset = 0
    # Tensors in falling element size, so that each is aligned to its elements.
    ordered = sorted(tensors.items(), key=lambda item: (-ELEMENT_BYTES[item[1][0].dtype], item[0]))
    for name, (tensor, _) in ordered:
        end = offset + len(tensor.data)
        header[name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [offset, end]}
        offset = end
    text = canonical(header).encode("ascii")
    text += b" " * (-(len(text) + 8) % DATA_ALIGNMENT)
    part = f"{path}.part"
    with open(part, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, (tensor, _) in ordered:
            file.write(tensor.data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_safetensors(path: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Returns the tensors and texts of a file. Nothing in it is believed before it is checked."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise RmtcError("RMTC_NOT_FOUND", f"There is no file {path}.", subject=path) from error
    try:
        length = int.from_bytes(content[:8], "little")
        if len(content) < 8 or length > min(len(content) - 8, MAX_HEADER_BYTES):
            raise ValueError("the header is cut off")
        header = json.loads(content[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        if not all(isinstance(text, str) for text in metadata.values()):
            raise ValueError("the metadata holds more than texts")
        data = memoryview(content)[8 + length :]
        tensors, end = {}, 0
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            start, stop = entry["data_offsets"]
            size = ELEMENT_BYTES[entry["dtype"]]
            for axis in entry["shape"]:
                if not isinstance(axis, int) or axis < 0:
                    raise ValueError(f"{name} has a wrong shape")
                size *= axis
            if start != end or stop - start != size:
                raise ValueError(f"{name} lies in the wrong place")
            end = stop
            tensors[name] = Tensor(entry["dtype"], entry["shape"], data[start:stop])
        if end != len(data):
            raise ValueError("the data has another length than the header says")
        return tensors, metadata
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RmtcError("RMTC_FORMAT_INVALID", f"{path} is no sound safetensors file: {error}.", subject=path) from error
