"""The examples of the specification are current, and the independent verifier takes them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from comity.kernel import act, blob, bundle, checkpoint, cover, dsse, exhibit, kinds, policy
from comity.kernel.content import Part
from comity.kernel.dossier import Dossier
from comity.kernel.errors import RULES
from comity.kernel.ids import Id
from tests.kernel.world import documents_of
from tools import examples, verify_evidence

TEXT = examples.PAGE.read_text(encoding="utf-8")
WRITTEN = examples.PART.sub("", TEXT)
"""What a person wrote of the page."""


def read(name: str) -> Any:
    """Return the JSON of an example."""
    return json.loads((examples.FOLDER / name).read_bytes())


@pytest.fixture(scope="module")
def story() -> examples.Examples:
    made = examples.Examples()
    assert made.evidence()
    return made


def test_the_examples_are_current() -> None:
    assert examples.stale() == []


def test_a_stale_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in examples.files().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "act.json").write_bytes(b"{}")
    (tmp_path / "left-over.json").write_bytes(b"{}")
    page = tmp_path.with_suffix(".md")
    page.write_text(TEXT.replace("fingerprint  ", "fingerprint  9"), encoding="utf-8")
    monkeypatch.setattr(examples, "FOLDER", tmp_path)
    monkeypatch.setattr(examples, "PAGE", page)
    assert examples.stale() == ["act.json", "left-over.json", page.name]
    monkeypatch.setattr("sys.argv", ["examples", "--check"])
    assert examples.main() == 1
    monkeypatch.setattr("sys.argv", ["examples"])
    assert examples.main() == 0
    assert examples.stale() == ["left-over.json"]


def test_every_part_of_the_page_is_named_once() -> None:
    names = examples.part_names(TEXT)
    assert len(names) == len(set(names)) > 15
    assert TEXT.count("<!-- end -->") == len(names)


def test_every_rule_of_the_kernel_and_the_log_is_explained() -> None:
    named = set(re.findall(r"\b[KW][0-9]+\b", WRITTEN))
    assert named >= {rule for rule in RULES if rule[0] in "KW"}
    assert named <= set(RULES)


def test_every_field_and_code_is_explained() -> None:
    value = json.loads(examples.Examples().act.envelope.payload)
    names = set(value) | act._REQUIRED | act._OPTIONAL
    names |= {*cover.CoverKind, *kinds.KERNEL_KINDS - {"charter"}, *kinds.GROWTH, *kinds.REASONS}
    names |= set(read("bundle.json")) | set(json.loads(body_of("root.json")))
    assert {name for name in names if f"`{name}" not in WRITTEN} == set()


def body_of(name: str) -> bytes:
    """Return the payload of the envelope in an example."""
    return base64.b64decode(read(name)["payload"])


# By the independent verifier.


def test_the_evidence_verifies(
    story: examples.Examples, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(examples.FOLDER / "evidence.json")
    known = ["--party", story.orvanda.id, "--party", story.tolmere.id]
    assert verify_evidence.main([path, *known, "--witness", story.council.id, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["footing"] == "without_prejudice"
    assert said["proven_time"] == examples.COSIGNED * 1000
    assert verify_evidence.main([path]) == 3


def test_the_command_of_the_page_verifies_the_evidence() -> None:
    command = re.search(r"```\n(tools/verify_evidence\.py .*?)\n```", TEXT, re.DOTALL)
    assert command
    program, path, *args = command[1].replace("\\\n", " ").split()
    root = examples.PAGE.parents[2]
    assert root / program == Path(verify_evidence.__file__)
    assert verify_evidence.main([str(root / path), *args]) == 0


def test_the_evidence_holds_the_examples_of_statements() -> None:
    file = read("evidence.json")
    shown = [each["envelope"] for each in file["statements"]]
    names = ("charter.json", "act.json", "receipt.json", "node.json")
    assert shown == [read(name) for name in names]
    assert file["documents"][0] == read("root.json")
    proofs = [each["proof"] for each in file["statements"] if "proof" in each]
    assert proofs == [(examples.FOLDER / "proof.txt").read_text(encoding="utf-8")]
    assert proofs[0].endswith((examples.FOLDER / "checkpoint.txt").read_text(encoding="utf-8"))


def test_the_succession_follows_the_root_document() -> None:
    case = verify_evidence.Case((examples.FOLDER / "evidence.json").read_bytes())
    case.document(verify_evidence.envelope(read("succession.json")))
    newest = case.latest[json.loads(body_of("act.json"))["party"]]
    assert newest["version"] == (1, 1)
    assert newest["logs"][1]["closed"]["kept"][0]["seq"] == 19


@pytest.mark.parametrize("number", range(len(examples.CASES)))
def test_both_programs_agree_on_the_profile(number: int) -> None:
    case = read("profile.json")[number]
    assert case["accepted"] == (case["why"] == "accepted")
    assert case["accepted"] == taken(case["payload"].encode("utf-8", "surrogatepass"))


def taken(data: bytes) -> bool:
    """Say whether the independent verifier takes a payload, which must have `v` for it."""
    begin = b'{"v":1}' if data == b"{}" else data[:-1] + b',"v":1}'
    try:
        verify_evidence.profile(verify_evidence.load(begin, "K2"))
    except (verify_evidence.FailsError, TypeError, ValueError):
        return False
    return True


# By arithmetic.


def test_the_parts_are_what_the_act_commits_to(story: examples.Examples) -> None:
    leaves = []
    for part in read("parts.json"):
        raw = bytes.fromhex(part["salt"]) + part["data"].encode()
        leaves.append(hashlib.sha256(b"\x00" + raw).digest())
        assert part["leaf"] == leaves[-1].hex()
    root = hashlib.sha256(b"\x01" + b"".join(leaves)).hexdigest()
    assert json.loads(body_of("act.json"))["content"]["hash"] == root
    assert f"hash       {root}" in TEXT
    assert story.act.header.content.hash == root


def test_the_digest_is_that_of_a_dossier_with_its_charter(story: examples.Examples) -> None:
    opaque = Dossier(story.charter, documents_of(story.orvanda), None)
    assert f"digest  {opaque.digest()}" in TEXT


def test_keys_are_made_as_the_page_says(story: examples.Examples) -> None:
    seed = hashlib.sha256(b"Orvanda act 1").digest()
    assert story.orvanda.signer("act").seed == seed
    assert seed.hex() in TEXT


def test_the_object_file_leads_to_the_act_of_its_origin(story: examples.Examples) -> None:
    file = read("object.json")
    data, salt = base64.b64decode(file["data"]), base64.b64decode(file["salt"])
    assert json.loads(data) == examples.OBJECTS[1]
    leaf = hashlib.sha256(b"\x00" + salt + data).digest()
    roots = []
    for came in file["provenance"]["came"]:
        pair, at = [base64.b64decode(came["hashes"])], came["parts"][0][2]
        pair.insert(at, leaf)
        roots.append(hashlib.sha256(b"\x01" + b"".join(pair)).hexdigest())
    acts = [
        json.loads(base64.b64decode(came["envelope"]["payload"]))
        for came in file["provenance"]["came"]
    ]
    assert [act["content"]["hash"] for act in acts] == roots
    assert [act["party"] for act in acts] == [story.orvanda.id, story.tolmere.id]


# By the product.


def test_the_object_file_is_verified_by_the_product() -> None:
    found = exhibit.parse((examples.FOLDER / "object.json").read_bytes()).verify()
    assert [act.header.kind for act in found.acts] == ["publish", "forward"]


def test_the_policy_is_satisfied_by_the_checkpoint(story: examples.Examples) -> None:
    rules = policy.parse((examples.FOLDER / "policy.txt").read_bytes())
    cosigned = checkpoint.parse((examples.FOLDER / "checkpoint.txt").read_bytes())
    checkpoint.verify_log(cosigned, *rules.logs)
    found = checkpoint.verify_cosignatures(cosigned, rules.cosigners)
    assert policy.satisfied_time(rules, found) == examples.COSIGNED
    assert checkpoint.parse_witness_name(found[0].cosigner.name) == (story.council.id, 1)


def test_the_cover_is_signed_by_its_sender(story: examples.Examples) -> None:
    data = (examples.FOLDER / "cover.txt").read_bytes()
    split = cover.split(data)
    assert split
    line, begin = split
    signed = cover.parse(line)
    cover.verify(signed, story.tolmere.keys(1).act)
    assert data[begin:] == b""


def test_the_bundle_holds_the_acts(story: examples.Examples) -> None:
    read_ = bundle.parse((examples.FOLDER / "bundle.json").read_bytes())
    assert [each.act.id for each in read_.acts] == [story.charter.id, story.act.id]


def test_the_blob_opens_with_its_key(story: examples.Examples) -> None:
    value = read("blob.json")
    ref = blob.BlobRef.from_object(value["ref"])
    parts: list[Part] = blob.decrypt(ref, base64.b64decode(value["ciphertext"]))
    assert parts == story.parts


def test_the_sealed_message_opens_with_its_key(story: examples.Examples) -> None:
    kept = read("sealed.json")
    assert story.opened(kept) == kept["plaintext"].encode()
    assert story.opened({}) == b""
    assert story.opened(kept | {"ciphertext": "AAAA"}) == b""


def test_a_sealed_message_that_does_not_open_is_made_again(
    story: examples.Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "FOLDER", tmp_path)
    made = story.sealed()
    assert story.opened(json.loads(made)) == b"Nothing to report."
    (tmp_path / "sealed.json").write_bytes(b"{}")
    assert story.sealed() != made


def test_the_envelopes_are_read_by_the_product() -> None:
    for name in ("root.json", "succession.json", "node.json", "charter.json", "receipt.json"):
        data = (examples.FOLDER / name).read_bytes()
        envelope = dsse.parse(data, limit=256 * 1024)
        assert Id(envelope.id) in TEXT or name == "receipt.json"
