"""Evidence in acts: each way in which it fails to prove what it says is refused by K18."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from comity.kernel import checkpoint, dsse, kinds, note, proof
from comity.kernel.canon import MAX_INT
from comity.kernel.documents import Closing, LogEntry, View
from comity.kernel.dossier import Dossier
from comity.kernel.kinds import Evidence
from comity.kernel.timeproof import Proved, require_evidence
from tests.kernel.world import (
    TIME,
    Party,
    charter,
    digest,
    documents_of,
    refused,
    replica,
)

SECONDS = 1_700_000_000
ORVANDA, TOLMERE, SARIVANE = Party("orvanda"), Party("tolmere"), Party("sarivane")
DOCS = documents_of(ORVANDA, TOLMERE, SARIVANE)
OPENING = charter(ORVANDA, [TOLMERE])
DOSSIER: Dossier = replica(OPENING, DOCS)
ACT = ORVANDA.say(DOSSIER, "note")
SUBJECT = DOSSIER.admit(ACT, DOCS)
CHECKPOINT = ORVANDA.checkpoint()
BY_TOLMERE = TOLMERE.cosign(CHECKPOINT, SECONDS)


def check(data: bytes, *views: View, standard: str = kinds.TLOG_PROOF) -> tuple[Proved, ...]:
    body = Evidence(ACT.id, standard, base64.b64encode(data).decode(), ())
    return require_evidence(body, SUBJECT, {view.id: view for view in views})


def proven(*lines: note.NoteSignature) -> bytes:
    return ORVANDA.prove(ACT, CHECKPOINT.add(lines))


def by(witness: Party, time: int) -> Proved:
    return Proved("cosigned", (witness.id, witness.keys(1).witness), time)


def test_a_cosigned_proof_gives_the_witnesses_time_in_milliseconds() -> None:
    lines = [BY_TOLMERE, SARIVANE.cosign(CHECKPOINT, SECONDS + 5)]
    found = check(proven(*lines), ORVANDA.view, TOLMERE.view, SARIVANE.view)
    assert set(found) == {
        by(TOLMERE, SECONDS * 1000),
        by(SARIVANE, (SECONDS + 5) * 1000),
    }


def test_cosigners_that_the_documents_do_not_list_are_passed_over() -> None:
    stranger = checkpoint.cosign(
        CHECKPOINT.checkpoint, "witness.example", SECONDS, TOLMERE.signer("witness")
    )
    spoilt = replace(SARIVANE.cosign(CHECKPOINT, SECONDS), signature=bytes(72))
    later_log = checkpoint.cosign(
        CHECKPOINT.checkpoint,
        checkpoint.witness_name(TOLMERE.id, 2),
        SECONDS,
        TOLMERE.signer("witness", 2),
    )
    # A key of a later algorithm under a known name has another key id.
    later_kind = replace(BY_TOLMERE, key_id=b"\x06\x06\x06\x06")
    data = proven(stranger, spoilt, later_log, later_kind, BY_TOLMERE)
    assert check(data, ORVANDA.view, TOLMERE.view) == (by(TOLMERE, SECONDS * 1000),)
    with refused("K18", "does not verify"):  # Once Sarivane is listed, its line must hold.
        check(data, ORVANDA.view, TOLMERE.view, SARIVANE.view)
    with refused("K18", "No cosigner"):
        check(data, ORVANDA.view)


def test_a_witness_cannot_speak_under_the_name_of_another() -> None:
    name = checkpoint.witness_name(SARIVANE.id, 1)
    impostor = checkpoint.cosign(
        CHECKPOINT.checkpoint, name, SECONDS - 99, TOLMERE.signer("witness")
    )
    views = (ORVANDA.view, TOLMERE.view, SARIVANE.view)
    assert [p.by[0] for p in check(proven(impostor, BY_TOLMERE), *views)] == [TOLMERE.id]
    with refused("K18", "No cosigner"):
        check(proven(impostor), *views)


def test_several_documents_of_one_witness_count_it_once() -> None:
    tolmere = Party("tolmere")
    newer = tolmere.succeed(Closing(16, digest("root"), ()))
    found = check(proven(BY_TOLMERE), ORVANDA.view, TOLMERE.view, newer)
    assert found == (by(TOLMERE, SECONDS * 1000),)


def test_two_times_of_one_witness_are_both_proven() -> None:
    again = TOLMERE.cosign(CHECKPOINT, SECONDS + 9)
    found = check(proven(again, BY_TOLMERE), ORVANDA.view, TOLMERE.view)
    assert {p.time for p in found} == {SECONDS * 1000, (SECONDS + 9) * 1000}


def proof_with(**fields: Any) -> bytes:
    return replace(proof.parse(proven(BY_TOLMERE)), **fields).to_bytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "begin with"),
        (b"\xff", "UTF-8"),
        (b"c2sp.org/tlog-proof@v1\n", ""),
        (proof_with(index=0), "another place"),
        (proof_with(index=9), "another place"),
        (proof_with(path=()), "hashes"),
        (proof_with(path=(bytes(32),) * 4), "root"),
        (proven(), "No cosigner"),
        (proven(replace(BY_TOLMERE, signature=bytes(72))), ""),
        (proven(replace(BY_TOLMERE, signature=b"short")), ""),
    ],
)
def test_a_proof_that_does_not_hold_is_refused_by_k18(data: bytes, reason: str) -> None:
    with refused("K18", reason):
        check(data, ORVANDA.view, TOLMERE.view)


def test_a_checkpoint_is_signed_by_the_key_that_a_document_gives_for_the_log() -> None:
    with refused("K18", "the document that its act names"):
        check(proven(BY_TOLMERE), TOLMERE.view)
    # A later document may give a log of this number other keys, and is not asked.
    later = replace(ORVANDA.view, id=digest("later"), logs={1: LogEntry(ORVANDA.keys(9), None)})
    with refused("K18", "the document that its act names"):
        check(proven(BY_TOLMERE), later, TOLMERE.view)
    assert check(proven(BY_TOLMERE), later, ORVANDA.view, TOLMERE.view)
    other_key = replace(ORVANDA.view, logs={1: LogEntry(ORVANDA.keys(2), None)})
    with refused("K18"):
        check(proven(BY_TOLMERE), other_key, TOLMERE.view)
    # Another party's log may hold the same leaf: it is not the log the act lies in.
    copy = Party("tolmere")
    copy.leaves[1] = list(ORVANDA.leaves[1])
    theirs = copy.checkpoint()
    data = copy.prove(ACT, theirs.add([copy.cosign(theirs, SECONDS)]))
    with refused("K18"):
        check(data, ORVANDA.view, TOLMERE.view)


def test_a_time_beyond_what_a_header_could_say_is_refused() -> None:
    fits = MAX_INT // 1000
    data = proven(TOLMERE.cosign(CHECKPOINT, fits))
    assert check(data, ORVANDA.view, TOLMERE.view)[0].time == fits * 1000
    with refused("K18", "calendar"):
        check(proven(TOLMERE.cosign(CHECKPOINT, fits + 1)), ORVANDA.view, TOLMERE.view)


def receipt_check(envelope: dsse.Envelope, *views: View) -> tuple[Proved, ...]:
    return check(envelope.to_bytes(), *views, standard=kinds.RECEIPT)


def test_a_receipt_gives_its_own_time() -> None:
    envelope = TOLMERE.receipt(ORVANDA, [OPENING, ACT], time=TIME + 5)
    assert receipt_check(envelope, TOLMERE.view) == (Proved("received", (TOLMERE.id,), TIME + 5),)


def test_a_receipt_that_does_not_hold_is_refused_by_k18() -> None:
    good = TOLMERE.receipt(ORVANDA, [ACT])
    with refused("K18", "does not name the document"):
        receipt_check(good, ORVANDA.view)
    with refused("K18", "not about this act"):
        receipt_check(TOLMERE.receipt(ORVANDA, [OPENING]), TOLMERE.view)
    with refused("K18", "to its author"):
        receipt_check(TOLMERE.receipt(SARIVANE, [ACT]), TOLMERE.view)
    forged = dsse.sign(dsse.RECEIPT, good.payload, [TOLMERE.signer("witness")])
    with refused("K18", "another key"):
        receipt_check(forged, TOLMERE.view)
    with refused("K18", "does not hold a receipt"):
        receipt_check(ACT.envelope, TOLMERE.view)
    with refused("K18", "JSON"):
        check(b"?", TOLMERE.view, standard=kinds.RECEIPT)


@pytest.mark.parametrize("text", ["?", "AAA", "é", "AA==AA=="])
def test_a_proof_is_base64(text: str) -> None:
    with refused("K18", "base64"):
        require_evidence(Evidence(ACT.id, kinds.TLOG_PROOF, text, ()), SUBJECT, {})


def test_evidence_is_about_an_act_that_its_author_had_seen() -> None:
    body = {"act": digest("x"), "standard": kinds.RECEIPT, "proof": "AAAA", "docs": []}
    with refused("K14", "its author had seen"):
        DOSSIER.admit(ORVANDA.say(DOSSIER, "evidence", body), DOCS)
