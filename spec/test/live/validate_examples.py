# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Reads a mapping's example with the other standard's own library; exits with an error where it refuses it.

Usage: validate_examples.py <mapping> <example>
"""

import json
import pathlib
import sys


def openlineage(path):
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

    for event in json.loads(path.read_text())["events"]:
        event.pop("schemaURL")
        RunEvent(
            **{
                **event,
                "eventType": RunState[event["eventType"]],
                "run": Run(**event["run"]),
                "job": Job(**event["job"]),
                "inputs": [InputDataset(**given) for given in event["inputs"]],
                "outputs": [OutputDataset(**given) for given in event["outputs"]],
            }
        )


def slsa(path):
    from google.protobuf import json_format
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    text = path.read_text()
    Statement.copy_from_pb(json_format.Parse(text, statement_pb2.Statement())).validate()
    json_format.ParseDict(json.loads(text)["predicate"], provenance_pb2.Provenance())


def mlflow(path):
    from google.protobuf import json_format
    from mlflow.protos import service_pb2

    example = json.loads(path.read_text())
    json_format.ParseDict(example["run"], service_pb2.Run())
    json_format.ParseDict(example["experiment"], service_pb2.Experiment())
    json_format.ParseDict(example["model"], service_pb2.LoggedModel())


def opentimelineio(path):
    import opentimelineio as otio

    timeline = otio.adapters.read_from_file(str(path))
    clips = timeline.find_clips()
    assert [type(clip.media_reference).__name__ for clip in clips] == ["ImageSequenceReference"]
    assert json.loads(otio.adapters.write_to_string(timeline, "otio_json")) == json.loads(path.read_text())


def openassetio_mediacreation(path):
    from openassetio.trait import TraitsData

    known = traits_by_id()
    for held in json.loads(path.read_text())["entities"].values():
        data = TraitsData(set(held))
        for trait_id, properties in held.items():
            trait = known[trait_id](data)
            for name, value in properties.items():
                accessor = f"{name[0].upper()}{name[1:]}"
                # JSON has one type of number, a trait's property is an integer or a float.
                try:
                    getattr(trait, f"set{accessor}")(value)
                except TypeError:
                    getattr(trait, f"set{accessor}")(float(value))
                assert getattr(trait, f"get{accessor}")() == value


def traits_by_id():
    import importlib
    import pkgutil

    import openassetio_mediacreation.traits as package

    found = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        # A class with a version sorts after the deprecated one without, and takes its place.
        for _, trait in sorted(vars(importlib.import_module(module.name)).items()):
            if hasattr(trait, "kId"):
                found[trait.kId] = trait
    return found


def croissant(path):
    import mlcroissant

    issues = mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues
    assert not issues.errors, issues.errors


def c2pa(path):
    import io
    import subprocess
    import tempfile

    import c2pa as library

    with tempfile.TemporaryDirectory() as folder:
        made = make_certificates(pathlib.Path(folder), subprocess)
        signer = library.Signer.from_info(
            library.C2paSignerInfo(b"es256", made["chain"], made["key"], None)
        )
        pixel = bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
        )
        signed = io.BytesIO()
        library.Builder(path.read_text()).sign(signer, "image/png", io.BytesIO(pixel), signed)
        signed.seek(0)
        store = json.loads(library.Reader("image/png", signed).json())
        given = json.loads(path.read_text())
        manifest = store["manifests"][store["active_manifest"]]
        assert manifest["title"] == given["title"]
        assert {part["title"] for part in manifest["ingredients"]} == {part["title"] for part in given["ingredients"]}
        labels = {assertion["label"] for assertion in manifest["assertions"]}
        assert {assertion["label"] for assertion in given["assertions"]} <= labels, labels
        problems = {status["code"] for status in store.get("validation_status", [])}
        assert problems <= {"signingCredential.untrusted"}, problems


def make_certificates(folder, subprocess):
    """Makes a root and a leaf for one signature; only the leaf's key signs."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "leaf.ext").write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    for name in ("root", "leaf"):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
    openssl(
        *["req", "-x509", "-new", "-key", "root.key", "-subj", "/O=Acme/CN=Acme test root", "-days", "30"],
        *["-addext", "keyUsage=critical,keyCertSign", "-out", "root.pem"],
    )
    openssl("req", "-new", "-key", "leaf.key", "-subj", "/O=Acme/CN=Acme test leaf", "-out", "leaf.csr")
    openssl(
        *["x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"],
        *["-days", "30", "-extfile", "leaf.ext", "-out", "leaf.pem"],
    )
    chain = (folder / "leaf.pem").read_bytes() + (folder / "root.pem").read_bytes()
    return {"chain": chain, "key": (folder / "leaf.key").read_bytes()}


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](pathlib.Path(sys.argv[2]))
    print("accepted")
