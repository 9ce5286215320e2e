"""Invariants, over histories that nobody chose: everything a dossier promises to everyone."""

from __future__ import annotations

import random
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import act as acts
from comity.kernel import canon, dsse
from comity.kernel.act import Act
from comity.kernel.admission import Admission
from comity.kernel.content import Commitment
from comity.kernel.documents import Closing, View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending, Refusal
from comity.kernel.ids import Id
from comity.kernel.keys import key_id
from comity.kernel.kinds import AS
from comity.kernel.members import Membership
from tests.kernel.histories import History, ancestors, histories, shuffled, woven
from tests.kernel.world import (
    TALLY,
    Party,
    charter,
    digest,
    documents_of,
    open_dossier,
    replica,
    signer,
)
from tests.oracle.fold import fold

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE])
NOTE = TOLMERE.say(replica(OPENING, DOCS), "claim", {"status": "open"})


def attempt(call: Callable[..., object], *args: object) -> object:
    """Return what ``call`` returns, or the Refusal or Pending it raises; let all else through."""
    try:
        return call(*args)
    except (Refusal, Pending) as error:
        return error


# --- Verdict and state ---


def summary_of(dossier: Dossier) -> object:
    """Everything about a dossier that all nodes must agree on."""
    graph = dossier.graph
    return (
        dossier.digest(),
        sorted(graph.nodes),
        {n.id: n.void for n in graph.order},
        {n.id: dossier.members.of(n) for n in graph.order},
        [n.id for n in graph.heads()],
        {feed: [n.id for n in nodes] for feed, nodes in graph.feed_heads().items()},
        [[n.id for n in nodes] for nodes in graph.equivocations()],
        dossier.members.now(),
        dossier.summary(),
    )


@given(histories(), st.randoms(use_true_random=False))
def test_verdict_and_state_are_equal_for_every_order_of_delivery(
    history: History, chance: random.Random
) -> None:
    wanted = summary_of(history.fold())
    for _ in range(2):
        order = shuffled(history.acts, chance)
        # Some things arrive twice, and some of what must be refused arrives in between.
        dossier = history.fold([])
        bad = [act for act, _ in history.refused]
        for act in order:
            dossier.admit(act, history.docs)
            dossier.admit(chance.choice([history.opening, act]), history.docs)
            if bad and chance.random() < 0.2:
                verdict = attempt(dossier.admit, chance.choice(bad), history.docs)
                assert isinstance(verdict, Refusal | Pending)
        assert summary_of(dossier) == wanted


@given(histories(), st.randoms(use_true_random=False))
def test_acts_that_come_before_their_ancestors_wait_and_change_nothing(
    history: History, chance: random.Random
) -> None:
    order = list(history.acts)
    chance.shuffle(order)
    dossier = history.fold([])
    while order:
        waiting = []
        for act in order:
            before = len(dossier.graph)
            verdict = attempt(dossier.admit, act, history.docs)
            if isinstance(verdict, Pending):
                assert verdict.acts <= {a.id for a in order}
                assert len(dossier.graph) == before
                waiting.append(act)
        assert len(waiting) < len(order)
        order = waiting
    assert dossier.digest() == history.fold().digest()


@given(histories(), st.randoms(use_true_random=False))
def test_a_verdict_is_for_ever_whatever_comes_later(
    history: History, chance: random.Random
) -> None:
    whole = history.fold()
    # Later documents of everybody, and every act that was ever admitted, change no verdict.
    parties = [Party(name) for name in ("orvanda", "tolmere", "sarivane")]
    for party in parties:
        party.succeed(Closing(1, digest("root"), ()))
    docs = documents_of(*parties) | history.docs
    for act, rule in history.refused:
        verdict = attempt(whole.admit, act, docs)
        assert isinstance(verdict, Refusal)
        assert verdict.rule == rule
    for act in history.acts:
        # Judged again, alone with its ancestors and the document it names, and with everything.
        past = {n.id for n in ancestors(whole.graph.nodes[act.id])}
        alone = history.fold([a for a in history.acts if a.id in past])
        only: dict[Id, View] = {act.header.doc: history.docs[act.header.doc]}
        small = alone.admit(act, only)
        assert small.void == whole.graph.nodes[act.id].void
        assert alone.members.of(small) == whole.members.of(whole.graph.nodes[act.id])
        if chance.random() < 0.5:
            view = docs[act.header.doc]
            assert whole._admission.judge(act, view, docs).node.id == act.id


@given(histories())
def test_incremental_equals_from_scratch(history: History) -> None:
    dossier = history.fold([])
    for number, act in enumerate(history.acts, 1):
        dossier.admit(act, history.docs)
        if number % 5 == 0:
            assert summary_of(dossier) == summary_of(history.fold(history.acts[:number]))
            assert dossier.state_without(frozenset({digest("x")})).digest() == dossier.digest()


@given(histories())
def test_an_opaque_node_agrees_on_graph_and_members(history: History) -> None:
    opaque = Dossier(history.opening, history.docs, None)
    admission = Admission(history.opening, history.docs)
    for act in history.acts:
        opaque.admit(act, history.docs)
        admission.admit(act, history.docs)
    whole = history.fold()
    assert opaque.graph.nodes.keys() == whole.graph.nodes.keys() == admission.graph.nodes.keys()
    assert opaque.members.now() == whole.members.now() == admission.members.now()
    assert [n.id for n in opaque.graph.heads()] == [n.id for n in whole.graph.heads()]


@given(histories(liars=3))
def test_a_second_fold_agrees_however_many_authors_fork(history: History) -> None:
    dossier = history.fold()
    refused = [act for act, _ in history.refused]
    other = fold(a.envelope.to_bytes() for a in (history.opening, *history.acts, *refused))
    graph = dossier.graph
    assert other.header.keys() == graph.nodes.keys()
    assert other.refused == {act.id for act in refused}
    assert other.rows == dossier.state.to_rows()
    assert other.digest() == dossier.digest()
    assert other.void == {n.id: n.void[0] for n in graph.order if n.void is not None}
    assert other.members(frozenset(other.header)) == dossier.members.now()
    assert other.forks() == {frozenset(n.id for n in nodes) for nodes in graph.equivocations()}
    for node in graph.order:
        assert other.members(other.up[node.id] | {node.id}) == dossier.members.at(node.clock)


def test_histories_hold_what_they_are_meant_to_hold() -> None:
    found = [woven(seed, 90, 2) for seed in range(20)]
    kinds = {act.header.kind for history in found for act in history.acts}
    assert kinds >= {"claim", "bid", "mark", "invite", "join", "leave", "decline", "release"}
    assert "translation" in kinds
    refused = {act.header.body["as"] for history in found for act in translations(history)}
    assert refused == {*AS}
    assert {rule for history in found for _, rule in history.refused} == {"K12", "K14"}
    folded = [history.fold() for history in found]
    assert any(n.void for dossier in folded for n in dossier.graph.order)
    assert sum(bool(dossier.graph.forked) for dossier in folded) > 5
    assert any(len(feed_logs(dossier)) > 1 for dossier in folded)


def translations(history: History) -> list[Act]:
    """The translations that were refused."""
    return [act for act, _ in history.refused if act.header.kind == "translation"]


def feed_logs(dossier: Dossier) -> set[int]:
    return {log for _, log in dossier.graph.feed_heads()}


# --- Content ---


@given(histories(most=20))
def test_state_is_equal_with_all_content_removed(history: History) -> None:
    # No part is ever given to admission or fold. All they could see is the commitment: here every
    # act commits to one and the same empty part, and the state is equal but for the acts' ids.
    dossier = history.fold()
    blank = Commitment("text/plain", 1, 0, "0" * 64)
    renamed: dict[str, str] = {}
    other = Dossier(blanked(history.opening, blank, renamed), history.docs, TALLY)
    for act in history.acts:
        other.admit(blanked(act, blank, renamed), history.docs)
    back = {new: old for old, new in renamed.items()}
    rows = orjson.loads(rename(orjson.dumps(other.state.to_rows()), back))
    assert sorted(rows, key=orjson.dumps) == sorted(dossier.state.to_rows(), key=orjson.dumps)


SIGNERS = {
    signer(f"{name} act {log}").key: signer(f"{name} act {log}")
    for name in ("orvanda", "tolmere", "sarivane", "fennick controls", "wicklight lab")
    for log in (1, 2)
}
BY_ID = {key_id(key): one for key, one in SIGNERS.items()}


def rename(data: bytes, names: dict[str, str]) -> bytes:
    for old, new in names.items():
        data = data.replace(old.encode(), new.encode())
    return data


def blanked(act: Act, blank: Commitment, names: dict[str, str]) -> Act:
    """Return the act with other content, signed again, citing what was blanked before."""
    payload = orjson.loads(rename(act.envelope.payload, names))
    payload["content"] = blank.to_object()
    payload["parents"] = sorted(payload["parents"])
    [signature] = act.envelope.signatures
    again = acts.read(dsse.sign(dsse.ACT, canon.dump(payload), [BY_ID[signature.keyid]]))
    names[act.id] = again.id
    return again


# --- Documents ---


def test_the_order_in_which_documents_arrive_does_not_matter() -> None:
    orvanda = Party("orvanda")
    dossier = open_dossier(orvanda)
    said = [orvanda.say(dossier, "note")]
    dossier.admit(said[0], documents_of(orvanda))
    orvanda.succeed(Closing(2, digest("root"), ()))
    docs = documents_of(orvanda)
    said.append(orvanda.say(dossier, "note"))
    dossier.admit(said[1], docs)
    orvanda.confirm()
    said.append(orvanda.say(dossier, "note"))
    all_docs = documents_of(orvanda)
    assert len(all_docs) == 3
    opening = orvanda.sign_act(dossier.graph.charter.header)
    for held in (docs, all_docs, dict(reversed(all_docs.items()))):
        late = replica(opening, held, said[:2])
        assert late.digest() == dossier.digest()
    with pytest.raises(Pending):
        replica(opening, docs, said)
    assert len(replica(opening, all_docs, said).graph) == 4


def test_membership_remembers_only_what_changes_it() -> None:
    dossier = replica(OPENING, DOCS, [NOTE])
    fresh = Membership(dossier.graph, dossier.charter)
    fresh.note(dossier.graph.nodes[NOTE.id])
    assert fresh.ever() == dossier.members.ever() == {ORVANDA.id, TOLMERE.id}
