# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""OpenImageIO on one thread, for bench/exr.ts.

Reads lines "read PATH" and "write PATH COMPRESSION" and answers each with the milliseconds it took; what it
writes is what it read last.
"""

import os
import sys
import time

import OpenImageIO as oiio

oiio.attribute("threads", 1)
oiio.attribute("exr_threads", -1)
pixels = None


def read(path):
    source = oiio.ImageInput.open(path)
    spec = source.spec()
    result = source.read_image(0, 0, 0, spec.nchannels, "half")
    source.close()
    return result


def write(path, compression):
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, "half")
    spec.attribute("compression", compression)
    target = oiio.ImageOutput.create(path)
    target.open(path, spec)
    target.write_image(pixels)
    target.close()
    # Ours is synced before it is renamed into place.
    with open(path, "rb") as file:
        os.fsync(file.fileno())


print("ready", flush=True)
for line in sys.stdin:
    command, *arguments = line.split()
    started = time.perf_counter()
    if command == "read":
        pixels = read(*arguments)
    else:
        write(*arguments)
    print((time.perf_counter() - started) * 1000, flush=True)
