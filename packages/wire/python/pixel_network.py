# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""The network `pixel`: a function of the channels of one pixel, linear or with one hidden layer.

With inputs x, y = W x + b, or y = W tanh(V x + c) + b; `sigmoid` outputs are 1 / (1 + exp(-y)).
Planes are lists of one channel's values; all arithmetic is in 64-bit floats, parameters are 32-bit.
"""

from __future__ import annotations

import math
import random
import sys
from array import array
from operator import mul
from typing import Any, Mapping

from rmtc_wire import RmtcError, Tensor, check_options

NAME = "pixel"

OPTIONS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "inputs": {"type": "integer", "minimum": 1, "maximum": 64, "default": 3},
        "outputs": {"type": "integer", "minimum": 1, "maximum": 64, "default": 1},
        "hidden": {"type": "integer", "minimum": 0, "maximum": 256, "default": 0},
        "activation": {"enum": ["none", "sigmoid"], "default": "none"},
    },
}

Planes = list[list[float]]


class PixelNetwork:
    """The network with the parameters that it has now, by name, as 32-bit floats."""

    def __init__(self, options: Any, pointer: str = "/architecture/options"):
        self.options = check_options(OPTIONS, options, pointer)
        inputs, outputs, hidden = (self.options[name] for name in ("inputs", "outputs", "hidden"))
        self.inputs, self.outputs, self.hidden = inputs, outputs, hidden
        last = hidden or inputs
        self.shapes: dict[str, list[int]] = {}
        if hidden:
            self.shapes |= {"hidden.weight": [hidden, inputs], "hidden.bias": [hidden]}
        self.shapes |= {"output.weight": [outputs, last], "output.bias": [outputs]}
        self.parameters = {name: _zeros(shape) for name, shape in self.shapes.items()}

    @property
    def architecture(self) -> dict[str, Any]:
        return {"name": NAME, "options": self.options}

    @property
    def parameter_count(self) -> int:
        return sum(math.prod(shape) for shape in self.shapes.values())

    def axes(self, name: str) -> list[str]:
        return ["o", "i"] if len(self.shapes[name]) == 2 else ["o"]

    def layouts(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The layouts of input and output; sizes that are open are 0."""

        def named(name: str, channels: int) -> list[dict[str, Any]]:
            layout = {"dtype": "F32", "shape": [0, channels, 0, 0], "axes": ["n", "c", "h", "w"]}
            return [{"name": name, "layout": layout}]

        return named("input", self.inputs), named("output", self.outputs)

    def initialize(self, seed: int) -> None:
        """Draws weights evenly from ±1/√(values that are summed up); biases are 0."""
        chance = random.Random(seed)
        for name, shape in self.shapes.items():
            if len(shape) == 2:
                bound = 1 / math.sqrt(shape[1])
                self.parameters[name] = array("f", (chance.uniform(-bound, bound) for _ in range(math.prod(shape))))

    def load(self, path: str, tensors: Mapping[str, Tensor], prefix: str = "") -> dict[str, array]:
        """Takes the values of every parameter out of a file's tensors."""
        return {name: floats(path, f"{prefix}{name}", shape, tensors) for name, shape in self.shapes.items()}

    def forward(self, planes: Planes) -> tuple[Planes, Planes]:
        """Returns the outputs, and what `backward` needs of the hidden layer."""
        hidden = planes
        if self.hidden:
            sums = dense(planes, self.parameters["hidden.weight"], self.parameters["hidden.bias"])
            hidden = [[math.tanh(value) for value in plane] for plane in sums]
        outputs = dense(hidden, self.parameters["output.weight"], self.parameters["output.bias"])
        if self.options["activation"] == "sigmoid":
            outputs = [[sigmoid(value) for value in plane] for plane in outputs]
        return outputs, hidden

    def backward(self, inputs: Planes, hidden: Planes, outputs: Planes, slopes: Planes) -> dict[str, list[float]]:
        """Returns the gradient of each parameter; `slopes` is the loss's gradient by the outputs."""
        if self.options["activation"] == "sigmoid":
            slopes = [[s * y * (1 - y) for s, y in zip(slope, plane)] for slope, plane in zip(slopes, outputs)]
        gradients = {
            "output.weight": [sum(map(mul, slope, plane)) for slope in slopes for plane in hidden],
            "output.bias": [sum(slope) for slope in slopes],
        }
        if self.hidden:
            weights = self.parameters["output.weight"]
            back = []
            for unit, plane in enumerate(hidden):
                total = [0.0] * len(plane)
                for output, slope in enumerate(slopes):
                    weight = weights[output * self.hidden + unit]
                    total = [t + weight * s for t, s in zip(total, slope)]
                back.append([t * (1 - h * h) for t, h in zip(total, plane)])
            gradients["hidden.weight"] = [sum(map(mul, slope, plane)) for slope in back for plane in inputs]
            gradients["hidden.bias"] = [sum(slope) for slope in back]
        return gradients


def dense(planes: Planes, weights: array, biases: array) -> Planes:
    """Weighted sums of planes, one for each bias."""
    sums = []
    for row, bias in enumerate(biases):
        total = [bias] * len(planes[0])
        for column, plane in enumerate(planes):
            weight = weights[row * len(planes) + column]
            total = [t + weight * value for t, value in zip(total, plane)]
        sums.append(total)
    return sums


def sigmoid(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    power = math.exp(value)
    return power / (1 + power)


def floats(path: str, name: str, shape: list[int], tensors: Mapping[str, Tensor]) -> array:
    """A tensor of a file as 32-bit floats. Refuses one that is missing or has another type or shape."""
    tensor = tensors.get(name)
    if tensor is None or tensor.dtype != "F32" or tensor.shape != shape:
        raise RmtcError("RMTC_LAYOUT_MISMATCH", f"{path} has no tensor {name} that is F32 {shape}.", subject=path)
    values = little_endian(array("f", bytes(tensor.data)))
    if not all(map(math.isfinite, values)):
        raise RmtcError("RMTC_VALUE_INVALID", f"{path} has a NaN or infinity in {name}.", subject=path)
    return values


def little_endian(values: array) -> array:
    """Swaps the bytes where the machine has another order than files."""
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _zeros(shape: list[int]) -> array:
    return array("f", bytes(4 * math.prod(shape)))
