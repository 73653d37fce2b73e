# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Prints spec/draft/vectors/small-floats.json: what ml_dtypes, the peer, says of floats of 8 and 16 bits.

Needs NumPy and ml_dtypes 0.5. A live test compares its output with the file.
"""

import json

import ml_dtypes
import numpy as np

TYPES = {
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "F8_E8M0": ml_dtypes.float8_e8m0fnu,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
}
DESCRIPTION = (
    "Floats of 8 and 16 bits, as ml_dtypes has them. `values` gives the value of each code from 0 to 255; codes that "
    "mean NaN are `NaN`. `float32` gives single floats as hexadecimal bits, and `codes` what each is rounded to, "
    "`NaN` standing for any code that means NaN. RMTC-TEN-010, RMTC-TEN-060, RMTC-TEN-062."
)


def shown(value):
    if np.isnan(value):
        return "NaN"
    return float(value) if np.isfinite(value) else f"{'-' if value < 0 else ''}Infinity"


def table(name):
    codes = np.arange(256, dtype=np.uint8).view(TYPES[name])
    return {
        "description": f"the value of every code of {name}",
        "dtype": name,
        "values": [shown(value) for value in codes.astype(np.float32)],
    }


def rounding(name):
    """The neighbourhoods of a spread of midpoints between two codes, and both ends of the range."""
    kind = TYPES[name]
    word = np.uint8 if np.dtype(kind).itemsize == 1 else np.uint16
    with np.errstate(all="ignore"):
        every = np.arange(np.iinfo(word).max + 1, dtype=word).view(kind).astype(np.float32)
        finite = np.unique(every[np.isfinite(every) & (every > 0)])
        step = max(1, len(finite) // 40)
        low, high = finite[:-1:step].astype(np.float64), finite[1::step].astype(np.float64)
        middles = ((low + high[: len(low)]) / 2).astype(np.float32)
        inputs = np.concatenate([middles, np.nextafter(middles, np.float32(0)), np.nextafter(middles, np.float32(np.inf))])
        top = finite[-1].astype(np.float64)
        ends = np.array([top, top * 1.03, top * 1.0625, top * 1.125, top * 1.5, 3e38, np.inf, np.nan, 1e-45])
        inputs = np.concatenate([inputs, ends.astype(np.float32)])
        if name == "F8_E8M0":
            # Below the normal numbers ml_dtypes rounds up too early; zero and signs are NaN there, not in RMTC.
            inputs = inputs[~(inputs < np.finfo(np.float32).tiny)]
        else:
            inputs = np.concatenate([inputs, -inputs, np.zeros(1, np.float32)])
        made = inputs.astype(kind)
        codes = made.view(word)
        nans = np.isnan(made.astype(np.float32))
    return {
        "description": f"rounding to {name}",
        "dtype": name,
        "float32": [f"{bits:08x}" for bits in inputs.view(np.uint32)],
        "codes": ["NaN" if nan else int(code) for code, nan in zip(codes, nans)],
    }


tests = [table(name) for name in TYPES if name.startswith("F8")] + [rounding(name) for name in TYPES]
lines = ",\n".join(f"    {json.dumps(test)}" for test in tests)
print(f'{{\n  "description": {json.dumps(DESCRIPTION)},\n  "tests": [\n{lines}\n  ]\n}}')
