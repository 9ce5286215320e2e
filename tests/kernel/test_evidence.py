"""Evidence files: what a stranger is shown, and what it takes for the stranger to believe it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from comity.kernel import checkpoint, documents, dsse, evidence, policy, proof, statement
from comity.kernel.approvals import approval_message
from comity.kernel.documents import LogEntry
from comity.kernel.evidence import Evidence, Shown
from comity.kernel.evidence_check import verify
from comity.kernel.evidence_report import Report, Trust, Verdict
from comity.kernel.ids import fingerprint
from comity.kernel.label import Footing
from comity.kernel.standing import Standing
from tests.kernel.shown import (
    LACKING,
    SPOILED,
    UNKNOWN,
    WITNESSED,
    Story,
    closing,
    node_document,
    resigned,
    story,
    with_lines,
)
from tests.kernel.world import Party, documents_of, refused, replica


def shown(told: Story, *statements: Shown, trust: Trust | None = None) -> Report:
    """Return the report on the story's evidence after a journey as a file."""
    data = told.evidence(*statements).to_bytes()
    return verify(evidence.parse(data), trust or told.trust)


def test_a_stranger_who_knows_the_parties_is_shown_everything() -> None:
    told = story()
    report = shown(told)
    assert report.verdict is Verdict.VERIFIED
    assert report.subject == told.act.id
    assert report.dossier == told.charter.id
    assert report.protocol == "test/tally@1"
    assert report.footing is Footing.TECHNICAL
    assert report.member
    assert report.standing is Standing.COSIGNED
    assert report.size == 16
    assert report.unknown == ()
    assert report.documents[told.author.id] == (1, 0)
    assert [(p.act, p.part, p.size) for p in report.parts] == [(told.act.id, 1, 3)]
    assert report.parts[0].sha256 == hashlib.sha256(b"two").hexdigest()
    assert [(r.party, r.whole) for r in report.received] == [(told.receiver.id, False)]
    checks = {finding.check for finding in report.findings}
    assert checks == {"document", "signature", "inclusion", "part", "receipt", "cosignature"}


def test_the_report_says_when_the_act_provably_existed() -> None:
    report = shown(story())
    assert report.proven_time == WITNESSED * 1000


def test_cosigners_are_named_with_what_they_are_to_the_dossier() -> None:
    told = story()
    first, second = shown(told).cosigned
    assert (first.party, first.time) == (told.witness.id, WITNESSED * 1000)
    assert first.counted
    assert not first.member
    assert (second.party, second.counted, second.member) == (told.receiver.id, False, True)


def test_the_report_is_given_as_json() -> None:
    told = story()
    value = shown(told).to_object()
    assert orjson.loads(orjson.dumps(value))["verdict"] == "verified"
    assert value["fingerprint"] == fingerprint(told.author.id)
    assert value["documents"] == {p.id: [1, 0] for p in (told.author, told.receiver, told.witness)}


# Who vouches for whom.


def test_a_file_does_not_vouch_for_itself() -> None:
    told = story()
    report = shown(told, trust=Trust())
    assert report.verdict is Verdict.UNCHECKED
    assert report.unknown == tuple(sorted([told.author.id, told.receiver.id]))
    assert report.proven_time is None
    assert report.standing is Standing.PROVEN
    unknown = {party: fingerprint(party) for party in report.unknown}
    assert report.to_object()["unknown"] == unknown
    assert verify(told.evidence()).verdict is Verdict.UNCHECKED


def test_a_receiver_nobody_knows_leaves_identity_unchecked() -> None:
    told = story()
    report = shown(told, trust=replace(told.trust, parties=frozenset({told.author.id})))
    assert report.verdict is Verdict.UNCHECKED
    assert report.unknown == (told.receiver.id,)


def test_who_is_known_as_a_witness_is_known() -> None:
    told = story()
    everyone = frozenset({told.author.id, told.receiver.id})
    assert shown(told, trust=Trust(frozenset(), everyone, 1)).verdict is Verdict.VERIFIED


def test_more_witnesses_than_cosigned_are_missed() -> None:
    told = story()
    with refused("W5"):
        shown(told, trust=replace(told.trust, quorum=2))


def test_no_proof_satisfies_no_witness() -> None:
    told = story()
    with refused("W5"):
        shown(told, told.first, told.shown(proof=None))


def test_proven_time_is_that_of_the_last_witness_needed() -> None:
    told = story()
    both = frozenset({told.witness.id, told.receiver.id})
    report = shown(told, trust=replace(told.trust, witnesses=both, quorum=2))
    assert report.proven_time == (WITNESSED + 60) * 1000


def test_nobody_witnesses_its_own_log() -> None:
    told = story()
    told.checkpoint = told.cosign(told.author)
    trust = replace(told.trust, witnesses=frozenset({told.author.id}))
    with refused("W5"):
        shown(told, trust=trust)
    assert [each.counted for each in shown(told, trust=replace(trust, quorum=0)).cosigned] == [
        False
    ]


def test_one_key_under_two_names_is_one_witness() -> None:
    told = story()
    real, other = told.witness, Party("sarivane")
    payload = evidence_of_copied_key(other, real)
    line = checkpoint.cosign(
        told.checkpoint.checkpoint,
        checkpoint.witness_name(other.id, 1),
        WITNESSED + 5,
        real.signer("witness"),
    )
    statement_ = with_lines(told, *told.checkpoint.signatures, line)
    shown_ = replace(told.evidence(told.first, statement_), documents=(*told.documents, *payload))
    both = frozenset({real.id, other.id})
    report = verify(shown_, replace(told.trust, witnesses=both))
    assert [each.counted for each in report.cosigned] == [True, False, False]
    with refused("W5"):
        verify(shown_, replace(told.trust, witnesses=both, quorum=2))
    # It keeps nobody else from counting.
    all_three = frozenset({*both, told.receiver.id})
    report = verify(shown_, replace(told.trust, witnesses=all_three, quorum=2))
    assert report.proven_time == (WITNESSED + 60) * 1000


def evidence_of_copied_key(thief: Party, owner: Party) -> list[dsse.Envelope]:
    """Make a party whose root document claims another's witness key as its own."""
    keys = replace(thief.keys(1), witness=owner.keys(1).witness)
    payload = documents.root_payload(
        time=1,
        grade="evaluation",
        root_keys=[thief.root.key],
        threshold=1,
        logs={1: LogEntry(keys, None)},
        next_hash=thief.keys(2).hash,
    )
    thief.envelopes = [dsse.sign(dsse.ROOT, payload, [thief.root])]
    thief.view = documents.read(thief.envelopes[0], None)
    thief.id = thief.view.party
    return thief.envelopes


def test_only_the_first_cosignature_of_a_witness_counts() -> None:
    told = story()
    again = told.witness.cosign(told.checkpoint, WITNESSED + 600)
    lines = (*told.checkpoint.signatures, again)
    report = shown(told, told.first, with_lines(told, *lines))
    assert [each.party for each in report.cosigned] == [told.witness.id, told.receiver.id]


def policy_of(told: Story, threshold: int, *witnesses: Party) -> policy.Policy:
    """Return the C2SP policy for the author's log."""
    log = checkpoint.log_key(told.author.id, 1, told.author.keys(1).checkpoint)
    keys = [checkpoint.witness_key(w.id, 1, w.keys(1).witness) for w in witnesses]
    return policy.parse(policy.write([log], keys, threshold))


def test_a_policy_counts_in_place_of_witness_parties() -> None:
    told = story()
    trust = Trust(told.trust.parties, policy=policy_of(told, 2, told.witness, told.receiver))
    report = shown(told, trust=trust)
    assert report.verdict is Verdict.VERIFIED
    assert report.proven_time == (WITNESSED + 60) * 1000
    assert [each.counted for each in report.cosigned] == [True, True]
    assert report.standing is Standing.COSIGNED


def test_a_policy_without_quorum_proves_no_time() -> None:
    told = story()
    report = shown(told, trust=Trust(told.trust.parties, policy=policy_of(told, 0)))
    assert report.proven_time is None
    assert report.standing is Standing.PROVEN


def test_a_policy_does_not_make_a_party_the_witness_of_its_own_log() -> None:
    told = story()
    told.checkpoint = told.cosign(told.author, told.witness)
    own, other = (policy_of(told, 1, party) for party in (told.author, told.witness))
    assert shown(told, trust=Trust(told.trust.parties, policy=other)).proven_time is not None
    with refused("W5"):
        shown(told, trust=Trust(told.trust.parties, policy=own))
    both = policy_of(told, 2, told.author, told.witness)
    with refused("W5"):
        shown(told, trust=Trust(told.trust.parties, policy=both))


def test_a_policy_wants_a_proof_and_its_quorum() -> None:
    told = story()
    trust = Trust(told.trust.parties, policy=policy_of(told, 1, Party("sarivane")))
    with refused("W5"):
        shown(told, trust=trust)
    with refused("W5"):
        shown(told, told.first, told.shown(proof=None), trust=trust)


def test_a_policy_lists_the_log() -> None:
    told = story()
    other = checkpoint.log_key(told.receiver.id, 1, told.receiver.keys(1).checkpoint)
    rules = policy.parse(policy.write([other], [], 0))
    with refused("W2"):
        shown(told, trust=Trust(policy=rules))


# What is shown of the act.


def test_an_act_may_lower_the_footing() -> None:
    told = story(footing=Footing.WITHOUT_PREJUDICE)
    assert shown(told).footing is Footing.WITHOUT_PREJUDICE


def test_a_charter_is_shown_alone() -> None:
    told = story()
    only = replace(told.evidence(told.first), subject=told.charter.id)
    report = verify(only, Trust(frozenset({told.author.id})))
    assert report.verdict is Verdict.VERIFIED
    assert report.act == told.charter
    assert report.standing is Standing.PLAIN
    assert report.size is None


def test_further_acts_of_the_dossier_may_be_shown() -> None:
    told = story()
    dossier = replica(told.charter, documents_of(told.author, told.receiver), [told.act])
    reply = told.receiver.say(dossier, "mark", {"of": told.act.id})
    assert shown(told, told.first, told.shown(), Shown(reply.envelope)).subject == told.act.id


def test_all_parts_may_be_shown() -> None:
    told = story()
    report = shown(told, told.first, told.shown(parts=told.shown_parts(0, 1, 2)))
    assert [part.part for part in report.parts] == [0, 1, 2]


def test_a_receipt_says_whether_every_part_was_held() -> None:
    told = story()
    report = shown(told, told.first, told.shown(), told.receipt(told.act))
    assert [each.whole for each in report.received] == [True]


def test_a_receipt_for_another_act_shown_is_not_for_the_subject() -> None:
    told = story()
    payload = statement.receipt_payload(told.receiver.head(), told.author.id, [told.charter.id], [])
    receipt = dsse.sign(dsse.RECEIPT, payload, [told.receiver.signer("act")])
    assert shown(told, told.first, told.shown(), Shown(receipt)).received == ()


def test_parties_are_named_as_they_name_themselves_last() -> None:
    told = story()
    named = [node_document(told.author, f"Orvanda {n}", n) for n in (1, 3, 2)]
    assert shown(told, told.first, told.shown(), *named).names == {told.author.id: "Orvanda 3"}


def test_an_approval_by_a_mandate_is_verified() -> None:
    told = story()
    header = told.act.header
    message = approval_message(header.to_object())
    signature = base64.b64encode(told.author.mandate.sign(message)).decode()
    approval = {"key": told.author.mandate.key, "sig": signature}
    approved = resigned(told.act, told.author, body={**header.body, "approvals": [approval]})
    report = verify(replace(told.evidence(told.first, Shown(approved)), subject=approved.id))
    assert report.act.header.body["approvals"] == [approval]
    other = resigned(told.act, told.author, body={"status": "done", "approvals": [approval]})
    with refused("K16"):
        verify(replace(told.evidence(told.first, Shown(other)), subject=other.id))


# Logs that were closed.


def test_a_restored_party_shows_an_act_of_its_second_log() -> None:
    told = story(log=closing(story().author, 2))
    assert told.act.header.log == 2
    report = shown(told)
    assert report.verdict is Verdict.VERIFIED
    assert report.standing is Standing.COSIGNED
    assert report.documents[told.author.id] == (1, 1)


def test_an_act_before_the_closing_is_proven_under_the_closing_root() -> None:
    told = story()
    told.author.succeed(closing(told.author, 16))
    assert shown(told).standing is Standing.COSIGNED


def test_an_act_before_the_closing_is_unproven_under_another_root() -> None:
    told = story()
    told.author.leaves[1] += [bytes(32)] * 16
    told.author.succeed(closing(told.author, 32))
    report = shown(told)
    assert report.standing is Standing.UNPROVEN
    assert report.proven_time == WITNESSED * 1000


@pytest.mark.parametrize("size", [16, 32, 48, 272])
def test_an_act_before_the_closing_stands_by_its_path_there(size: int) -> None:
    told = story()
    path = told.close_later(size)
    report = shown(told, told.first, told.shown(closing=path))
    assert report.standing is Standing.COSIGNED
    assert report.proven_time == WITNESSED * 1000
    assert "closing" in {finding.check for finding in report.findings}


def test_the_path_to_the_closing_proves_without_a_checkpoint() -> None:
    told = story()
    path = told.close_later()
    trust = replace(told.trust, quorum=0)
    report = shown(told, told.first, told.shown(proof=None, closing=path), trust=trust)
    assert (report.standing, report.size) == (Standing.PROVEN, None)


def test_the_only_leaf_of_a_closed_log_has_an_empty_path() -> None:
    told = story()
    told.author.succeed(closing(told.author, 1))
    charter_ = replace(told.evidence(replace(told.first, closing=())), subject=told.charter.id)
    assert verify(evidence.parse(charter_.to_bytes())).standing is Standing.PROVEN


def test_the_path_to_a_closing_shows_nothing_of_another() -> None:
    told = story()
    path = told.close_later()
    seen = told.evidence(told.first, told.shown(closing=path))
    told.author.leaves[1] += [bytes(32)] * 16
    closed = {1: replace(told.author.views[0].logs[1], closed=closing(told.author, 48))}
    told.author.confirm(closed)
    newest = {told.author.id: told.author.view}
    assert verify(seen, told.trust).standing is Standing.COSIGNED
    assert verify(seen, replace(told.trust, latest=newest)).standing is Standing.UNPROVEN


def test_a_closing_that_the_verifier_knows_is_another_tree_than_the_one_shown() -> None:
    told = story()
    end = replace(closing(told.author, 16), root=hashlib.sha256(b"another").hexdigest())
    seen = told.evidence()
    told.author.succeed(end)
    with refused("W6"):
        verify(seen, replace(told.trust, latest={told.author.id: told.author.view}))


def test_an_act_beyond_the_closing_that_was_kept_stays_plain() -> None:
    told = story()
    told.author.succeed(closing(told.author, 1, told.act))
    assert shown(told).standing is Standing.PLAIN


def test_the_root_confirms_what_a_succession_opened() -> None:
    told = story(log=closing(story().author, 2))
    told.author.confirm()
    report = shown(told)
    assert report.standing is Standing.COSIGNED
    assert report.documents[told.author.id] == (2, 0)


def test_a_closing_with_another_root_is_a_second_tree() -> None:
    told = story()
    end = closing(told.author, 16)
    told.author.succeed(replace(end, root=hashlib.sha256(b"another").hexdigest()))
    with refused("W6"):
        shown(told)


def test_newer_documents_of_the_verifier_disown_an_act() -> None:
    told = story()
    seen = told.evidence()
    told.author.succeed(closing(told.author, 1))
    newest = {told.author.id: told.author.view, Party("sarivane").id: Party("sarivane").view}
    assert verify(seen, told.trust).verdict is Verdict.VERIFIED
    with refused("K7"):
        verify(seen, replace(told.trust, latest=newest))


def test_older_documents_of_the_verifier_change_nothing() -> None:
    told = story()
    told.author.confirm()
    oldest = {told.author.id: told.author.views[0]}
    report = shown(told, trust=replace(told.trust, latest=oldest))
    assert report.documents[told.author.id] == (2, 0)


def test_documents_of_the_verifier_that_fork_from_those_shown_are_refused() -> None:
    told = story()
    seen = told.evidence()
    other = Party("orvanda")
    other.confirm({1: LogEntry(told.author.keys(1), closing(told.author, 1))})
    told.author.confirm()
    with refused("K8"):
        verify(
            replace(seen, documents=tuple(told.documents)),
            replace(told.trust, latest={other.id: other.view}),
        )


# What spoils evidence.


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_evidence_is_refused(name: str) -> None:
    rule, spoil = SPOILED[name]
    told = story()
    spoiled = spoil(told)
    with refused(rule):
        verify(evidence.parse(spoiled.to_bytes()), told.trust)


@pytest.mark.parametrize("name", [*UNKNOWN, *LACKING])
def test_a_payload_has_exactly_its_fields(name: str) -> None:
    told = story()
    spoiled = (UNKNOWN | LACKING)[name](told)
    with refused("K4"):
        verify(evidence.parse(spoiled.to_bytes()), replace(told.trust, quorum=0))


# The file.


def test_a_file_is_read_as_it_was_written() -> None:
    made = story(before=5).evidence()
    assert evidence.parse(made.to_bytes()) == made


def test_building_leaves_out_what_no_verifier_could_check() -> None:
    told = story()
    stranger = Party("sarivane")
    line = stranger.cosign(told.checkpoint, WITNESSED)
    cosigned = told.proof.checkpoint
    noisy = replace(
        told.proof,
        extra=b"extra",
        checkpoint=replace(
            cosigned, signatures=(*cosigned.signatures, line, cosigned.signatures[0])
        ),
    )
    keys = [told.author.signer("act"), stranger.signer("act")]
    act = dsse.sign(dsse.ACT, told.act.envelope.payload, keys)
    root = dsse.sign(dsse.ROOT, told.documents[0].payload, [told.author.root, stranger.root])
    built = evidence.build(
        told.act.id,
        [root, *told.documents[1:]],
        [
            told.receipt(),
            node_document(told.author, "Orvanda", 1),
            told.shown(envelope=act, proof=noisy),
            told.first,
        ],
    )
    assert built == told.evidence(
        told.first, told.shown(), told.receipt(), node_document(told.author, "Orvanda", 1)
    )
    assert verify(built, told.trust).verdict is Verdict.VERIFIED


def test_building_keeps_the_signatures_of_a_succession_and_of_an_update() -> None:
    told = story(log=closing(story().author, 2))
    told.author.confirm()
    built = evidence.build(told.act.id, told.documents, told.evidence().statements)
    assert built.documents == tuple(told.documents)


def test_building_refuses_documents_that_do_not_verify() -> None:
    told = story()
    told.author.confirm()
    with refused("K8"):
        evidence.build(told.act.id, told.author.envelopes[1:], [])


def edit(change: Callable[[Any], object]) -> bytes:
    """Return a file with its JSON changed."""
    value = orjson.loads(story().evidence().to_bytes())
    change(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


MALFORMED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "not JSON": ("W7", lambda: b"{"),
    "not an object": ("W7", lambda: b"[]"),
    "white space": ("W7", lambda: story().evidence().to_bytes() + b"\n"),
    "an unknown member": ("W7", lambda: edit(lambda v: v.update(w=1))),
    "an unknown member of a statement": (
        "W7",
        lambda: edit(lambda v: v["statements"][0].update(w=1)),
    ),
    "an unknown member of a part": (
        "W7",
        lambda: edit(lambda v: v["statements"][1]["parts"][0].update(w=1)),
    ),
    "no documents": ("W7", lambda: edit(lambda v: v.update(documents=[]))),
    "a subject that is no id": ("W7", lambda: edit(lambda v: v.update(subject="x"))),
    "data that is not base64": (
        "W7",
        lambda: edit(lambda v: v["statements"][1]["parts"][0].update(data="=")),
    ),
    "data that is no string": (
        "W7",
        lambda: edit(lambda v: v["statements"][1]["parts"][0].update(data=["AAAA"])),
    ),
    "data that could be a string": (
        "W7",
        lambda: edit(lambda v: v["statements"][1]["parts"][0].update(data=1234)),
    ),
    "a salt that is too short": (
        "K15",
        lambda: edit(lambda v: v["statements"][1]["parts"][0].update(salt="AAAA")),
    ),
    "an envelope that is none": ("K3", lambda: edit(lambda v: v["documents"].append({}))),
    "a payload of another type": (
        "K17",
        lambda: edit(lambda v: v["documents"][0].update(payloadType="application/json")),
    ),
    "a later format": ("K17", lambda: edit(lambda v: v.update(v=2))),
    "format 0": ("K19", lambda: edit(lambda v: v.update(v=0))),
    "a format that is none": ("W7", lambda: edit(lambda v: v.update(v=-1))),
    "a proof that is none": ("W1", lambda: edit(lambda v: v["statements"][0].update(proof="x"))),
    "an empty proof": ("W7", lambda: edit(lambda v: v["statements"][0].update(proof=""))),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused(name: str) -> None:
    rule, make = MALFORMED[name]
    with refused(rule):
        evidence.parse(make())


def test_base64_has_one_spelling() -> None:
    data = story().evidence(story().first, story().shown(parts=story().shown_parts(0, 1, 2)))
    text = data.to_bytes()
    assert text.count(b'"data":"b25l"') == 1
    padded = text.replace(b'"data":"dGhyZWU="', b'"data":"dGhyZWV="')
    assert padded != text
    with refused("W7", "canonical"):
        evidence.parse(padded)


def test_a_file_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    made = story().evidence()
    data = made.to_bytes()
    monkeypatch.setattr(evidence, "LIMIT", len(data))
    assert evidence.parse(data) == made
    monkeypatch.setattr(evidence, "LIMIT", len(data) - 1)
    with refused("W7"):
        made.to_bytes()
    with refused("W7"):
        evidence.parse(data)


def test_a_proof_is_written_as_it_is_read() -> None:
    told = story()
    text = orjson.loads(told.evidence().to_bytes())["statements"][1]["proof"]
    assert proof.parse(text.encode()) == told.proof


def test_evidence_is_a_value() -> None:
    made = story().evidence()
    assert isinstance(made, Evidence)
    assert hash(made) == hash(story().evidence())
