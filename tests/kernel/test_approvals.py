"""Approvals by mandate keys; who may approve what is proven by the hard cases."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from comity.kernel.approvals import APPROVAL, approval_message, require_approvals
from tests.kernel.world import digest, refused, signer

HEAD: dict[str, Any] = {
    "party": digest("party"),
    "dossier": digest("dossier"),
    "kind": "adopt",
    "content": {"hash": digest("content")},
}
BODY: dict[str, Any] = {"text": digest("text")}
MINISTER, DEPUTY = signer("minister"), signer("deputy")
MANDATES = frozenset({MINISTER.key, DEPUTY.key})


def approval(name: str, **head: Any) -> dict[str, Any]:
    key = signer(name)
    signature = key.sign(approval_message(**(HEAD | {"body": BODY} | head)))
    return {"key": key.key, "sig": base64.b64encode(signature).decode()}


def check(*approvals: Any, **head: Any) -> None:
    body = head.pop("body", BODY) | {"approvals": [*approvals]}
    require_approvals(**(HEAD | head), body=body, mandates=MANDATES)


def test_the_message_is_the_encoding_of_what_was_decided_without_approvals() -> None:
    message = approval_message(**HEAD, body=BODY)
    assert message.startswith(b"DSSEv1 %d %b " % (len(APPROVAL), APPROVAL.encode()))
    assert message == approval_message(**HEAD, body=BODY | {"approvals": [1]})
    assert b"dossier" not in approval_message(**(HEAD | {"dossier": None}), body=BODY)


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
    "head",
    [
        {"party": digest("other")},
        {"dossier": digest("other")},
        {"dossier": None},
        {"kind": "reject"},
        {"content": {"hash": digest("other")}},
        {"body": {"text": digest("other")}},
    ],
)
def test_an_approval_of_something_else_is_refused_by_k16(head: dict[str, Any]) -> None:
    with refused("K16", "does not verify"):
        check(approval("minister"), **head)
    check(approval("minister", **head), **head)


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
