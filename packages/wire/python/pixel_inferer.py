# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""An inferer for RMTC in Python's standard library: runs the weights that pixel_trainer.py has learnt.

    export default { inferer: { command: ["python3", "pixel_inferer.py"] } };
"""

from __future__ import annotations

import json
import math
import threading
from array import array
from typing import Any, Mapping

from pixel_network import NAME, PixelNetwork, little_endian
from rmtc_wire import Call, RmtcError, Tensor, check_options, serve
from safetensors_file import MEDIA_TYPE, read_safetensors

# Pixels that are computed between two looks at whether the host still wants them.
BAND_PIXELS = 1 << 12


class PixelInferer:
    name = "pixel"
    capabilities = {"mediaTypes": [MEDIA_TYPE]}

    def open(self, call: Call, request: Mapping[str, Any]) -> PixelInferable:
        path = request["path"]
        if request["mediaType"] != MEDIA_TYPE:
            raise RmtcError("RMTC_FORMAT_UNSUPPORTED", f"Only {MEDIA_TYPE} is opened.", subject=path)
        tensors, metadata = read_safetensors(path)
        try:
            architecture = json.loads(metadata["rmtc.architecture"])
            if architecture["name"] != NAME:
                raise RmtcError("RMTC_GRAPH_UNSUPPORTED", f"{path} is no network `{NAME}`.", subject=path)
            network = PixelNetwork(architecture["options"])
            network.parameters = network.load(path, tensors)
        except RmtcError as error:
            if error.document["code"] == "RMTC_GRAPH_UNSUPPORTED":
                raise
            raise RmtcError("RMTC_FORMAT_INVALID", f"{path}: {error}", subject=path) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"{path} does not say its architecture: {error}."
            raise RmtcError("RMTC_FORMAT_INVALID", message, subject=path) from error
        return PixelInferable(network)

    def close(self) -> None:
        """Nothing is held between calls."""


class PixelInferable:
    # No pixel sees another, so an image gives the same in tiles and whole.
    capabilities = {"tiles": True, "concurrency": 1}

    def __init__(self, network: PixelNetwork):
        self.network = network
        self.inputs, self.outputs = network.layouts()
        self._turn = threading.Lock()

    def run(
        self, call: Call, inputs: Mapping[str, Tensor], wanted: list[str] | None, tiles: Mapping[str, Any] | None
    ) -> dict[str, Tensor]:
        self.check(inputs, wanted, tiles)
        with self._turn:
            image = inputs["input"]
            count, channels, height, width = image.shape
            pixels = height * width
            values = little_endian(array("f", bytes(image.data)))
            result = array("f", bytes(4 * count * self.network.outputs * pixels))
            for picture in range(count):
                start_in, start_out = picture * channels * pixels, picture * self.network.outputs * pixels
                for start in range(0, pixels, BAND_PIXELS):
                    call.check()
                    end = min(start + BAND_PIXELS, pixels)
                    band = [
                        list(values[start_in + channel * pixels + start : start_in + channel * pixels + end])
                        for channel in range(channels)
                    ]
                    for output, plane in enumerate(self.network.forward(band)[0]):
                        at = start_out + output * pixels
                        result[at + start : at + end] = array("f", plane)
            shape = [count, self.network.outputs, height, width]
            return {"output": Tensor("F32", shape, little_endian(result).tobytes())}

    def check(self, inputs: Mapping[str, Tensor], wanted: list[str] | None, tiles: Mapping[str, Any] | None) -> None:
        if list(inputs) != ["input"]:
            raise RmtcError("RMTC_LAYOUT_MISMATCH", "The network takes one image, `input`.")
        image = inputs["input"]
        shape = image.shape
        fits = len(shape) == 4 and shape[1] == self.network.inputs and all(size >= 1 for size in shape)
        if image.dtype != "F32" or not fits or len(image.data) != 4 * math.prod(shape):
            message = f"`input` is {image.dtype} {shape}; F32 [n, {self.network.inputs}, h, w] is wanted."
            raise RmtcError("RMTC_LAYOUT_MISMATCH", message, subject="input")
        for index, name in enumerate(wanted or []):
            if name != "output":
                message = f"There is no output {name}."
                raise RmtcError("RMTC_OPTION_INVALID", message, pointer=f"/outputs/{index}")
        if tiles is not None:
            size, overlap = tiles.get("size"), tiles.get("overlap")
            if not (isinstance(size, int) and isinstance(overlap, int) and 0 <= overlap < size):
                raise RmtcError("RMTC_OPTION_INVALID", "Tiles must be larger than their overlap.", pointer="/tiles")

    def close(self) -> None:
        """The weights go with the instance."""


class PixelInfererExtension:
    role = "inferer"
    name = "rmtc-pixel-inferer"
    version = "0.1.0"
    contract = 1
    options_schema: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}

    def open(self, options: Any, base_folder: str) -> PixelInferer:
        check_options(self.options_schema, options, "")
        return PixelInferer()


if __name__ == "__main__":
    serve(PixelInfererExtension())
