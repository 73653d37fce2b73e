# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""A trainer for RMTC in Python's standard library: learns a function of each pixel by Adam.

    export default { trainer: { command: ["python3", "pixel_trainer.py"] } };
"""

from __future__ import annotations

import datetime
import json
import math
import os
import time
from array import array
from typing import Any, Callable, Iterator, Mapping

from exr_image import read_exr
from pixel_network import NAME, PixelNetwork, Planes, little_endian
from rmtc_wire import Call, RmtcError, Tensor, check_options, serve
from safetensors_file import MEDIA_TYPE, canonical, read_safetensors, write_safetensors

HYPERPARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "learningRate": {"type": "number", "minimum": 1e-9, "maximum": 10, "default": 0.02},
        "beta1": {"type": "number", "minimum": 0, "maximum": 0.999999, "default": 0.9},
        "beta2": {"type": "number", "minimum": 0, "maximum": 0.999999, "default": 0.999},
    },
}

LOSSES = ["l1", "l2", "bce"]
# Outputs of 0 and 1 count as this far from it, so that `bce` stays finite.
BCE_MARGIN = 1e-7
# News come about so often.
PAGE_SECONDS = 0.25
MAX_PAGE_STEPS = 100
# Pixels of a validation image that are computed at once.
VALIDATION_PIXELS = 1 << 14
SAFE_INTEGER = 2**53 - 1


class PixelTrainer:
    name = "pixel"
    capabilities = {"architectures": [NAME], "losses": LOSSES, "resume": True, "deterministic": True}

    def describe(self, call: Call, job: Mapping[str, Any]) -> dict[str, Any]:
        network = build_network(job)
        inputs, outputs = network.layouts()
        return {"parameterCount": network.parameter_count, "inputs": inputs, "outputs": outputs}

    def train(
        self, call: Call, job: Mapping[str, Any], plan: Callable[[Any], Any]
    ) -> Iterator[dict[str, Any]]:
        return Training(call, job, plan).events()

    def close(self) -> None:
        """Nothing is held between calls."""


class Training:
    """One training, from its job to its weights."""

    def __init__(self, call: Call, job: Mapping[str, Any], plan: Callable[[Any], Any]):
        self.call, self.job, self.plan = call, job, plan
        self.network = build_network(job)
        self.rates = check_options(HYPERPARAMETERS, job["hyperparameters"], "/hyperparameters")
        check_job(job)
        self.moments = [
            {name: array("f", bytes(4 * len(values))) for name, values in self.network.parameters.items()}
            for _ in range(2)
        ]
        self.consumed = bytearray(len(job["trainItems"]))
        self.step = 0
        self.sampler: Any = {}

    def events(self) -> Iterator[dict[str, Any]]:
        job = self.job
        self.start()
        self.items = [self.load_item(item) for item in job["trainItems"]]
        self.validation = [self.load_item(item) for item in job["validationItems"]]
        yield {"type": "started", "parameterCount": self.network.parameter_count, "fromStep": self.step}
        page = 1
        while self.step < job["steps"]:
            count = min(page, self.next_stop() - self.step)
            steps = self.ask_plan(count)
            began = time.monotonic()
            points: list[dict[str, Any]] = []
            for planned in steps:
                points += self.learn(planned)
            seconds = (time.monotonic() - began) / count
            page = max(1, min(MAX_PAGE_STEPS, round(PAGE_SECONDS / max(seconds, 1e-6))))
            yield {"type": "metrics", "points": points}
            if self.validation and self.is_due("validateEverySteps"):
                yield {"type": "metrics", "points": self.validate()}
            if self.is_due("checkpointEverySteps"):
                yield {"type": "checkpoint", "step": self.step, "file": self.save_checkpoint()}
        yield {
            "type": "weights",
            "step": self.step,
            "parameterCount": self.network.parameter_count,
            "file": self.save_weights(),
            "variants": [],
            "consumed": [item["key"] for item, read in zip(job["trainItems"], self.consumed) if read],
        }

    def start(self) -> None:
        job = self.job
        if job.get("resumeFrom") is not None:
            self.resume(job["resumeFrom"])
        elif job.get("initializeFrom") is not None:
            path = job["initializeFrom"]
            self.network.parameters = self.network.load(path, read_safetensors(path)[0])
        else:
            self.network.initialize(job["seed"])

    def resume(self, path: str) -> None:
        tensors, metadata = read_safetensors(path)
        try:
            state = json.loads(metadata["rmtc.checkpoint"])
            architecture, step, sampler = state["architecture"], state["step"], state["sampler"]
            if not isinstance(step, int) or step < 1:
                raise ValueError("its step is none")
        except (ValueError, KeyError, TypeError) as error:
            raise RmtcError("RMTC_FORMAT_INVALID", f"{path} is no checkpoint: {error}.", subject=path) from error
        if canonical(architecture) != canonical(self.network.architecture):
            raise RmtcError("RMTC_DIGEST_MISMATCH", f"{path} belongs to another architecture.", subject=path)
        if step > self.job["steps"]:
            raise RmtcError("RMTC_STATE_INVALID", f"{path} is at step {step}, after the job's last.", subject=path)
        consumed = tensors.get("sampler.consumed")
        if consumed is None or len(consumed.data) != len(self.consumed):
            raise RmtcError("RMTC_FORMAT_INVALID", f"{path} is a checkpoint of other items.", subject=path)
        self.network.parameters = self.network.load(path, tensors)
        self.moments = [self.network.load(path, tensors, prefix) for prefix in ("adam.first.", "adam.second.")]
        self.consumed = bytearray(consumed.data)
        self.step, self.sampler = step, sampler

    def load_item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Reads the channels that the job names, and no other pixels."""
        wanted = {slot: self.network.inputs for slot in self.job["inputs"]}
        wanted |= {term["target"]: self.network.outputs for term in self.job["losses"]}
        loaded: dict[str, Any] = {"key": item["key"]}
        planes: dict[str, list[array]] = {}
        for name, count in wanted.items():
            self.call.check()
            slot = item["slots"].get(name)
            if slot is None or len(slot["channels"]) != count:
                raise mismatch(item, f"needs {count} channels in the slot {name}")
            width, height, channels = read_exr(slot["path"], slot["channels"])
            if loaded.setdefault("size", (width, height)) != (width, height):
                raise mismatch(item, f"has slots that differ in size; {name} has {width}x{height} pixels")
            for channel, values in channels.items():
                check_finite(item, slot["path"], channel, values, width)
            planes[name] = [channels[channel] for channel in slot["channels"]]
        return {**loaded, "planes": planes}

    def ask_plan(self, count: int) -> list[dict[str, Any]]:
        items = [
            {"key": item["key"], "width": item["size"][0], "height": item["size"][1]} for item in self.items
        ]
        plan = self.plan({"items": items, "fromStep": self.step + 1, "stepCount": count})
        self.call.check()
        steps = plan["steps"]
        if [planned["step"] for planned in steps] != list(range(self.step + 1, self.step + 1 + count)):
            raise RmtcError("RMTC_STATE_INVALID", f"The plan has not the {count} steps from {self.step + 1}.")
        self.sampler = plan["state"]
        return steps

    def learn(self, planned: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Takes one step of Adam (Kingma and Ba, 2015) and returns its metrics."""
        self.call.check()
        samples = planned["samples"]
        for sample in samples:
            self.check_sample(sample, samples[0])
        inputs = self.batch(samples, next(iter(self.job["inputs"])), True)
        targets = {term["target"]: self.batch(samples, term["target"], False) for term in self.job["losses"]}
        outputs, hidden = self.network.forward(inputs)
        losses, slopes = self.losses(outputs, targets)
        total = sum(term["weight"] * losses[term["name"]] for term in self.job["losses"])
        # What is no 32-bit float can be learnt no more from than what is no number.
        if not math.isfinite(array("f", [total])[0]):
            raise RmtcError("RMTC_VALUE_INVALID", f"The loss of step {planned['step']} is {total}.")
        gradients = self.network.backward(inputs, hidden, outputs, slopes)
        self.step = planned["step"]
        self.update(gradients)
        for sample in samples:
            self.consumed[sample["item"]] = 1
        return points({**losses, "loss": total}, self.step)

    def update(self, gradients: Mapping[str, list[float]]) -> None:
        rate, beta1, beta2 = (self.rates[name] for name in ("learningRate", "beta1", "beta2"))
        scale1, scale2 = 1 - beta1**self.step, 1 - beta2**self.step
        for name, gradient in gradients.items():
            first, second = (moment[name] for moment in self.moments)
            values = self.network.parameters[name]
            for at, slope in enumerate(gradient):
                first[at] = beta1 * first[at] + (1 - beta1) * slope
                second[at] = beta2 * second[at] + (1 - beta2) * slope * slope
                values[at] -= rate * (first[at] / scale1) / (math.sqrt(second[at] / scale2) + 1e-8)

    def check_sample(self, sample: Mapping[str, Any], first: Mapping[str, Any]) -> None:
        crop, index = sample["crop"], sample["item"]
        size = (crop["width"], crop["height"])
        if index >= len(self.items) or size != (first["crop"]["width"], first["crop"]["height"]):
            raise RmtcError("RMTC_LAYOUT_MISMATCH", "The plan names an item that is not there, or crops of two sizes.")
        width, height = self.items[index]["size"]
        if crop["x"] + size[0] > width or crop["y"] + size[1] > height:
            raise mismatch(self.items[index], "is smaller than a crop of the plan")

    def batch(self, samples: list[Any], slot: str, is_input: bool) -> Planes:
        """Cuts a slot's crops out of the items, mirrored, and as inputs multiplied by their exposure."""
        planes: Planes = [[] for _ in self.items[samples[0]["item"]]["planes"][slot]]
        for sample in samples:
            item, crop = self.items[sample["item"]], sample["crop"]
            gain = 2 ** sample["exposureStops"] if is_input else 1
            rows = range(crop["y"], crop["y"] + crop["height"])
            for source, into in zip(item["planes"][slot], planes):
                for row in reversed(rows) if sample["flipY"] else rows:
                    start = row * item["size"][0] + crop["x"]
                    values = source[start : start + crop["width"]]
                    if sample["flipX"]:
                        values.reverse()
                    into.extend(values if gain == 1 else (gain * value for value in values))
        return planes

    def losses(self, outputs: Planes, targets: Mapping[str, Planes]) -> tuple[dict[str, float], Planes]:
        """Each loss term as the mean over all elements, and the slope of their weighted sum by the outputs."""
        count = sum(len(plane) for plane in outputs)
        slopes: Planes = [[0.0] * len(plane) for plane in outputs]
        means = {}
        for term in self.job["losses"]:
            total, weight = 0.0, term["weight"] / count
            for channel, (plane, target) in enumerate(zip(outputs, targets[term["target"]])):
                values, by_output = LOSS_FUNCTIONS[term["loss"]](plane, target)
                total += sum(values)
                slopes[channel] = [s + weight * d for s, d in zip(slopes[channel], by_output)]
            means[term["name"]] = total / count
        return means, slopes

    def validate(self) -> list[dict[str, Any]]:
        sums = {term["name"]: 0.0 for term in self.job["losses"]}
        count = 0
        slot = next(iter(self.job["inputs"]))
        for item in self.validation:
            size = item["size"][0] * item["size"][1]
            for start in range(0, size, VALIDATION_PIXELS):
                self.call.check()
                part = slice(start, start + VALIDATION_PIXELS)
                cut = {name: [list(plane[part]) for plane in planes] for name, planes in item["planes"].items()}
                outputs, _ = self.network.forward(cut[slot])
                losses, _ = self.losses(outputs, cut)
                pixels = len(outputs[0])
                count += pixels
                for name, value in losses.items():
                    sums[name] += value * pixels
        means = {name: value / count for name, value in sums.items()}
        total = sum(term["weight"] * means[term["name"]] for term in self.job["losses"])
        return points({f"validation.{name}": value for name, value in {**means, "loss": total}.items()}, self.step)

    def next_stop(self) -> int:
        """The next step at which something is due."""
        after = [(self.step // every + 1) * every for every in (self.job["checkpointEverySteps"], self.job["validateEverySteps"])]
        return min(self.job["steps"], *after)

    def is_due(self, every: str) -> bool:
        return self.step % self.job[every] == 0 or self.step == self.job["steps"]

    def parameter_tensors(self, values: Mapping[str, array], prefix: str = "") -> dict[str, Any]:
        return {
            f"{prefix}{name}": (
                Tensor("F32", self.network.shapes[name], little_endian(array("f", data)).tobytes()),
                self.network.axes(name),
            )
            for name, data in values.items()
        }

    def save_checkpoint(self) -> dict[str, str]:
        state = {
            "architecture": self.network.architecture,
            "step": self.step,
            "sampler": self.sampler,
            # Chance has drawn the first parameters and nothing since.
            "random": {"algorithm": "mt19937", "seed": self.job["seed"]},
        }
        tensors = self.parameter_tensors(self.network.parameters)
        tensors |= self.parameter_tensors(self.moments[0], "adam.first.")
        tensors |= self.parameter_tensors(self.moments[1], "adam.second.")
        tensors["sampler.consumed"] = (Tensor("U8", [len(self.consumed)], bytes(self.consumed)), ["x"])
        return self.save(f"checkpoint-{self.step}.safetensors", tensors, {"rmtc.checkpoint": canonical(state)})

    def save_weights(self) -> dict[str, str]:
        metadata = {"rmtc.architecture": canonical(self.network.architecture)}
        return self.save("weights.safetensors", self.parameter_tensors(self.network.parameters), metadata)

    def save(self, name: str, tensors: dict[str, Any], metadata: dict[str, str]) -> dict[str, str]:
        self.call.check()
        path = os.path.join(self.job["outputFolder"], name)
        write_safetensors(path, tensors, metadata)
        return {"path": path, "mediaType": MEDIA_TYPE}


def build_network(job: Mapping[str, Any]) -> PixelNetwork:
    """Refuses an architecture or hyper-parameters that are not to be had."""
    architecture = job["architecture"]
    if architecture["name"] != NAME:
        raise RmtcError(
            "RMTC_OPTION_INVALID",
            f"There is no architecture {architecture['name']}; there is {NAME}.",
            pointer="/architecture/name",
        )
    check_options(HYPERPARAMETERS, job["hyperparameters"], "/hyperparameters")
    return PixelNetwork(architecture["options"])


def check_job(job: Mapping[str, Any]) -> None:
    def fail(pointer: str, problem: str) -> None:
        raise RmtcError("RMTC_OPTION_INVALID", f"{pointer} {problem}.", pointer=pointer)

    for name, least in (("steps", 1), ("checkpointEverySteps", 1), ("validateEverySteps", 1), ("seed", 0)):
        value = job[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= SAFE_INTEGER:
            fail(f"/{name}", f"must be a whole number from {least}")
    if len(job["inputs"]) != 1 or list(job["inputs"].values()) != ["input"]:
        fail("/inputs", "must give one slot to the network's one input, `input`")
    if not job["trainItems"]:
        fail("/trainItems", "must have an item")
    names = [term["name"] for term in job["losses"]]
    if not names or len(set(names)) < len(names):
        fail("/losses", "must have terms that differ in name")
    if "loss" in names and (len(names) > 1 or job["losses"][0]["weight"] != 1):
        fail("/losses", "calls a term as the weighted sum of terms is called, `loss`")
    for index, term in enumerate(job["losses"]):
        if term["loss"] not in LOSSES:
            fail(f"/losses/{index}/loss", f"is none of {', '.join(LOSSES)}")
        if term["output"] != "output":
            fail(f"/losses/{index}/output", "is not the network's output, `output`")


def check_finite(item: Mapping[str, Any], path: str, channel: str, values: array, width: int) -> None:
    if all(map(math.isfinite, values)):
        return
    at = next(index for index, value in enumerate(values) if not math.isfinite(value))
    raise RmtcError(
        "RMTC_VALUE_INVALID",
        f"Item {item['key']}: {path} has {values[at]} in the channel {channel} at column {at % width} of row {at // width}.",
        subject=item["key"],
    )


def mismatch(item: Mapping[str, Any], problem: str) -> RmtcError:
    return RmtcError("RMTC_LAYOUT_MISMATCH", f"Item {item['key']} {problem}.", subject=item["key"])


def points(values: Mapping[str, float], step: int) -> list[dict[str, Any]]:
    at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [{"key": key, "step": step, "value": value, "at": at} for key, value in values.items()]


def l1(outputs: list[float], targets: list[float]) -> tuple[list[float], list[float]]:
    differences = [y - t for y, t in zip(outputs, targets)]
    return [abs(d) for d in differences], [(d > 0) - (d < 0) for d in differences]


def l2(outputs: list[float], targets: list[float]) -> tuple[list[float], list[float]]:
    differences = [y - t for y, t in zip(outputs, targets)]
    return [d * d for d in differences], [2 * d for d in differences]


def bce(outputs: list[float], targets: list[float]) -> tuple[list[float], list[float]]:
    inside = [min(max(y, BCE_MARGIN), 1 - BCE_MARGIN) for y in outputs]
    values = [-t * math.log(y) - (1 - t) * math.log(1 - y) for y, t in zip(inside, targets)]
    return values, [(1 - t) / (1 - y) - t / y for y, t in zip(inside, targets)]


LOSS_FUNCTIONS = {"l1": l1, "l2": l2, "bce": bce}


class PixelTrainerExtension:
    role = "trainer"
    name = "rmtc-pixel-trainer"
    version = "0.1.0"
    contract = 1
    options_schema: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}

    def open(self, options: Any, base_folder: str) -> PixelTrainer:
        check_options(self.options_schema, options, "")
        return PixelTrainer()


if __name__ == "__main__":
    serve(PixelTrainerExtension())
