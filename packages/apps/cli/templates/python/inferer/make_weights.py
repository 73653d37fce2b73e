# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Writes weights of the networks that the conformance suite asks for, and tells where they are.

    python3 make_weights.py > fixture.json
"""

from __future__ import annotations

import json
import os
from array import array

from pixel_network import NAME, little_endian
from rmtc_wire import Tensor
from safetensors_file import MEDIA_TYPE, write_safetensors


def write(name: str, options: dict[str, object], values: dict[str, tuple[list[int], list[float]]]) -> dict[str, str]:
    path = os.path.abspath(f"{name}.safetensors")
    tensors = {
        key: (Tensor("F32", shape, little_endian(array("f", numbers)).tobytes()), ["o", "i"][: len(shape)])
        for key, (shape, numbers) in values.items()
    }
    write_safetensors(path, tensors, {"rmtc.architecture": json.dumps({"name": NAME, "options": options})})
    return {"path": path, "mediaType": MEDIA_TYPE}


# y = 2 x + 1 for two channels, and a network that is busy for seconds with 512 by 512 pixels.
UNITS = 64
weights = {
    "affine": write(
        "affine",
        {"inputs": 2, "outputs": 2},
        {"output.weight": ([2, 2], [2, 0, 0, 2]), "output.bias": ([2], [1, 1])},
    ),
    "slow": write(
        "slow",
        {"inputs": 1, "outputs": 1, "hidden": UNITS},
        {
            "hidden.weight": ([UNITS, 1], [0.5] * UNITS),
            "hidden.bias": ([UNITS], [0.0] * UNITS),
            "output.weight": ([1, UNITS], [0.1] * UNITS),
            "output.bias": ([1], [0.0]),
        },
    ),
}
print(json.dumps({"weights": weights}))
