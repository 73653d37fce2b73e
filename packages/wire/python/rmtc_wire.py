# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""The guest's side of RMTC's wire protocol: serves extensions over standard input and output.

Standard library only, Python 3.11 or later. See spec/draft/wire.md.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import sys
import threading
from typing import Any, Callable, Iterator, Mapping, Protocol

PROTOCOL = 1
LINE_BYTES = 16 * 1024 * 1024
ALIGNMENT = 64

ELEMENT_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2,
    "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}


class RmtcError(Exception):
    """A failure with a code of spec/draft/errors.md."""

    def __init__(self, code: str, message: str, *, subject: str | None = None, pointer: str | None = None):
        super().__init__(message)
        self.document = {"code": code, "message": message}
        if subject is not None:
            self.document["subject"] = subject
        if pointer is not None:
            self.document["pointer"] = pointer


class RpcError(Exception):
    """A failure of the protocol itself."""

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class Cancelled(Exception):
    """The host does not want the answer any more."""


class Tensor:
    """Elements in row-major order, little-endian."""

    def __init__(self, dtype: str, shape: list[int], data: Any):
        self.dtype = dtype
        self.shape = shape
        self.data = data


class Extension(Protocol):
    """One role under one name."""

    role: str
    name: str
    version: str
    contract: int
    options_schema: Mapping[str, Any]

    def open(self, options: Mapping[str, Any], base_folder: str) -> Any:
        """Returns an instance: `name`, `capabilities`, `close()` and one method for each of its role's."""


class Call:
    """What a method is given beside its parameters."""

    def __init__(self, session: Session):
        self._session = session
        self._cancelled = threading.Event()

    def check(self) -> None:
        """Ends the work when the host has cancelled it: to be called often."""
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        self._cancelled.set()

    def callback(self, lent: Mapping[str, int], params: Mapping[str, Any]) -> Any:
        """Calls a function that the host lends, and waits for its result."""
        return self._session.request("callback", {"callback": lent["callback"], "params": params}, self)


class Session:
    """One conversation with the host that started this process."""

    def __init__(self, extensions: list[Extension], source: Any, sink: Any):
        self._extensions = extensions
        self._source = source
        self._sink = sink
        self._write_lock = threading.Lock()
        self._lock = threading.Lock()
        self._last = 0
        self._instances: dict[int, tuple[str, Any]] = {}
        self._streams: dict[int, tuple[Iterator[Any], Call, threading.Lock]] = {}
        self._calls: dict[int, Call] = {}
        self._answers: dict[int, tuple[threading.Event, list[Any]]] = {}
        self._folder: str | None = None
        self._line_bytes = LINE_BYTES

    def run(self) -> None:
        """Serves until the host ends the input."""
        for line in self._source:
            message = json.loads(line, parse_constant=_refuse_constant)
            if "method" not in message:
                self._take_answer(message)
            elif "id" in message:
                self._start(message)
            elif message["method"] == "cancel":
                call = self._calls.get(message["params"].get("id"))
                if call is not None:
                    call.cancel()
        # The host closes every instance before it ends the input, unless it has died.
        if self._instances and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def request(self, method: str, params: Mapping[str, Any], call: Call) -> Any:
        """Sends a request to the host and waits for its result."""
        answered, answer = threading.Event(), []
        number = self._number()
        self._answers[number] = (answered, answer)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while not answered.wait(0.05):
            if call._cancelled.is_set():
                self._send({"jsonrpc": "2.0", "method": "cancel", "params": {"id": number}})
                raise Cancelled
        message = answer[0]
        if "error" not in message:
            return message["result"]
        document = message["error"].get("data")
        if document is None:
            raise RuntimeError(message["error"]["message"])
        raise RmtcError(
            document["code"], document["message"],
            subject=document.get("subject"), pointer=document.get("pointer"),
        )

    def _take_answer(self, message: Mapping[str, Any]) -> None:
        waiting = self._answers.pop(message["id"], None)
        if waiting is not None:
            answered, answer = waiting
            answer.append(message)
            answered.set()

    def _start(self, message: Mapping[str, Any]) -> None:
        call = Call(self)
        self._calls[message["id"]] = call
        threading.Thread(target=self._answer, args=(message, call), daemon=True).start()

    def _answer(self, message: Mapping[str, Any], call: Call) -> None:
        number = message["id"]
        try:
            result = self._serve(message["method"], message.get("params", {}), call)
            answer = {"jsonrpc": "2.0", "id": number, "result": result}
            line = _line(answer)
            if len(line) > self._line_bytes:
                raise RmtcError("RMTC_LIMIT_EXCEEDED", f"The result takes {len(line)} bytes. Ask for less at once.")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the host has to be answered
            line = _line({"jsonrpc": "2.0", "id": number, "error": _failure(error)})
        self._calls.pop(number, None)
        self._write(line)

    def _serve(self, method: str, params: Mapping[str, Any], call: Call) -> Any:
        if method == "initialize":
            return self._initialize(params)
        if self._folder is None:
            raise RpcError(-32600, "The first request must be initialize.")
        if method == "open":
            return self._open(params)
        if method == "close":
            _, instance = self._instances.pop(params["instance"], (None, None))
            if instance is not None:
                instance.close()
            return None
        if method == "next":
            return self._next(params["stream"], call)
        if method == "end":
            return self._end(params["stream"])
        return self._call(method, params, call)

    def _initialize(self, params: Mapping[str, Any]) -> Any:
        protocol = params["protocol"]
        if not protocol["min"] <= PROTOCOL <= protocol["max"]:
            raise RmtcError("RMTC_EXTENSION_INVALID", f"This guest speaks version {PROTOCOL} of the protocol.")
        self._folder = params["folder"]
        self._line_bytes = params.get("limits", {}).get("lineBytes", LINE_BYTES)
        return {
            "protocol": PROTOCOL,
            "extensions": [
                {
                    "role": extension.role,
                    "name": extension.name,
                    "version": extension.version,
                    "contract": extension.contract,
                    "optionsSchema": extension.options_schema,
                }
                for extension in self._extensions
            ],
        }

    def _open(self, params: Mapping[str, Any]) -> Any:
        for extension in self._extensions:
            if extension.role == params["role"]:
                instance = extension.open(params.get("options", {}), params["baseFolder"])
                handle = self._register(extension.role, instance)
                return {"instance": handle, "name": instance.name, "capabilities": instance.capabilities}
        raise RmtcError("RMTC_EXTENSION_INVALID", f"This guest serves no {params['role']}.", pointer="/role")

    def _register(self, kind: str, instance: Any) -> int:
        handle = self._number()
        self._instances[handle] = (kind, instance)
        return handle

    def _call(self, method: str, params: Mapping[str, Any], call: Call) -> Any:
        served = METHODS.get(method)
        if served is None:
            raise RpcError(-32601, f"There is no method {method}.")
        kind, instance = self._instances.get(params.get("instance"), (None, None))
        if kind != method.split("/")[0]:
            raise RpcError(-32602, f"{params.get('instance')} names no open {method.split('/')[0]}.")
        return served(self, instance, params, call)

    def stream(self, values: Iterator[Any], call: Call) -> Any:
        handle = self._number()
        self._streams[handle] = (values, call, threading.Lock())
        return {"stream": handle}

    def _next(self, handle: int, call: Call) -> Any:
        values, opener, lock = self._streams.get(handle, (iter(()), call, threading.Lock()))
        # A cancelled `next` cancels what makes the values.
        call.cancel = opener.cancel
        if call._cancelled.is_set():
            opener.cancel()
        with lock:
            try:
                return {"done": False, "value": next(values)}
            except StopIteration:
                self._streams.pop(handle, None)
                return {"done": True}
            except BaseException:
                self._streams.pop(handle, None)
                raise

    def _end(self, handle: int) -> None:
        values, opener, lock = self._streams.pop(handle, (None, None, None))
        if values is not None:
            opener.cancel()
            with lock:
                getattr(values, "close", lambda: None)()

    def read_tensors(self, places: Mapping[str, Any]) -> dict[str, Tensor]:
        """Maps the tensors that the host wrote. They are the guest's until the request is answered."""
        tensors = {}
        for name, place in places.items():
            data: Any = b""
            if place["length"] > 0:
                with open(os.path.join(self._folder, place["file"]), "rb") as file:
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                data = memoryview(mapped)[place["offset"] : place["offset"] + place["length"]]
            tensors[name] = Tensor(place["dtype"], place["shape"], data)
        return tensors

    def write_tensors(self, name: str, tensors: Mapping[str, Tensor]) -> Any:
        """Writes tensors into the file that the host named for them."""
        places: dict[str, Any] = {}
        descriptor = os.open(os.path.join(self._folder, name), os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            offset = 0
            for key, tensor in tensors.items():
                file.seek(offset)
                length = file.write(tensor.data)
                places[key] = {
                    "dtype": tensor.dtype, "shape": tensor.shape,
                    "file": name, "offset": offset, "length": length,
                }
                offset = -(-(offset + length) // ALIGNMENT) * ALIGNMENT
        return places

    def open_weights(self, inferer: Any, params: Mapping[str, Any], call: Call) -> Any:
        inferable = inferer.open(call, params["request"])
        return {
            "instance": self._register("inferable", inferable),
            "capabilities": inferable.capabilities,
            "inputs": inferable.inputs,
            "outputs": inferable.outputs,
        }

    def run_network(self, inferable: Any, params: Mapping[str, Any], call: Call) -> Any:
        request = params["request"]
        inputs = self.read_tensors(request["inputs"])
        outputs = inferable.run(call, inputs, request.get("outputs"), request.get("tiles"))
        return {"outputs": self.write_tensors(params["outputFile"], outputs)}

    def _number(self) -> int:
        with self._lock:
            self._last += 1
            return self._last

    def _send(self, message: Mapping[str, Any]) -> None:
        self._write(_line(message))

    def _write(self, line: bytes) -> None:
        with self._write_lock:
            self._sink.write(line)
            self._sink.flush()


Method = Callable[[Session, Any, Mapping[str, Any], Call], Any]

METHODS: Mapping[str, Method] = {
    "trainer/describe": lambda session, trainer, params, call: trainer.describe(call, params["job"]),
    "trainer/train": lambda session, trainer, params, call: session.stream(
        trainer.train(call, params["job"], lambda request: call.callback(params["plan"], request)), call
    ),
    "inferer/open": lambda session, inferer, params, call: session.open_weights(inferer, params, call),
    "inferable/run": lambda session, inferable, params, call: session.run_network(inferable, params, call),
}


def serve(*extensions: Extension) -> None:
    """Serves extensions, each of another role, and ends the process when the host ends the input."""
    # Whatever a library prints must not reach the protocol's output.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        Session(list(extensions), sys.stdin.buffer, sink).run()
    finally:
        # Threads that still compute must not keep the process.
        os._exit(0)


def check_options(schema: Mapping[str, Any], value: Any, pointer: str) -> dict[str, Any]:
    """Checks options against the part of JSON Schema that this reference uses, and fills in defaults."""

    def fail(name: str, problem: str) -> None:
        raise RmtcError("RMTC_OPTION_INVALID", f"{pointer}{name} {problem}.", pointer=f"{pointer}{name}")

    properties = schema["properties"]
    if not isinstance(value, dict):
        fail("", "is no object")
    for name in value:
        if name not in properties:
            fail("/" + name.replace("~", "~0").replace("/", "~1"), "is not known")
    checked = {}
    for name, rule in properties.items():
        given = value.get(name, rule["default"])
        number = (int,) if rule.get("type") == "integer" else (int, float)
        if "enum" in rule:
            if given not in rule["enum"]:
                fail(f"/{name}", f"is none of {', '.join(rule['enum'])}")
        elif isinstance(given, bool) or not isinstance(given, number):
            fail(f"/{name}", f"is no {rule['type']}")
        elif not rule["minimum"] <= given <= rule["maximum"]:
            fail(f"/{name}", f"must be {rule['minimum']} to {rule['maximum']}")
        checked[name] = given
    return checked


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def _failure(error: BaseException) -> dict[str, Any]:
    if isinstance(error, RmtcError):
        return {"code": -32000, "message": str(error), "data": error.document}
    if isinstance(error, Cancelled):
        return {"code": -32800, "message": "The request was cancelled."}
    if isinstance(error, RpcError):
        return {"code": error.code, "message": str(error)}
    return {"code": -32603, "message": f"{type(error).__name__}: {error}"}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
