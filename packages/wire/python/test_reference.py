# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Tests of the reference: python3 -m unittest, in this folder."""

import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from array import array

from exr_image import read_exr
from pixel_network import PixelNetwork
from pixel_trainer import bce, l1, l2
from rmtc_wire import RmtcError, Tensor
from safetensors_file import read_safetensors, write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))


class SafetensorsTest(unittest.TestCase):
    def test_gives_back_what_was_written_and_refuses_every_truncation(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.safetensors")
            data = array("f", [1, 2, 3, 4]).tobytes()
            tensors = {"w": (Tensor("F32", [2, 2], data), ["o", "i"]), "u": (Tensor("U8", [3], b"abc"), ["x"])}
            write_safetensors(path, tensors, {"note": "hello"})
            read, metadata = read_safetensors(path)
            self.assertEqual(bytes(read["w"].data), data)
            self.assertEqual(bytes(read["u"].data), b"abc")
            self.assertEqual(metadata["note"], "hello")
            with open(path, "rb") as file:
                whole = file.read()
            for length in (0, 7, 8, 100, len(whole) - 1):
                with open(path, "wb") as file:
                    file.write(whole[:length])
                with self.assertRaises(RmtcError) as caught:
                    read_safetensors(path)
                self.assertEqual(caught.exception.document["code"], "RMTC_FORMAT_INVALID")


class ExrTest(unittest.TestCase):
    def test_reads_half_and_float_stored_plain_and_by_zip_and_refuses_damage(self):
        width, height = 5, 18
        with tempfile.TemporaryDirectory() as folder:
            for compression in (0, 2, 3):
                path = os.path.join(folder, f"{compression}.exr")
                whole = exr(width, height, compression)
                with open(path, "wb") as file:
                    file.write(whole)
                size = read_exr(path, ["R", "G"])
                self.assertEqual(size[:2], (width, height))
                for at in range(width * height):
                    self.assertEqual(size[2]["R"][at], at / 4)
                    self.assertEqual(size[2]["G"][at], at / 8)
                for length in (3, 50, len(whole) // 2, len(whole) - 1):
                    with open(path, "wb") as file:
                        file.write(whole[:length])
                    with self.assertRaises(RmtcError) as caught:
                        read_exr(path, ["R"])
                    self.assertEqual(caught.exception.document["code"], "RMTC_FORMAT_INVALID")


class NetworkTest(unittest.TestCase):
    def test_gradients_are_those_of_small_differences(self):
        for hidden in (0, 3):
            for activation in ("none", "sigmoid"):
                for loss in (l1, l2, bce) if activation == "sigmoid" else (l1, l2):
                    self.compare({"inputs": 2, "outputs": 2, "hidden": hidden, "activation": activation}, loss)

    def compare(self, options, loss):
        network = PixelNetwork(options)
        network.initialize(5)
        inputs = [[0.1, 0.7, -0.3], [0.9, -0.2, 0.4]]
        targets = [[0.2, 0.9, 0.5], [0.6, 0.1, 0.3]]

        def total():
            outputs, _ = network.forward(inputs)
            return sum(sum(loss(plane, target)[0]) for plane, target in zip(outputs, targets))

        outputs, hidden = network.forward(inputs)
        slopes = [loss(plane, target)[1] for plane, target in zip(outputs, targets)]
        gradients = network.backward(inputs, hidden, outputs, slopes)
        for name, values in network.parameters.items():
            for at, value in enumerate(values):
                step = 2.0**-9
                values[at] = value + step
                upper, above = total(), values[at]
                values[at] = value - step
                measured = (upper - total()) / (above - values[at])
                values[at] = value
                self.assertTrue(math.isclose(measured, gradients[name][at], rel_tol=2e-2, abs_tol=2e-3), (options, name))


class WireTest(unittest.TestCase):
    def test_shakes_hands_refuses_and_ends_with_its_input(self):
        program = [sys.executable, "-B", os.path.join(HERE, "pixel_trainer.py")]
        guest = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        job = {"architecture": {"name": "pixel", "options": {"deep": 1}}, "hyperparameters": {}}
        with tempfile.TemporaryDirectory() as folder:
            hello = {"protocol": {"min": 1, "max": 1}, "host": {"name": "t", "version": "1"}, "folder": folder}
            self.assertEqual(ask(guest, 1, "initialize", hello)["result"]["extensions"][0]["role"], "trainer")
            opened = ask(guest, 2, "open", {"role": "trainer", "options": {}, "baseFolder": folder})
            instance = opened["result"]["instance"]
            refused = ask(guest, 3, "trainer/describe", {"instance": instance, "job": job})
            self.assertEqual(refused["error"]["data"]["code"], "RMTC_OPTION_INVALID")
            self.assertEqual(refused["error"]["data"]["pointer"], "/architecture/options/deep")
            self.assertEqual(ask(guest, 4, "trainer/dream", {"instance": instance})["error"]["code"], -32601)
            self.assertIsNone(ask(guest, 5, "close", {"instance": instance})["result"])
            guest.stdin.close()
            self.assertEqual(guest.wait(5), 0)
            guest.stdout.close()


def ask(guest, number, method, params):
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    guest.stdin.write(json.dumps(message).encode() + b"\n")
    guest.stdin.flush()
    return json.loads(guest.stdout.readline())


def exr(width, height, compression):
    """An image whose half channel R is place / 4 and whose float channel G is place / 8."""

    def attribute(name, kind, value):
        return name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value

    channels = b"".join(name + b"\0" + struct.pack("<4i", kind, 0, 1, 1) for name, kind in ((b"G", 2), (b"R", 1)))
    header = b"\x76\x2f\x31\x01" + struct.pack("<I", 2)
    header += attribute(b"channels", b"chlist", channels + b"\0")
    header += attribute(b"compression", b"compression", bytes([compression]))
    header += attribute(b"dataWindow", b"box2i", struct.pack("<4i", 0, 0, width - 1, height - 1)) + b"\0"
    lines = {0: 1, 2: 1, 3: 16}[compression]
    chunks = []
    for first in range(0, height, lines):
        rows = b""
        for row in range(first, min(first + lines, height)):
            places = range(row * width, (row + 1) * width)
            rows += struct.pack(f"<{width}f", *(at / 8 for at in places))
            rows += struct.pack(f"<{width}e", *(at / 4 for at in places))
        if compression:
            ordered = rows[0::2] + rows[1::2]
            packed = bytes([ordered[0]]) + bytes((b - a + 128) & 255 for a, b in zip(ordered, ordered[1:]))
            packed = zlib.compress(packed)
            rows = packed if len(packed) < len(rows) else rows
        chunks.append(struct.pack("<ii", first, len(rows)) + rows)
    offset = len(header) + 8 * len(chunks)
    table = b""
    for chunk in chunks:
        table += struct.pack("<Q", offset)
        offset += len(chunk)
    return header + table + b"".join(chunks)


if __name__ == "__main__":
    unittest.main()
