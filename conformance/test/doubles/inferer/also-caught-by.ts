// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** For each double, every case that catches it beside the one that it breaks. */
export const alsoCaughtBy: Readonly<Record<string, readonly string[]>> = {
  "takes-cut-files-for-old-ones": ["inferer.onnx.layout"],
  "tells-sizes-it-does-not-know": ["inferer.onnx.layout"],
  "gives-bytes-backwards": [
    "inferer.calls.wait",
    "inferer.padding.edges",
    "inferer.run.every-output",
    "inferer.run.view",
    "inferer.tiles.aligned",
    "inferer.tiles.exact",
    "inferer.tiles.whole-refused",
  ],
  "takes-the-first-image's-size": ["inferer.run.every-output"],
  "mixes-outputs-up": ["inferer.run.named-outputs"],
  "adds-noise": ["inferer.calls.wait", "inferer.concurrent.run", "inferer.run.named-outputs"],
  "aborts-them-all": ["inferer.aborted.run"],
  "tells-a-closed-call-that-it-failed": ["inferer.closed.run", "inferer.crash.changed"],
  "works-closed-run": ["inferer.calls.closed", "inferer.crash.changed"],
  "ignores-signal-run": ["inferer.calls.abort-one"],
  "works-alone-run": ["inferer.calls.abort-one", "inferer.calls.wait", "inferer.crash.call"],
  "closes-once": ["inferer.closed.open", "inferer.closed.run"],
};
