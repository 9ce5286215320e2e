"""Approvals by mandate keys; who may approve what is proven by the hard cases."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from comity.kernel import canon
from comity.kernel.approvals import APPROVAL, PLACE, approval_message, require_approvals
from tests.kernel.world import digest, refused, signer

HEADER: dict[str, Any] = {
    "v": 1,
    "party": digest("party"),
    "doc": digest("doc"),
    "log": 1,
    "seq": 7,
    "dossier": digest("dossier"),
    "kind": "adopt",
    "n": 2,
    "prev": digest("prev"),
    "parents": [digest("parent")],
    "time": 1,
    "tlp": "green",
    "pap": "green",
    "footing": "formal",
    "body": {"text": digest("text")},
    "content": {"hash": digest("content")},
    "refs": [digest("what is adopted")],
}
MINISTER, DEPUTY = signer("minister"), signer("deputy")
MANDATES = frozenset({MINISTER.key, DEPUTY.key})


def header(**changed: Any) -> dict[str, Any]:
    """Return the header with other fields; None leaves one out."""
    return {name: value for name, value in (HEADER | changed).items() if value is not None}


def approval(name: str, **changed: Any) -> dict[str, Any]:
    key = signer(name)
    signature = key.sign(approval_message(header(**changed)))
    return {"key": key.key, "sig": base64.b64encode(signature).decode()}


def check(*approvals: Any, **changed: Any) -> None:
    found = header(**changed)
    require_approvals({**found, "body": {**found["body"], "approvals": [*approvals]}}, MANDATES)


def test_the_message_is_the_encoding_of_what_was_decided_without_approvals() -> None:
    message = approval_message(HEADER)
    assert message.startswith(b"DSSEv1 %d %b " % (len(APPROVAL), APPROVAL.encode()))
    assert message == approval_message(header(body=HEADER["body"] | {"approvals": [1]}))
    assert b"dossier" not in approval_message(header(dossier=None))


def test_every_field_of_a_header_is_its_place_or_approved() -> None:
    message = approval_message(header(realm="drill"))
    said = canon.parse(message[message.index(b"{") :])
    assert said.keys() | PLACE == HEADER.keys() | {"realm"}
    assert not said.keys() & PLACE


def respelt(line: dict[str, str]) -> dict[str, str]:
    """Return an approval whose signature sets bits that base64 does not use."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    sig = line["sig"]
    assert sig.endswith("==")
    return line | {"sig": f"{sig[:-3]}{digits[digits.index(sig[-3]) + 1]}=="}


def test_two_mandates_approve_together() -> None:
    check(approval("minister"))
    check(approval("deputy"), approval("minister"))


@pytest.mark.parametrize(
    "changed",
    [
        {"party": digest("other")},
        {"dossier": digest("other")},
        {"dossier": None},
        {"kind": "reject"},
        {"tlp": "clear"},
        {"pap": None},
        {"footing": "technical"},
        {"realm": "drill"},
        {"content": {"hash": digest("other")}},
        {"body": {"text": digest("other")}},
        {"refs": [digest("another thing to adopt")]},
    ],
)
def test_an_approval_of_something_else_is_refused_by_k16(changed: dict[str, Any]) -> None:
    with refused("K16", "does not verify"):
        check(approval("minister"), **changed)
    check(approval("minister", **changed), **changed)


@pytest.mark.parametrize("name", sorted(PLACE))
def test_an_approval_leaves_the_place_of_its_act_open(name: str) -> None:
    check(approval("minister"), **{name: None})


@pytest.mark.parametrize(
    ("approvals", "reason"),
    [
        ([], "array of 1 to 16"),
        ([approval("minister")] * 17, "array of 1 to 16"),
        ([5], "not an object"),
        ([approval("minister") | {"more": 1}], "unknown"),
        ([{"key": MINISTER.key}], "'sig'"),
        ([{"sig": "AAAA"}], "'key'"),
        ([approval("minister") | {"key": "rsa:"}], "not a mandate"),
        ([approval("stranger")], "not a mandate"),
        ([approval("minister")] * 2, "repeated"),
        ([approval("minister") | {"sig": "AAAA"}], "does not verify"),
        ([approval("minister") | {"sig": "A"}], "does not verify"),
        ([approval("minister") | {"sig": "é"}], "does not verify"),
        ([respelt(approval("minister"))], "one spelling"),
    ],
)
def test_an_approval_out_of_form_is_refused_by_k16(approvals: list[Any], reason: str) -> None:
    with refused("K16", reason):
        check(*approvals)
