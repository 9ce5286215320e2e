"""Bodies of kernel kinds: every form broken once."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel import kinds
from comity.kernel.act import Header
from comity.kernel.kinds import Charter, Growth, TimePolicy
from comity.kernel.label import TLP, Footing
from tests.kernel.world import Party, charter, digest, refused, timed

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
A, B = sorted((digest("a"), digest("b")))
MEMBERS = sorted((ORVANDA.id, TOLMERE.id))
HEADER = charter(ORVANDA, [TOLMERE]).header


def header(kind: str, body: dict[str, Any], **fields: Any) -> Header:
    return HEADER._replace(kind=kind, body=body, **fields)


def test_a_charter_is_read_as_it_was_written() -> None:
    full = Charter(
        protocol="sharing/circle",
        version=3,
        members=(ORVANDA.id,),
        growth=Growth.CHAIR,
        ceiling=TLP.RED,
        chair=ORVANDA.id,
        readers=((ORVANDA.id, "desk"),),
        succeeds=A,
        time=timed([TOLMERE], 1),
        terms={"any": [1, 2]},
    )
    body = full.to_body()
    assert kinds.read_charter(header("charter", body)) == full
    assert body["time"] == {"witnesses": [TOLMERE.id], "quorum": 1, "grace": 600_000}
    plain = kinds.read_charter(HEADER)
    assert kinds.read_charter(header("charter", plain.to_body())) == plain
    assert (plain.chair, plain.readers, plain.succeeds, plain.time, plain.terms) == (
        None,
        (),
        None,
        None,
        {},
    )
    assert plain.to_body().keys() == {"protocol", "version", "members", "growth", "ceiling"}


def readers(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"ceiling": "red", "readers": [{"party": p, "handle": h} for p, h in pairs]}


@pytest.mark.parametrize(
    ("rule", "reason", "fields"),
    [
        ("K14", "'protocol'", {"protocol": "Circle"}),
        ("K14", "'version'", {"version": 0}),
        ("K14", "'members'", {"members": []}),
        ("K14", "'members'", {"members": MEMBERS[::-1]}),
        ("K14", "'growth'", {"growth": "open"}),
        ("K14", "'ceiling'", {"ceiling": "white"}),
        ("K14", "'succeeds'", {"succeeds": "x"}),
        ("K14", "'terms'", {"terms": []}),
        ("K14", "unknown", {"more": 1}),
        ("K14", "'role'", {"by": {}}),
        ("K14", "one of its founding members", {"members": [TOLMERE.id]}),
        ("K14", "names a chair", {"growth": "chair"}),
        ("K14", "names a chair", {"chair": ORVANDA.id}),
        ("K14", "The chair is one", {"growth": "chair", "chair": A}),
        ("K14", "array of 1 to 32", {"ceiling": "red", "readers": []}),
        ("K14", "'handle'", readers((ORVANDA.id, "Jane Doe"))),
        ("K14", "out of order", readers((ORVANDA.id, "b"), (ORVANDA.id, "a"))),
        ("K14", "twice", readers((ORVANDA.id, "a"), (ORVANDA.id, "a"))),
        (
            "K14",
            "unknown",
            {"ceiling": "red", "readers": [{"party": A, "handle": "a", "name": "b"}]},
        ),
        ("K13", "lists its readers", {"ceiling": "red"}),
        ("K13", "lists its readers", readers((ORVANDA.id, "a")) | {"ceiling": "amber"}),
        ("K13", "belongs to a founding member", readers((A, "a"))),
        ("K14", "'witnesses'", {"time": {"witnesses": [], "quorum": 1, "grace": 1}}),
        ("K14", "'quorum'", {"time": {"witnesses": [A], "quorum": 2, "grace": 1}}),
        ("K14", "'grace'", {"time": {"witnesses": [A], "quorum": 1, "grace": -1}}),
        ("K14", "unknown", {"time": {"witnesses": [A], "quorum": 1, "grace": 1, "x": 1}}),
    ],
)
def test_a_charter_out_of_form_is_refused(rule: str, reason: str, fields: dict[str, Any]) -> None:
    with refused(rule, reason):
        kinds.read_charter(header("charter", {**HEADER.body, **fields}))


def test_a_charter_sets_the_footing() -> None:
    with refused("K13", "sets the footing"):
        kinds.read_charter(HEADER._replace(footing=None))
    kinds.read_charter(HEADER._replace(footing=Footing.FORMAL))


EVIDENCE: dict[str, Any] = {
    "act": A,
    "standard": kinds.TLOG_PROOF,
    "proof": "AAAA",
    "docs": [A, B],
}
ERASE: dict[str, Any] = {"act": A, "stage": "asked", "reason": "law"}
RECORD: dict[str, Any] = {"letter": A, "guest": "guest", "kind": "claim", "body": {"x": 1}}
TRANSLATION: dict[str, Any] = {"act": A, "lang": "zh-Hans", "as": "machine"}
GOOD: list[tuple[str, dict[str, Any], object]] = [
    ("invite", {"party": TOLMERE.id}, kinds.Invite(TOLMERE.id)),
    ("join", {"invite": A}, kinds.Join(A)),
    ("decline", {"invite": A}, kinds.Decline(A)),
    ("decline", {}, kinds.Decline(None)),
    ("leave", {}, kinds.Empty()),
    ("note", {"by": {"role": "desk"}}, kinds.Empty()),
    ("release", {"acts": [A, B], "to": TOLMERE.id}, kinds.Release((A, B), TOLMERE.id)),
    ("evidence", EVIDENCE, kinds.Evidence(A, kinds.TLOG_PROOF, "AAAA", (A, B))),
    ("erase", ERASE, kinds.Erase(A, "asked", "law")),
    ("erase", ERASE | {"parts": [0, 7]}, kinds.Erase(A, "asked", "law", (0, 7))),
    ("record", RECORD, kinds.Record(A, "guest", "claim", {"x": 1})),
    ("translation", TRANSLATION, kinds.Translation(A, "zh-Hans", "machine")),
]


@pytest.mark.parametrize(("kind", "body", "wanted"), GOOD)
def test_a_body_is_read_as_it_was_written(kind: str, body: dict[str, Any], wanted: object) -> None:
    assert kinds.read_body(header(kind, body)) == wanted
    with refused("K14", "unknown fields: ['more']"):
        kinds.read_body(header(kind, body | {"more": 1}))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("invite", {}),
        ("invite", {"party": "x"}),
        ("join", {}),
        ("join", {"invite": 5}),
        ("decline", {"invite": "x"}),
        ("release", {"acts": [], "to": A}),
        ("release", {"acts": [B, A], "to": A}),
        ("release", {"acts": [A]}),
        ("evidence", EVIDENCE | {"act": "x"}),
        ("evidence", EVIDENCE | {"standard": "rfc3161"}),
        ("evidence", EVIDENCE | {"proof": ""}),
        ("evidence", EVIDENCE | {"proof": "A" * (kinds.PROOF_LIMIT + 1)}),
        ("evidence", EVIDENCE | {"docs": [B, A]}),
        ("erase", ERASE | {"stage": "done"}),
        ("erase", ERASE | {"reason": "because"}),
        ("erase", ERASE | {"act": 1}),
        ("erase", ERASE | {"parts": []}),
        ("erase", ERASE | {"parts": [1, 0]}),
        ("erase", ERASE | {"parts": [0, 0]}),
        ("erase", ERASE | {"parts": [-1]}),
        ("erase", ERASE | {"parts": ["0"]}),
        ("erase", ERASE | {"parts": [True]}),
        ("erase", ERASE | {"parts": [*range(257)]}),
        ("record", RECORD | {"letter": "x"}),
        ("record", RECORD | {"guest": "Jane Doe"}),
        ("record", RECORD | {"kind": ""}),
        ("record", RECORD | {"body": []}),
        ("translation", TRANSLATION | {"act": "x"}),
        ("translation", TRANSLATION | {"lang": "zh-hans"}),
        ("translation", TRANSLATION | {"lang": ""}),
        ("translation", TRANSLATION | {"as": "checked"}),
        ("translation", {"act": A, "lang": "fr"}),
    ],
)
def test_a_body_out_of_form_is_refused_by_k14(kind: str, body: dict[str, Any]) -> None:
    with refused("K14"):
        kinds.read_body(header(kind, body))


def test_the_kernel_kinds_are_frozen() -> None:
    assert sorted(kinds.KERNEL_KINDS) == [
        *("charter", "decline", "erase", "evidence", "invite", "join", "leave", "note"),
        *("record", "release", "translation"),
    ]
    assert {kind for kind, _, _ in GOOD} | {"charter"} == kinds.KERNEL_KINDS


def test_evidence_names_the_documents_that_admission_reads() -> None:
    assert kinds.named_documents(header("evidence", EVIDENCE)) == (A, B)
    assert kinds.named_documents(header("note", {"docs": [A]})) == ()
    with refused("K14"):
        kinds.named_documents(header("evidence", {"docs": [B, A]}))


def test_a_time_policy_counts_witnesses_in_order() -> None:
    assert timed([ORVANDA, TOLMERE], 2) == TimePolicy((MEMBERS[0], MEMBERS[1]), 2, 600_000)
