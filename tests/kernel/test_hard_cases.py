"""Every decision of the kernel, and each later function's hardest case, through the pure kernel.

A decision that is missing here would be frozen into signed bytes by accident. Tests are named for
the decision they prove, and stand in the order of the specification.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from comity.kernel import content, dsse, kinds, merkle, statement
from comity.kernel.act import Act
from comity.kernel.approvals import approval_message
from comity.kernel.audience import may_have, parse_audience
from comity.kernel.documents import Closing, LogEntry, View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending, Void
from comity.kernel.fold import How
from comity.kernel.ids import Id, guest_of, host_of
from comity.kernel.kinds import Growth
from comity.kernel.label import (
    PAP,
    TLP,
    Allow,
    Audience,
    Egress,
    Footing,
    Kind,
    Label,
    Reader,
    Refuse,
    decide,
)
from comity.kernel.office import held
from comity.kernel.standing import Proof, Standing, standing
from tests.kernel.world import (
    TALLY,
    TALLY_2,
    TELLER,
    TIME,
    Party,
    charter,
    digest,
    documents_of,
    evidence,
    open_dossier,
    parts_of,
    refused,
    replica,
    signer,
    timed,
)

ORVANDA, TOLMERE, SARIVANE, LANTERN = (
    "orvanda",
    "tolmere",
    "sarivane",
    "lantern sea council",
)


def parties(*names: str) -> tuple[Party, ...]:
    return tuple(Party(name) for name in names)


def tell(dossier: Dossier, docs: dict[Id, View], *acts: Act) -> None:
    for act in acts:
        dossier.admit(act, docs)


# --- Statements, logs, documents ---


def test_the_id_of_a_statement_covers_what_is_signed_and_no_signature() -> None:
    orvanda = Party(ORVANDA)
    act = charter(orvanda)
    twice = dsse.sign(dsse.ACT, act.envelope.payload, [orvanda.signer("act"), signer("another")])
    assert twice.id == act.id == hashlib.sha256(act.envelope.pae).hexdigest()


def test_acts_receipts_and_node_documents_take_their_places_in_one_log() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    act = charter(orvanda)
    receipt = statement.read_receipt(orvanda.receipt(tolmere, [act], seq=act.header.seq))
    # Two statements of different types at one place: the evidence is their two heads.
    assert receipt.head[:4] == act.header.head[:4]
    assert receipt.head.seq == 0


def test_a_padding_leaf_can_never_be_claimed() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    checkpoint = orvanda.checkpoint()
    assert checkpoint.checkpoint.size == 16
    cosigned = checkpoint.add([tolmere.cosign(checkpoint, 1_700_000_001)])
    # Whoever holds the key may sign a statement for that place, and it is admitted for ever …
    late = orvanda.say(dossier, "claim", {"status": "done"}, seq=7)
    tell(dossier, docs, late)
    # … but no evidence puts it there, and what is there shows that it is disowned.
    body = evidence(late, orvanda.prove(late, cosigned), [orvanda.view, tolmere.view])
    with refused("K18", "does not lead to the root"):
        dossier.admit(tolmere.say(dossier, "evidence", body), docs)
    assert standing_of(late, orvanda, Proof.OTHER_LEAF) is Standing.DISOWNED
    shown = dossier.state_without(frozenset({late.id}))
    assert dossier.state.entries("status")
    assert not shown.entries("status")


def test_a_document_that_is_missing_makes_an_act_pending_like_a_missing_parent() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    dossier = open_dossier(orvanda, [tolmere])
    act = tolmere.say(dossier, "note")
    with pytest.raises(Pending) as pending:
        dossier.admit(act, documents_of(orvanda))
    assert pending.value.documents == {tolmere.view.id}
    dossier.admit(act, documents_of(orvanda, tolmere))
    later = replica(dossier_charter(dossier, orvanda), documents_of(orvanda))
    answer = orvanda.say(dossier, "note")
    with pytest.raises(Pending) as pending:
        later.admit(answer, documents_of(orvanda))
    assert pending.value.acts == {act.id}


def dossier_charter(dossier: Dossier, author: Party) -> Act:
    """The charter of a dossier, signed again: signatures are deterministic."""
    return author.sign_act(dossier.graph.charter.header)


def test_a_succession_opens_the_next_log_with_the_keys_announced_before() -> None:
    orvanda = Party(ORVANDA)
    closing = Closing(16, digest("root"), ((17, digest("kept")),))
    view = orvanda.succeed(closing)
    assert view.version == (1, 1)
    assert view.party == orvanda.id
    assert view.logs[1].closed == closing
    assert view.logs[2] == LogEntry(orvanda.keys(2), None)
    confirmed = orvanda.confirm()
    assert confirmed.version == (2, 0)
    assert confirmed.logs == view.logs


def test_along_a_feed_the_version_of_its_document_never_falls() -> None:
    orvanda = Party(ORVANDA)
    first = orvanda.view
    dossier = open_dossier(orvanda)
    orvanda.confirm()
    docs = documents_of(orvanda)
    tell(dossier, docs, orvanda.say(dossier, "note"))
    with refused("K10", "older document"):
        dossier.admit(orvanda.say(dossier, "note", doc=first.id), docs)


def test_a_later_closing_may_only_add_to_what_it_keeps() -> None:
    orvanda = Party(ORVANDA)
    kept = ((17, digest("kept")),)
    orvanda.succeed(Closing(16, digest("root"), kept))
    orvanda.confirm()
    more = Closing(16, digest("root"), (*kept, (18, digest("found later"))))
    orvanda.confirm({**orvanda.view.logs, 1: LogEntry(orvanda.keys(1), more)})
    less = Closing(16, digest("root"), kept)
    with refused("K8", "earlier closing kept"):
        orvanda.confirm({**orvanda.view.logs, 1: LogEntry(orvanda.keys(1), less)})


def test_a_restored_node_goes_on_in_its_next_log_and_settles_what_is_found_later() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    opening = dossier_charter(dossier, orvanda)
    backed_up = orvanda.say(dossier, "claim", {"status": "open"})
    tell(dossier, docs, backed_up)
    # After the backup Orvanda signs two more: one reached Tolmere, one will be found much later.
    kept = orvanda.say(dossier, "claim", {"status": "held"})
    tell(dossier, docs, kept)
    lost = orvanda.say(dossier, "claim", {"status": "done"})

    # The log is closed at the last checkpoint anyone holds, which had the two first leaves.
    orvanda.succeed(Closing(2, digest("root at 2"), ((kept.header.seq, kept.id),)))
    docs = documents_of(orvanda, tolmere)
    restored = replica(opening, docs, [backed_up, kept])
    first = restored.graph.feed_heads()
    again = orvanda.say(restored, "claim", {"status": "open"})
    assert (again.header.log, again.header.n, again.header.prev) == (2, 1, None)
    assert again.header.parents == tuple(node.id for node in first[orvanda.id, 1])
    tell(restored, docs, again)
    assert [e.value for e in restored.state.entries("status")] == ["open"]

    # The lost act is found: one author, two statements that have not seen each other, no fork.
    tell(restored, docs, lost)
    assert {e.value for e in restored.state.entries("status")} == {"done", "open"}
    assert restored.graph.equivocations() == []
    assert not restored.graph.forked
    # It lies beyond the closing and is not kept, so that pages do without it.
    places = [standing_of(act, orvanda) for act in (backed_up, kept, lost)]
    assert places == [Standing.UNPROVEN, Standing.PLAIN, Standing.DISOWNED]
    assert standing_of(backed_up, orvanda, Proof.INCLUDED) is Standing.PROVEN
    shown = restored.state_without(frozenset({lost.id}))
    assert [e.value for e in shown.entries("status")] == ["open"]

    # The next own act cites both, and settles it.
    settled = orvanda.say(restored, "claim", {"status": "held"})
    assert settled.header.prev == again.id
    assert settled.header.parents == (lost.id,)
    tell(restored, docs, settled)
    assert [e.value for e in restored.state.entries("status")] == ["held"]


def standing_of(act: Act, author: Party, proof: Proof = Proof.NONE) -> Standing:
    """The standing of an act under the newest documents of its author."""
    header, named = act.header, documents_of(author)[act.header.doc]
    return standing(act.id, header.log, header.seq, named=named, latest=author.view, proof=proof)


def test_a_closed_log_takes_no_statement_that_names_its_closing() -> None:
    orvanda = Party(ORVANDA)
    dossier = open_dossier(orvanda)
    orvanda.succeed(Closing(1, digest("root"), ()))
    docs = documents_of(orvanda)
    with refused("K7"):
        dossier.admit(orvanda.say(dossier, "note", log=1), docs)
    stolen = orvanda.say(dossier, "note", log=1, seq=5, doc=orvanda.views[0].id)
    tell(dossier, docs, stolen)  # Signed under the document before: for ever in, and disowned.
    assert standing_of(stolen, orvanda) is Standing.DISOWNED


def test_a_key_that_the_root_replaces_leaves_its_acts_in_and_its_log_disowned() -> None:
    orvanda = Party(ORVANDA)
    dossier = open_dossier(orvanda)
    orvanda.succeed(Closing(1, digest("root"), ()))
    by_spare = orvanda.say(dossier, "claim", {"status": "open"})
    docs = documents_of(orvanda)
    tell(dossier, docs, by_spare)
    assert standing_of(by_spare, orvanda) is Standing.PLAIN
    one = LogEntry(orvanda.keys(1), None)
    # The root leaves the log out, or gives one of that number other keys: another log.
    for number in (3, 2):
        orvanda.view = docs[by_spare.header.doc]
        orvanda.confirm({1: one, number: LogEntry(orvanda.keys(3), None)})
        assert standing_of(by_spare, orvanda) is Standing.DISOWNED
    replay = replica(dossier_charter(dossier, orvanda), documents_of(orvanda), [by_spare])
    assert replay.digest() == dossier.digest()


# --- Convergence ---


def test_an_act_its_guard_refuses_stays_in_the_graph_without_effect() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    tell(dossier, docs, orvanda.say(dossier, "bid", {"amount": 10}))
    falling = orvanda.say(dossier, "bid", {"amount": 9})
    with pytest.raises(Void, match="D1"):  # Our own services ask before they sign.
        dossier.try_act(falling, orvanda.view, docs)
    node = dossier.admit(falling, docs)
    assert node.void == ("D1", "The bid is not above its author's last.")
    assert dossier.state.has("void", falling.id, "D1")
    assert dossier.state.bound(How.LEAST, "lowest") == 10
    # Its feed goes on.
    assert dossier.admit(orvanda.say(dossier, "bid", {"amount": 11}), docs).void is None
    assert dossier.state.bound(How.MOST, "highest") == 11


def test_a_node_without_the_protocol_keeps_the_dossier_opaque() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    opening = charter(orvanda, [tolmere], version=9)
    opaque = Dossier(opening, docs, None)
    sent = [orvanda.say(opaque, "not_known_here", {"any": "code"})]
    tell(opaque, docs, *sent)
    sent.append(tolmere.say(opaque, "leave"))
    tell(opaque, docs, *sent)
    assert opaque.members.now() == {orvanda.id}
    assert opaque.summary() is None
    with refused("K12"):  # Structural rules hold all the same.
        opaque.admit(tolmere.say(opaque, "bid", {"amount": 1}), docs)
    # After the upgrade the same acts are folded, and some of them turn out to be void.
    upgraded = replica(opening, docs, sent)
    assert upgraded.graph.nodes.keys() == opaque.graph.nodes.keys()
    assert upgraded.graph.nodes[sent[0].id].void is not None
    assert upgraded.members.now() == opaque.members.now()


def test_two_versions_of_a_protocol_disagree_on_effect_and_never_on_the_graph() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    opening = charter(orvanda, version=2)
    older, newer = Dossier(opening, docs, TALLY), Dossier(opening, docs, TALLY_2)
    closing = orvanda.say(newer, "close")
    tell(older, docs, closing)
    tell(newer, docs, closing)
    assert [n.id for n in older.graph.heads()] == [n.id for n in newer.graph.heads()]
    assert newer.graph.nodes[closing.id].void is None
    assert older.state.has("void", closing.id, "D0")
    assert older.digest() != newer.digest()  # Same heads, another digest: the alarm.


def test_both_branches_of_a_fork_are_admitted_and_who_saw_which_is_known() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    opening = dossier_charter(dossier, orvanda)
    left, right = replica(opening, docs), replica(opening, docs)
    one, other = (
        orvanda.say(left, "claim", {"status": "open"}),
        orvanda.say(right, "claim", {"status": "held"}),
    )
    tell(left, docs, one)
    on_left = tolmere.say(left, "note")
    for where in (left, right):
        tell(where, docs, one, other, on_left)
    assert left.digest() == right.digest()
    nodes = left.graph.nodes
    assert left.graph.equivocations() == [
        tuple(sorted((nodes[one.id], nodes[other.id]), key=lambda n: n.id))
    ]
    assert left.graph.before(nodes[one.id], nodes[on_left.id])
    assert not left.graph.before(nodes[other.id], nodes[on_left.id])
    # The next own act cites both branches.
    merged = orvanda.say(left, "note")
    node = left.admit(merged, docs)
    assert all(left.graph.before(nodes[a.id], node) for a in (one, other))


def test_a_party_with_two_concurrent_statements_is_shown_as_a_conflict() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    opening = dossier_charter(dossier, orvanda)
    left, right = replica(opening, docs), replica(opening, docs)
    said = [
        orvanda.say(left, "claim", {"status": "open"}),
        orvanda.say(right, "claim", {"status": "done"}),
    ]
    tell(dossier, docs, *said)
    summary = dossier.summary()
    assert summary is not None
    assert summary.status == "conflict"
    assert {e.act for e in dossier.state.entries("status")} == {a.id for a in said}


def test_two_parties_never_conflict_in_a_cell_since_each_writes_its_own() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    for party, status in ((orvanda, "open"), (tolmere, "done")):
        tell(dossier, docs, party.say(dossier, "claim", {"status": status}))
    assert [e.value for e in dossier.state.entries("status", by=orvanda.id)] == ["open"]
    assert [e.value for e in dossier.state.entries("status", by=tolmere.id)] == ["done"]


def test_a_header_has_at_most_64_parents_and_32_refs() -> None:
    orvanda = Party(ORVANDA)
    many = tuple(sorted(digest(str(i)) for i in range(65)))
    dossier = open_dossier(orvanda)
    with refused("K4", "at most 64"):
        orvanda.say(dossier, "note", parents=many)
    with refused("K4", "at most 32"):
        orvanda.say(dossier, "note", refs=many[:33])
    assert len(orvanda.say(dossier, "note", parents=many[:64], refs=many[:32]).header.parents) == 64


def test_a_circle_grows_by_its_chair_alone() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.CHAIR, chair=orvanda.id)
    with refused("K14", "Only the chair"):
        dossier.admit(tolmere.say(dossier, "invite", {"party": sarivane.id}), docs)
    with refused("K12"):
        dossier.admit(sarivane.say(dossier, "note"), docs)
    invite = orvanda.say(dossier, "invite", {"party": sarivane.id})
    tell(dossier, docs, invite)
    assert dossier.members.invited() == {sarivane.id}
    join = sarivane.say(dossier, "join", {"invite": invite.id})
    assert (join.header.n, join.header.parents) == (1, (invite.id,))
    tell(dossier, docs, join)
    assert dossier.members.now() == {orvanda.id, tolmere.id, sarivane.id}
    assert dossier.members.invited() == frozenset()


def test_with_growth_by_all_consent_every_member_must_have_invited() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.ALL)
    first = orvanda.say(dossier, "invite", {"party": sarivane.id})
    tell(dossier, docs, first)
    early = sarivane.say(dossier, "join", {"invite": first.id})
    with refused("K14", "Not every member"):
        dossier.admit(early, docs)
    tell(dossier, docs, tolmere.say(dossier, "invite", {"party": sarivane.id}))
    tell(dossier, docs, sarivane.say(dossier, "join", {"invite": first.id}))
    assert sarivane.id in dossier.members.now()


def test_an_embargo_joiner_has_headers_at_once_and_content_after_consent() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.CHAIR, chair=orvanda.id)
    early = tolmere.say(dossier, "claim", {"status": "held"})
    tell(dossier, docs, early)
    invite = orvanda.say(dossier, "invite", {"party": sarivane.id})
    tell(dossier, docs, invite)
    unaware = replica(dossier_charter(dossier, orvanda), docs, [early, invite])
    concurrent = tolmere.say(unaware, "note")
    join = sarivane.say(dossier, "join", {"invite": invite.id})
    tell(dossier, docs, concurrent, join)
    after = tolmere.say(dossier, "note")
    node_after = dossier.admit(after, docs)
    nodes = dossier.graph.nodes
    # All headers are the joiner's; content goes to the members of the act itself.
    assert sarivane.id not in dossier.members.of(nodes[early.id])
    assert sarivane.id not in dossier.members.of(nodes[concurrent.id])
    assert sarivane.id in dossier.members.of(node_after)
    assert sarivane.id in dossier.members.of(nodes[join.id])
    # Nobody gives away another's content; its author releases it, act by act.
    what = {"acts": [early.id], "to": sarivane.id}
    with refused("K14", "own acts only"):
        dossier.admit(orvanda.say(dossier, "release", what), docs)
    assert not dossier.state.has("released", early.id, sarivane.id)
    tell(dossier, docs, tolmere.say(dossier, "release", what))
    assert dossier.state.has("released", early.id, sarivane.id)
    assert not dossier.state.has("released", concurrent.id, sarivane.id)


def test_content_is_released_to_members_only() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda)
    body = {"acts": [dossier.id], "to": tolmere.id}
    with refused("K14", "released to a member"):
        dossier.admit(orvanda.say(dossier, "release", body), docs)


def test_after_leaving_a_party_says_nothing_more_until_it_is_invited_again() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.CHAIR, chair=orvanda.id)
    leave = tolmere.say(dossier, "leave")
    node = dossier.admit(leave, docs)
    assert tolmere.id in dossier.members.of(node)
    assert dossier.members.now() == {orvanda.id}
    with refused("K12"):
        dossier.admit(tolmere.say(dossier, "note"), docs)
    for _ in range(2):  # Each return needs an invitation of its own.
        invite = orvanda.say(dossier, "invite", {"party": tolmere.id})
        tell(dossier, docs, invite)
        tell(dossier, docs, tolmere.say(dossier, "join", {"invite": invite.id}))
        assert tolmere.id in dossier.members.now()
        tell(dossier, docs, tolmere.say(dossier, "leave"))
        with refused("K14", "used once"):
            dossier.admit(tolmere.say(dossier, "join", {"invite": invite.id}), docs)
    assert [e.value for e in dossier.state.entries("membership")] == ["left"]


def test_consent_of_all_is_asked_anew_when_a_party_comes_back() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.ALL)

    def invite(by: Party) -> Act:
        act = by.say(dossier, "invite", {"party": sarivane.id})
        tell(dossier, docs, act)
        return act

    invite(orvanda)
    second = invite(tolmere)
    tell(dossier, docs, sarivane.say(dossier, "join", {"invite": second.id}))
    tell(dossier, docs, sarivane.say(dossier, "leave"))
    third = invite(tolmere)
    with refused("K14", "Not every member"):
        dossier.admit(sarivane.say(dossier, "join", {"invite": third.id}), docs)
    invite(orvanda)
    tell(dossier, docs, sarivane.say(dossier, "join", {"invite": third.id}))
    assert sarivane.id in dossier.members.now()


def test_a_founder_is_addressed_and_may_decline() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    tell(dossier, docs, tolmere.say(dossier, "decline"))
    assert dossier.members.now() == {orvanda.id}
    with refused("K12"):
        dossier.admit(tolmere.say(dossier, "note"), docs)
    with refused("K14", "founding member"):
        dossier.admit(tolmere.say(dossier, "decline"), docs)


def test_an_invited_party_may_decline_without_being_a_member() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, growth=Growth.CHAIR, chair=orvanda.id)
    with refused("K14", "no invitation of itself"):
        dossier.admit(tolmere.say(dossier, "decline", {"invite": dossier.id}), docs)
    invite = orvanda.say(dossier, "invite", {"party": tolmere.id})
    tell(dossier, docs, invite)
    tell(dossier, docs, tolmere.say(dossier, "decline", {"invite": invite.id}))
    assert dossier.members.now() == {orvanda.id}
    assert [e.value for e in dossier.state.entries("membership")] == ["declined"]


def test_a_member_goes_from_a_circle_by_a_successor_and_never_by_expulsion() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    old = open_dossier(orvanda, [tolmere, sarivane])
    new = open_dossier(orvanda, [tolmere], succeeds=old.id)
    assert new.charter.succeeds == old.id
    with refused("K12"):
        new.admit(sarivane.say(new, "note"), docs)
    # The old one still stands, for whoever speaks there; an act of it has no place in the new.
    stray = sarivane.say(old, "note")
    tell(old, docs, stray)
    with refused("K11", "another dossier"):
        new.admit(stray, docs)
    # What our node sent after the successor is all that is claimed: nothing makes anyone leave.
    assert sarivane.id in old.members.now()


def test_a_part_may_go_to_some_only_and_the_rest_get_header_and_proof() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere, sarivane])
    parts = parts_of("for all", "for tolmere", "my own notes", "for the press")
    body = {
        "audience": [
            {"first": 1, "last": 1, "to": [tolmere.id]},
            {"first": 2, "last": 2, "to": "author"},
            {"first": 3, "last": 3, "to": "public"},
        ],
        "status": "open",
    }
    act = orvanda.say(dossier, "claim", body, parts=parts)
    node = dossier.admit(act, docs)
    assert node.void is None  # The audience is no field of the protocol.
    ranges = parse_audience(act.header.body["audience"], 4)
    members = dossier.members.of(node)

    def gets(party: Party) -> list[int]:
        return [
            i for i in range(4) if may_have(ranges, i, party.id, author=orvanda.id, members=members)
        ]

    assert gets(orvanda) == [0, 1, 2, 3]
    assert gets(tolmere) == [0, 1, 3]
    assert gets(sarivane) == [0, 3]
    assert gets(Party("a stranger")) == [3]
    leaves = [part.leaf for part in parts]
    content.verify_part(act.header.content, content.show(leaves, parts[1]))
    with refused("K4", "integer from 0 to 3"):
        wrong = orvanda.say(
            dossier,
            "claim",
            body | {"audience": [{"first": 4, "last": 4, "to": "public"}]},
            parts=parts,
        )
        dossier.admit(wrong, docs)


def test_words_for_people_are_equal_everywhere_and_read_no_content() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    claim = orvanda.say(dossier, "claim", {"status": "held"})
    tell(dossier, docs, claim, tolmere.say(dossier, "bid", {"amount": 4}))
    summary = dossier.summary()
    assert summary is not None
    assert (summary.status, summary.caption.params) == ("held", {"highest": "4"})
    assert summary.parties == tuple(sorted((orvanda.id, tolmere.id)))
    assert [(d.who, d.act) for d in summary.duties] == [(orvanda.id, claim.id)]


def test_an_office_is_held_by_citation_and_by_what_the_author_had_seen() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.CHAIR, chair=orvanda.id)
    apart = replica(dossier_charter(dossier, orvanda), docs)

    def verdict(by: Party, where: Dossier, kind: str, cites: str, **body: str) -> str | None:
        act = by.say(where, kind, body, refs=(Id(cites),))
        where.admit(act, docs)
        node = dossier.admit(act, docs)
        return None if node.void is None else node.void[0]

    assert verdict(tolmere, dossier, "count", dossier.id) == "D0"
    assert verdict(orvanda, dossier, "hand_over", dossier.id, to=tolmere.id) is None
    [offer] = [node.id for node in dossier.graph.order if node.header.kind == "hand_over"]
    assert verdict(tolmere, dossier, "count", offer) == "D0"  # It has not accepted yet.
    assert verdict(tolmere, dossier, "accept", offer) is None
    assert verdict(tolmere, dossier, "count", dossier.id) == "D0"
    assert verdict(tolmere, dossier, "count", offer) is None
    assert [grant.to for grant in held(TELLER, dossier.state)] == [tolmere.id]
    # A second machine of Orvanda's that knows nothing of it acts with effect, and hands over
    # once more, to a party that accepts: two hand-overs, and nobody holds the office.
    assert verdict(orvanda, apart, "count", dossier.id) is None
    assert verdict(orvanda, apart, "hand_over", dossier.id, to=tolmere.id) is None
    [other] = [node.id for node in apart.graph.order if node.header.kind == "hand_over"]
    assert verdict(tolmere, apart, "accept", other) is None
    assert {grant.act for grant in held(TELLER, dossier.state)} == {offer, other}
    for by, grant in ((orvanda, dossier.id), (tolmere, offer), (tolmere, other)):
        assert verdict(by, dossier, "count", grant) == "D0"


def test_who_admits_members_is_the_charters_chair_whoever_holds_an_office() -> None:
    orvanda, tolmere, sarivane = parties(ORVANDA, TOLMERE, SARIVANE)
    docs = documents_of(orvanda, tolmere, sarivane)
    dossier = open_dossier(orvanda, [tolmere], growth=Growth.CHAIR, chair=orvanda.id)
    offer = orvanda.say(dossier, "hand_over", {"to": tolmere.id}, refs=(dossier.id,))
    tell(dossier, docs, offer)
    tell(dossier, docs, tolmere.say(dossier, "accept", refs=(offer.id,)))
    # Admission needs no protocol, and so knows of no hand-over (ADR 0013).
    with refused("K14", "Only the chair"):
        dossier.admit(tolmere.say(dossier, "invite", {"party": sarivane.id}), docs)
    tell(dossier, docs, orvanda.say(dossier, "invite", {"party": sarivane.id}))


def test_a_host_records_what_its_guest_did_and_only_kinds_the_protocol_lists() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    letter = orvanda.say(dossier, "note")
    tell(dossier, docs, letter)
    body = {
        "letter": letter.id,
        "guest": "harbour_office",
        "kind": "claim",
        "body": {"status": "open"},
    }
    node = dossier.admit(orvanda.say(dossier, "record", body), docs)
    assert node.void is None
    [entry] = dossier.state.sources("recorded", letter.id, "harbour_office")
    assert entry.author == orvanda.id  # A guest of Orvanda: its word, and never a member.
    assert len(dossier.members.now()) == 2
    # What the guest said stands beside what its host says, and never counts as the host's word.
    guest = guest_of(orvanda.id, "harbour_office")
    tell(dossier, docs, orvanda.say(dossier, "claim", {"status": "done"}))
    said = {entry.author: entry.value for entry in dossier.state.entries("status")}
    assert said == {guest: "open", orvanda.id: "done"}
    assert host_of(guest) == (orvanda.id, "harbour_office")
    assert guest not in dossier.members.ever()
    # A guest's later word takes the place of its earlier, and another guest's does not.
    tell(dossier, docs, orvanda.say(dossier, "record", body | {"body": {"status": "held"}}))
    tell(dossier, docs, orvanda.say(dossier, "record", body | {"guest": "finder"}))
    by_guest = dossier.state.entries("status", by=guest)
    assert [entry.value for entry in by_guest] == ["held"]
    assert len(dossier.state.entries("status")) == 3
    with refused("K14", "own letter"):
        dossier.admit(tolmere.say(dossier, "record", body), docs)
    for wrong in (
        {"kind": "mark", "body": {"of": letter.id}},
        {"kind": "note", "body": {}},
        {"kind": "charter", "body": {}},
        {"kind": "record", "body": body},
        {"body": {"status": "no such"}},
        {"body": {"status": "open", "by": {"role": "minister"}}},
    ):
        node = dossier.admit(orvanda.say(dossier, "record", body | wrong), docs)
        assert node.void is not None
        assert node.void[0] == "D0"


def test_the_guards_hold_for_what_is_recorded_and_take_the_guest_for_its_author() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    dossier = open_dossier(orvanda)
    letter = orvanda.say(dossier, "note")
    tell(dossier, docs, letter)

    def bid(amount: int, guest: str = "") -> str | None:
        body: dict[str, Any] = {"amount": amount}
        recorded = {"letter": letter.id, "guest": guest, "kind": "bid", "body": body}
        act = orvanda.say(dossier, *(("record", recorded) if guest else ("bid", body)))
        node = dossier.admit(act, docs)
        return None if node.void is None else node.void[0]

    # D1: a bid is above its author's last. Host and guests are three authors.
    assert [bid(5), bid(3, "finder"), bid(2, "port")] == [None, None, None]
    assert [bid(5), bid(3, "finder"), bid(2, "port")] == ["D1", "D1", "D1"]
    assert [bid(6), bid(4, "finder"), bid(3, "port")] == [None, None, None]
    assert dossier.state.bound(How.MOST, "highest") == 6


def test_evidence_and_erasing_are_about_the_record_and_its_author_is_the_host() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    letter = orvanda.say(dossier, "note")
    tell(dossier, docs, letter)
    body = {"letter": letter.id, "guest": "finder", "kind": "claim", "body": {"status": "open"}}
    record = orvanda.say(dossier, "record", body)
    tell(dossier, docs, record)
    data = tolmere.receipt(orvanda, [record]).to_bytes()
    proof_ = evidence(record, data, [tolmere.view], kinds.RECEIPT)
    tell(dossier, docs, orvanda.say(dossier, "evidence", proof_))
    assert dossier.state.bound(How.LEAST, "received", record.id, tolmere.id)
    asked = {"act": record.id, "stage": "asked", "reason": "law"}
    tell(dossier, docs, orvanda.say(dossier, "erase", asked))
    tell(dossier, docs, orvanda.say(dossier, "record", body | {"letter": record.id}))


def approved(party: Party, act: Act, key_name: str) -> dict[str, object]:
    message = approval_message({**act.header.to_object(), "party": party.id})
    key = signer(key_name)
    return {"key": key.key, "sig": base64.b64encode(key.sign(message)).decode()}


def test_approvals_are_made_by_mandate_keys_over_exactly_this_act() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    dossier = open_dossier(orvanda)
    parts = parts_of("the text that was approved")

    def claim(body: Mapping[str, Any], **more: Any) -> Act:
        return orvanda.say(dossier, "claim", body, parts=parts, **more)

    draft = claim({"status": "done", "by": {"role": "minister"}}, seq=90)
    good = approved(orvanda, draft, "orvanda mandate")
    body = draft.header.body
    node = dossier.admit(claim({**body, "approvals": [good]}), docs)
    assert node.void is None
    note = orvanda.say(dossier, "note", parts=parts)
    approval = approved(orvanda, note, "orvanda mandate")
    tell(dossier, docs, orvanda.say(dossier, "note", {"approvals": [approval]}, parts=parts))
    for wrong in (
        {**body, "approvals": []},
        {**body, "status": "open", "approvals": [good]},
        {**body, "approvals": [good, good]},
        {**body, "approvals": [approved(orvanda, draft, "a stranger")]},
        {**body, "approvals": [good | {"sig": "AAAA"}]},
        {**body, "approvals": [good | {"sig": "not base64"}]},
        {**body, "approvals": [good | {"key": "rsa:1"}]},
    ):
        with refused("K16"):
            dossier.admit(claim(wrong), docs)


def test_erasing_is_asked_by_the_author_and_answered_by_those_who_hold() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    said = orvanda.say(dossier, "claim", {"status": "open"})
    tell(dossier, docs, said)
    asked = {"act": said.id, "stage": "asked", "reason": "personal_data"}
    with refused("K14", "own acts"):
        dossier.admit(tolmere.say(dossier, "erase", asked), docs)
    before = dossier.state.entries("status")
    tell(dossier, docs, orvanda.say(dossier, "erase", asked))
    tell(
        dossier, docs, tolmere.say(dossier, "erase", asked | {"stage": "refused", "reason": "law"})
    )
    answers = {e.author: e.value for e in dossier.state.entries("erased", said.id)}
    assert answers == {
        orvanda.id: {"stage": "asked", "reason": "personal_data"},
        tolmere.id: {"stage": "refused", "reason": "law"},
    }
    assert dossier.state.entries("status") == before  # What is decided does not read content.


def test_the_state_digest_covers_all_facts_and_pages_leave_out_what_is_disowned() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    dossier = open_dossier(orvanda)
    first = orvanda.say(dossier, "claim", {"status": "open"})
    tell(dossier, docs, first)
    second = orvanda.say(dossier, "claim", {"status": "done"})
    tell(dossier, docs, second)
    whole = dossier.digest()
    shown = dossier.state_without(frozenset({second.id}))
    assert [e.value for e in shown.entries("status")] == ["open"]
    assert shown.digest() != whole == dossier.digest()
    assert dossier.state_without(frozenset()) is dossier.state


# --- Proven time ---

DEADLINE = 1_700_000_600
"""When the silence ends, in seconds since the epoch."""


def test_an_objection_one_second_before_the_deadline_is_proven_in_time() -> None:
    orvanda, tolmere, sarivane, lantern = parties(ORVANDA, TOLMERE, SARIVANE, LANTERN)
    witnesses = [sarivane, lantern, Party("wicklight lab")]
    docs = documents_of(orvanda, tolmere, *witnesses)
    dossier = open_dossier(orvanda, [tolmere, sarivane], time=timed(witnesses, 2))
    objection = tolmere.say(dossier, "objection", time=(DEADLINE - 1) * 1000)
    tell(dossier, docs, objection)
    checkpoint = tolmere.checkpoint()
    policy = dossier.charter.time
    assert policy is not None

    def show(cosigned: list[tuple[Party, int]]) -> int | None:
        lines = [party.cosign(checkpoint, second) for party, second in cosigned]
        named = [tolmere.view, *(party.view for party, _ in cosigned)]
        data = tolmere.prove(objection, checkpoint.add(lines))
        tell(dossier, docs, tolmere.say(dossier, "evidence", evidence(objection, data, named)))
        return dossier.proven_time(objection.id)

    assert dossier.proven_time(objection.id) is None  # Its own word proves nothing.
    assert show([(sarivane, DEADLINE)]) is None  # One of the two that the charter asks for.
    assert show([(orvanda, DEADLINE - 1)]) is None  # Not a witness of this dossier.
    # The second smallest counts, so that one witness alone makes no time early.
    assert show([(lantern, DEADLINE + 3)]) == (DEADLINE + 3) * 1000
    assert show([(witnesses[2], DEADLINE + 1), (lantern, DEADLINE + 9)]) == (DEADLINE + 1) * 1000
    proven = dossier.proven_time(objection.id)
    assert proven is not None
    assert proven - policy.grace <= DEADLINE * 1000

    # Backdated: signed long after, it says the same time, and cannot prove it.
    late = sarivane.say(dossier, "objection", time=objection.header.time)
    tell(dossier, docs, late)
    checkpoint = sarivane.checkpoint()
    after = [w.cosign(checkpoint, DEADLINE + 3600) for w in witnesses]
    data = sarivane.prove(late, checkpoint.add(after))
    named = [sarivane.view, *(w.view for w in witnesses)]
    tell(dossier, docs, sarivane.say(dossier, "evidence", evidence(late, data, named)))
    proven = dossier.proven_time(late.id)
    assert proven is not None
    assert proven - policy.grace > DEADLINE * 1000


def test_a_time_is_proven_by_an_act_that_carries_the_evidence_and_by_nothing_else() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    plain = open_dossier(orvanda, [tolmere])
    assert plain.proven_time(plain.id) is None  # Its charter pins no policy.
    dossier = open_dossier(orvanda, [tolmere], time=timed([tolmere], 1))
    checkpoint = orvanda.checkpoint()
    cosigned = checkpoint.add([tolmere.cosign(checkpoint, DEADLINE)])
    act = dossier_charter(dossier, orvanda)
    data = orvanda.prove(act, cosigned)
    body = evidence(act, data, [orvanda.view, tolmere.view])
    with pytest.raises(Pending) as pending:
        dossier.admit(orvanda.say(dossier, "evidence", body), documents_of(orvanda))
    assert pending.value.documents == {tolmere.view.id}
    assert dossier.proven_time(act.id) is None
    tell(dossier, docs, orvanda.say(dossier, "evidence", body))
    assert dossier.proven_time(act.id) == DEADLINE * 1000


def test_two_parties_witness_each_other() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere], time=timed([orvanda, tolmere], 1))
    acts = [dossier_charter(dossier, orvanda), tolmere.say(dossier, "note")]
    tell(dossier, docs, *acts)
    for author, witness, act in ((orvanda, tolmere, acts[0]), (tolmere, orvanda, acts[1])):
        checkpoint = author.checkpoint()
        cosigned = checkpoint.add([witness.cosign(checkpoint, DEADLINE)])
        body = evidence(act, author.prove(act, cosigned), [orvanda.view, tolmere.view])
        tell(dossier, docs, author.say(dossier, "evidence", body))
        assert dossier.proven_time(act.id) == DEADLINE * 1000
        key = witness.keys(1).witness
        time = dossier.state.bound(How.LEAST, "cosigned", act.id, witness.id, key)
        assert time == DEADLINE * 1000
    for party in (orvanda, tolmere):
        view, proof = party.view, Proof.COSIGNED
        found = standing(dossier.id, 1, 0, named=view, latest=view, proof=proof)
        assert found is Standing.COSIGNED


def test_a_receipt_binds_the_addressee_that_gave_it() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere], time=timed([tolmere], 1))
    act = orvanda.say(dossier, "note")
    tell(dossier, docs, act)
    data = tolmere.receipt(orvanda, [act], time=TIME + 77).to_bytes()
    body = evidence(act, data, [tolmere.view], kinds.RECEIPT)
    tell(dossier, docs, orvanda.say(dossier, "evidence", body))
    assert dossier.state.bound(How.LEAST, "received", act.id, tolmere.id) == TIME + 77
    assert dossier.proven_time(act.id) is None  # It is nobody else's time.


# --- Labels, footing, realm ---


def test_no_act_is_above_the_ceiling_of_its_charter() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    with refused("K13", "above the dossier's ceiling"):
        Dossier(charter(orvanda, header={"tlp": TLP.RED}), docs, TALLY)
    dossier = open_dossier(orvanda, ceiling=TLP.AMBER)
    for level in (TLP.CLEAR, TLP.GREEN, TLP.AMBER):
        tell(dossier, docs, orvanda.say(dossier, "note", tlp=level, pap=PAP.RED))
    for level in (TLP.AMBER_STRICT, TLP.RED):
        with refused("K13", "above the dossier's ceiling"):
            dossier.admit(orvanda.say(dossier, "note", tlp=level), docs)


def test_footing_may_be_lowered_and_never_raised() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    dossier = open_dossier(orvanda)
    for footing in (None, Footing.WITHOUT_PREJUDICE, Footing.TECHNICAL):
        tell(dossier, docs, orvanda.say(dossier, "note", footing=footing))
    with refused("K13", "never raise it"):
        dossier.admit(orvanda.say(dossier, "note", footing=Footing.FORMAL), docs)


def test_an_exercise_and_the_real_thing_never_mix() -> None:
    orvanda = Party(ORVANDA)
    docs = documents_of(orvanda)
    drill = open_dossier(orvanda, header={"realm": "drill_7"})
    tell(drill, docs, orvanda.say(drill, "note", realm="drill_7"))
    with refused("K13", "realm"):
        drill.admit(orvanda.say(drill, "note"), docs)
    live = open_dossier(orvanda)
    with refused("K13", "realm"):
        live.admit(orvanda.say(live, "note", realm="drill_7"), docs)


def test_a_red_dossier_lists_its_readers_and_only_they_see_it() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    readers = ((orvanda.id, "desk"), (tolmere.id, "duty_1"))
    dossier = open_dossier(
        orvanda, [tolmere], ceiling=TLP.RED, readers=readers, header={"tlp": TLP.RED}
    )
    assert dossier.charter.readers == tuple(sorted(readers))
    label = Label(TLP.RED, PAP.RED, frozenset({dossier.id}))
    audiences: dict[str, Audience] = {
        dossier.id: Audience(
            dossier.members.now(), dossier.charter.ceiling, frozenset(dossier.charter.readers)
        )
    }

    def ask(handle: str, kind: Kind, door: Egress) -> type:
        reader = Reader(tolmere.id, kind, frozenset({handle}), accredited=True)
        return type(decide(label, reader, door, audiences))

    assert ask("duty_1", Kind.PERSON, Egress.PAGE) is Allow
    assert ask("duty_2", Kind.PERSON, Egress.PAGE) is Refuse
    assert ask("duty_1", Kind.MACHINE, Egress.PAGE) is Refuse
    assert ask("duty_1", Kind.PERSON, Egress.MAIL) is Refuse
    for wrong in (
        {"ceiling": TLP.RED},
        {"readers": readers},
        {"ceiling": TLP.RED, "readers": ((Party("stranger").id, "desk"),)},
    ):
        with refused("K13"):
            open_dossier(orvanda, [tolmere], **wrong)


# --- Content ---


def test_of_25_000_objects_one_is_erased_and_one_is_shown_alone() -> None:
    orvanda, tolmere = parties(ORVANDA, TOLMERE)
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    parts = parts_of(*(f'{{"type":"ipv4-addr","value":"192.0.2.{i}"}}' for i in range(25_000)))
    commitment = content.commit(content.STIX, parts)
    act = orvanda.say(dossier, "claim", {"status": "open"}, content=commitment)
    tell(dossier, docs, act)
    digest_before = dossier.digest()
    leaves = [part.leaf for part in parts]

    # One object is erased with its salt: its leaf stays, and says nothing about it.
    gone = parts.pop(12_345)
    guess = content.Part(gone.index, bytes(32), gone.data)
    assert guess.leaf != gone.leaf
    assert merkle.root(leaves).hex() == act.header.content.hash
    assert replica(dossier_charter(dossier, orvanda), docs, [act]).digest() == digest_before

    # Another is shown alone, to somebody who has nothing but the header.
    shown = content.show(leaves, parts[20_000])
    assert len(shown.path) <= 15
    content.verify_part(act.header.content, shown)
    other = content.ShownPart(parts[20_001], shown.path)
    with refused("K15"):
        content.verify_part(act.header.content, other)
    with refused("K15"):
        content.verify_part(act.header.content, content.ShownPart(guess, shown.path))


def test_content_has_at_least_one_part() -> None:
    with refused("K15", "at least one"):
        content.commit(content.STIX, [])
