"""Root documents and successions: the update rules, each broken once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from comity.kernel import canon, documents, dsse
from comity.kernel.documents import Closing, LogEntry, LogKeys, View
from tests.kernel.world import TIME, Party, digest, refused, signer

ROOT = digest("root hash")
CLOSED = Closing(16, ROOT, ((16, digest("kept 16")), (20, digest("kept 20"))))


def payload_of(envelope: dsse.Envelope) -> Any:
    return orjson.loads(envelope.payload)


def signed(kind: str, payload: Any, *names: str) -> dsse.Envelope:
    data = canon.dump(payload, limit=canon.DOCUMENT_LIMIT)
    return dsse.sign(kind, data, [signer(name) for name in names])


def first(**fields: Any) -> dsse.Envelope:
    """Return Orvanda's first root document with fields replaced (None: removed)."""
    payload = payload_of(Party("orvanda").envelopes[0]) | fields
    payload = {name: value for name, value in payload.items() if value is not None}
    return signed(dsse.ROOT, payload, "orvanda root")


def test_a_first_root_document_makes_a_party() -> None:
    orvanda = Party("orvanda")
    [envelope], view = orvanda.envelopes, orvanda.view
    assert documents.predecessor(envelope) is None
    assert view == documents.read(envelope, None)
    assert {view.party, view.id, view.root} == {envelope.id}
    assert (view.version, view.threshold, view.current_log) == ((1, 0), 1, 1)
    assert view.root_keys == {orvanda.root.key}
    assert view.mandates == {orvanda.mandate.key}
    assert view.logs == {1: LogEntry(orvanda.keys(1), None)}
    assert (view.time, view.grade) == (TIME, "evaluation")
    assert view.next == orvanda.keys(2).hash


def test_what_a_document_of_a_later_format_follows_is_not_asked() -> None:
    for later in (first(v=2, prev="x"), dsse.sign(dsse.SUCCESSION, b'{"v":2}', [])):
        with refused("K17"):
            documents.predecessor(later)


def test_a_document_without_mandates_has_none() -> None:
    assert documents.read(first(mandates=None), None).mandates == frozenset()


def log(**fields: Any) -> dict[str, Any]:
    return {"log": 1, **Party("orvanda").keys(1).to_object(), **fields}


def closing(**fields: Any) -> dict[str, Any]:
    return log(closed={**CLOSED.to_object(), **fields})


REUSED = {"act": Party("orvanda").keys(1).witness}
"""A key of log 1 with another purpose in log 2."""


@pytest.mark.parametrize(
    ("rule", "reason", "fields"),
    [
        ("K17", "format version 2", {"v": 2}),
        ("K17", "format version 3", {"v": 3, "grade": "gold", "more": 1}),
        ("K19", "Ask its sender", {"v": 0, "more": 1}),
        ("K4", "'v'", {"v": -1}),
        ("K4", "'v'", {"v": "1"}),
        ("K4", "'v'", {"v": True}),
        ("K4", "'v'", {"v": None}),
        ("K4", "'version'", {"version": 0}),
        ("K4", "'grade'", {"grade": "gold"}),
        ("K4", "'time'", {"time": -1}),
        ("K4", "'next'", {"next": "x"}),
        ("K4", "unknown", {"expires": 5}),
        ("K4", "roots", {"roots": {"keys": [signer("orvanda root").key], "threshold": 2}}),
        ("K4", "roots", {"roots": {"keys": [], "threshold": 1}}),
        (
            "K4",
            "unknown",
            {"roots": {"keys": [signer("orvanda root").key], "threshold": 1, "more": 1}},
        ),
        ("K9", "", {"roots": {"keys": ["x"], "threshold": 1}}),
        ("K4", "array of 1 to 1024", {"logs": []}),
        ("K4", "'log'", {"logs": [log(log=0)]}),
        ("K4", "'log'", {"logs": [log(log=1_000_000)]}),
        ("K4", "'log'", {"logs": [log(), log()]}),
        ("K4", "two purposes", {"logs": [log(act=signer("x").key, witness=signer("x").key)]}),
        (
            "K4",
            "two purposes",
            {"logs": [log(), log(**Party("tolmere").keys(1).to_object() | REUSED, log=2)]},
        ),
        ("K4", "two purposes", {"logs": [log(act=signer("x").key, checkpoint=signer("x").key)]}),
        ("K4", "unknown", {"logs": [log(origin="example")]}),
        ("K9", "", {"logs": [log(act="ed25519:" + "0" * 64)]}),
        ("K4", "'size'", {"logs": [closing(size=-1)]}),
        ("K4", "'root'", {"logs": [closing(root="x")]}),
        ("K4", "unknown", {"logs": [closing(more=1)]}),
        ("K4", "integer from 16", {"logs": [closing(kept=[{"seq": 15, "id": ROOT}])]}),
        ("K4", "integer from 17", {"logs": [closing(kept=[{"seq": 16, "id": ROOT}] * 2)]}),
        ("K4", "unknown", {"logs": [closing(kept=[{"seq": 16, "id": ROOT, "x": 1}])]}),
        ("K4", "1 to 64", {"mandates": []}),
        ("K8", "no party and no prev", {"version": 2}),
        ("K8", "no party and no prev", {"party": ROOT}),
        ("K8", "no party and no prev", {"prev": ROOT}),
    ],
)
def test_a_first_root_document_out_of_form_is_refused(
    rule: str, reason: str, fields: dict[str, Any]
) -> None:
    with refused(rule, reason):
        documents.read(first(**fields), None)


def test_a_closing_is_read_as_it_was_written() -> None:
    view = documents.read(first(logs=[closing()]), None)
    assert view.logs[1] == LogEntry(Party("orvanda").keys(1), CLOSED)


def test_a_root_document_needs_the_threshold_of_its_own_keys() -> None:
    keys = sorted([signer("one").key, signer("two").key])
    payload = payload_of(first(roots={"keys": keys, "threshold": 2}))
    with refused("K5", "1 of the 2"):
        documents.read(signed(dsse.ROOT, payload, "one", "three"), None)
    documents.read(signed(dsse.ROOT, payload, "one", "two"), None)


def following(view: View, *names: str, **fields: Any) -> dsse.Envelope:
    """Return the root document after ``view``, signed by the keys of these names."""
    data = documents.root_payload(
        time=TIME,
        grade="hardened",
        root_keys=[signer(name).key for name in fields.pop("roots", ["orvanda root"])],
        threshold=fields.pop("threshold", 1),
        logs=fields.pop("logs", view.logs),
        next_hash=view.next,
        previous=view,
    )
    return signed(dsse.ROOT, orjson.loads(data) | fields, *names)


def test_an_update_keeps_the_party_and_is_signed_by_old_and_new_keys() -> None:
    orvanda = Party("orvanda")
    update = following(
        orvanda.view, "orvanda root", "new", "newer", roots=["new", "newer"], threshold=2
    )
    assert documents.predecessor(update) == orvanda.view.id
    view = documents.read(update, orvanda.view)
    assert view.party == orvanda.id
    assert view.id == view.root == update.id
    assert (view.version, view.threshold) == ((2, 0), 2)
    for names in (("orvanda root", "new"), ("new", "newer")):
        with refused("K5"):
            documents.read(
                following(orvanda.view, *names, roots=["new", "newer"], threshold=2),
                orvanda.view,
            )


def test_what_an_update_would_say_is_read_before_anybody_signs_it() -> None:
    view = Party("orvanda").view
    update = following(view, "orvanda root", "new", "newer", roots=["new", "newer"], threshold=2)
    assert documents.proposed(update.payload, view) == documents.read(update, view)
    with refused("K8", "does not follow"):
        documents.proposed(update.payload, Party("tolmere").view)


@pytest.mark.parametrize("fields", [{"version": 3}, {"party": ROOT}, {"prev": ROOT}])
def test_an_update_that_skips_or_changes_party_is_refused_by_k8(fields: dict[str, Any]) -> None:
    view = Party("orvanda").view
    with refused("K8", "does not follow"):
        documents.read(following(view, "orvanda root", **fields), view)


def test_a_first_document_follows_nothing() -> None:
    view = Party("orvanda").view
    with refused("K8", "does not follow"):
        documents.read(first(), view)


def logs_of(view: View, closed: Closing | None = None, keys: LogKeys | None = None) -> Any:
    return {1: LogEntry(keys or view.logs[1].keys, closed)}


def test_an_update_never_rewrites_a_log() -> None:
    orvanda = Party("orvanda")
    view = orvanda.view
    other = LogEntry(orvanda.keys(2), None)
    for logs in ({2: other}, {1: other}):
        with refused("K8", "drops log 1 or changes its keys"):
            documents.read(following(view, "orvanda root", logs=logs), view)
    closed = documents.read(following(view, "orvanda root", logs=logs_of(view, CLOSED)), view)
    for wrong in (None, Closing(15, ROOT, ()), Closing(16, digest("other"), CLOSED.kept)):
        with refused("K8", "where a log was closed"):
            documents.read(following(closed, "orvanda root", logs=logs_of(view, wrong)), closed)
    with refused("K8", "earlier closing kept"):
        less = Closing(16, ROOT, CLOSED.kept[:1])
        documents.read(following(closed, "orvanda root", logs=logs_of(view, less)), closed)
    same = following(closed, "orvanda root", logs=logs_of(view, CLOSED))
    assert documents.read(same, closed).logs == closed.logs
    more = Closing(16, ROOT, (*CLOSED.kept, (30, digest("kept 30"))))
    update = following(closed, "orvanda root", logs=logs_of(view, more))
    assert documents.read(update, closed).logs[1].closed == more


def succession(view: View, *names: str, **fields: Any) -> dsse.Envelope:
    """Return Orvanda's succession after ``view``, with fields replaced (None: removed)."""
    keys = Party("orvanda").keys(view.current_log + 1)
    data = documents.succession_payload(
        previous=view, keys=keys, closing=CLOSED, next_hash=ROOT, time=TIME
    )
    payload = {k: v for k, v in (orjson.loads(data) | fields).items() if v is not None}
    return signed(dsse.SUCCESSION, payload, *(names or ("orvanda act 2",)))


def test_a_succession_names_the_root_and_the_succession_before() -> None:
    orvanda = Party("orvanda")
    first_view = orvanda.view
    one = orvanda.succeed(CLOSED)
    assert documents.predecessor(orvanda.envelopes[-1]) == first_view.id
    assert "prev" not in payload_of(orvanda.envelopes[-1])
    two = orvanda.succeed(Closing(3, ROOT, ()))
    assert documents.predecessor(orvanda.envelopes[-1]) == one.id
    assert (two.version, two.current_log, two.root) == ((1, 2), 3, first_view.id)
    assert two.logs[1].closed == CLOSED
    assert two.logs[2].closed == Closing(3, ROOT, ())
    assert two.id != one.id
    assert two.mandates == first_view.mandates


@pytest.mark.parametrize(
    ("rule", "reason", "fields"),
    [
        ("K17", "format version 2", {"v": 2}),
        ("K17", "format version 3", {"v": 3, "grade": "gold", "more": 1}),
        ("K19", "Ask its sender", {"v": 0, "more": 1}),
        ("K4", "'v'", {"v": -1}),
        ("K4", "'v'", {"v": "1"}),
        ("K4", "'v'", {"v": True}),
        ("K4", "'v'", {"v": None}),
        ("K4", "unknown", {"more": 1}),
        ("K4", "'log'", {"log": 0}),
        ("K4", "'log'", {"log": 1_000_000}),
        ("K4", "'time'", {"time": None}),
        ("K8", "does not follow", {"party": ROOT}),
        ("K8", "does not follow", {"root": ROOT}),
        ("K8", "does not follow", {"prev": ROOT}),
        ("K8", "newest log", {"log": 3}),
        ("K8", "newest log", {"closes": {"log": 2, **CLOSED.to_object()}}),
        ("K4", "unknown", {"closes": {"log": 1, **CLOSED.to_object(), "x": 1}}),
        ("K8", "not those announced", {"keys": Party("orvanda").keys(3).to_object()}),
    ],
)
def test_a_succession_out_of_form_or_place_is_refused(
    rule: str, reason: str, fields: dict[str, Any]
) -> None:
    view = Party("orvanda").view
    with refused(rule, reason):
        documents.read(succession(view, **fields), view)


def test_a_succession_opens_no_log_with_a_key_of_an_earlier_one() -> None:
    orvanda = Party("orvanda")
    keys = replace(orvanda.keys(2), checkpoint=orvanda.keys(1).checkpoint)
    view = replace(orvanda.view, next=keys.hash)
    with refused("K4", "two purposes"):
        documents.read(succession(view, keys=keys.to_object()), view)


def test_a_succession_is_signed_by_the_key_it_opens_with() -> None:
    view = Party("orvanda").view
    documents.read(succession(view), view)
    for name in ("orvanda root", "orvanda act 1"):
        with refused("K5"):
            documents.read(succession(view, name), view)


def test_a_log_is_closed_once() -> None:
    orvanda = Party("orvanda")
    view = documents.read(
        following(orvanda.view, "orvanda root", logs=logs_of(orvanda.view, CLOSED)), orvanda.view
    )
    with refused("K8", "closes the newest log"):
        documents.read(succession(view), view)


def test_a_succession_without_its_predecessor_is_refused() -> None:
    with refused("K8", "follows a document"):
        documents.read(succession(Party("orvanda").view), None)


def test_what_is_neither_root_document_nor_succession_has_no_predecessor() -> None:
    act = dsse.sign(dsse.ACT, b"{}", [signer("x")])
    with refused("K6", "neither"):
        documents.predecessor(act)


def test_keys_are_those_of_a_listed_log_that_is_open_there() -> None:
    orvanda = Party("orvanda")
    orvanda.succeed(CLOSED)
    assert documents.log_keys(orvanda.view, 1, 15) == orvanda.keys(1)
    assert documents.log_keys(orvanda.view, 2, 10**6) == orvanda.keys(2)
    for seq in (16, 20):  # Also what the closing keeps: it was signed under an earlier document.
        with refused("K7"):
            documents.log_keys(orvanda.view, 1, seq)
    with refused("K6"):
        documents.log_keys(orvanda.view, 3, 0)
