"""Where forwarded parts came from: shown whole, in part, through several hands; tampered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import dsse, provenance
from comity.kernel.act import Act
from comity.kernel.content import MAX_PARTS, Part, commit
from comity.kernel.provenance import Came, Provenance, Stretch, narrow, parse, show, verify
from tests.kernel.world import Party, open_dossier, parts_of, refused

ORVANDA, TOLMERE, SARIVANE = Party("orvanda"), Party("tolmere"), Party("sarivane")
SIX = parts_of("a", "b", "c", "d", "e", "f")


def published(author: Party, parts: Sequence[Part]) -> Act:
    """Return an act whose content are these parts, as they are numbered here."""
    numbered = [replace(part, index=i) for i, part in enumerate(parts)]
    return author.say(open_dossier(author), "say", parts=numbered)


def forwarded(author: Party, parts: Sequence[Part], proofs: object = 1) -> tuple[Act, list[Part]]:
    """Return an act that forwards these parts, and all of its own: the last is its provenance."""
    numbered = [replace(part, index=i) for i, part in enumerate([*parts, SIX[0]])]
    return author.say(open_dossier(author), "say", {"proofs": proofs}, parts=numbered), numbered


def leaves_of(parts: Sequence[Part]) -> dict[int, bytes]:
    return {i: part.leaf for i, part in enumerate(parts)}


def came(act: Act, parts: Sequence[Part], places: dict[int, int]) -> Came:
    return show(act.envelope, [part.leaf for part in parts], places)


def told(*pieces: Came, by: Sequence[Party]) -> Provenance:
    return Provenance(tuple(e for party in by for e in party.envelopes), pieces)


A = published(ORVANDA, SIX)
SOME = {0: 1, 1: 2, 2: 4}
SHOWN = leaves_of([SIX[1], SIX[2], SIX[4]])
PIECE = came(A, SIX, SOME)
GOOD = told(PIECE, by=[ORVANDA])


def test_some_parts_lead_to_the_act_of_their_origin() -> None:
    found = verify(parse(GOOD.to_bytes()), SHOWN)
    assert [act.id for act in found.acts] == [A.id]
    assert found.through(2) == found.acts
    assert found.through(3) == ()
    assert PIECE.stretches == (Stretch(0, 1, 1), Stretch(2, 2, 4))


def test_a_whole_batch_needs_no_hash() -> None:
    piece = came(A, SIX, {i: i for i in range(6)})
    assert piece.hashes == ()
    assert piece.stretches == (Stretch(0, 5, 0),)
    verify(told(piece, by=[ORVANDA]), leaves_of(SIX))


def test_every_hand_that_it_came_through_is_shown_in_its_order() -> None:
    hop, second = forwarded(TOLMERE, [SIX[2], SIX[4]])
    pieces = came(A, SIX, {0: 4}), came(hop, second, {0: 1})
    found = verify(told(*pieces, by=[ORVANDA, TOLMERE]), {0: SIX[4].leaf})
    assert [act.id for act in found.through(0)] == [A.id, hop.id]


def test_who_forwards_is_not_taken_for_the_origin() -> None:
    hop, parts = forwarded(TOLMERE, [SIX[2], SIX[4]])
    first, second = came(A, SIX, {0: 4}), came(hop, parts, {0: 1})
    again = came(published(TOLMERE, [SIX[4]]), [SIX[4]], {0: 0})
    both = [ORVANDA, TOLMERE]
    for pieces, by in (
        ((second, first), both),
        ((second,), [TOLMERE]),
        ((first, again), both),
        ((first, first), [ORVANDA]),
    ):
        with refused("W8", "published by one act"):
            verify(told(*pieces, by=by), {0: SIX[4].leaf})


@pytest.mark.parametrize("proofs", [0, 2, -1, True, "1"])
def test_a_piece_of_provenance_is_no_object(proofs: object) -> None:
    hop, parts = forwarded(TOLMERE, [SIX[4]], proofs)
    with refused("W8", "its provenance as an object"):
        pieces = came(A, SIX, {0: 4}), came(hop, parts, {0: 0})
        verify(told(*pieces, by=[ORVANDA, TOLMERE]), {0: SIX[4].leaf})


def test_what_is_passed_on_in_part_is_proven_still() -> None:
    kept = narrow(PIECE, SHOWN, {2: 0})
    assert kept is not None
    assert kept == came(A, SIX, {0: 4})
    verify(told(kept, by=[ORVANDA]), {0: SIX[4].leaf})
    assert narrow(PIECE, SHOWN, {7: 0}) is None


@given(st.sets(st.integers(0, 5), min_size=1), st.data())
def test_any_part_of_any_part_is_proven(some: set[int], data: st.DataObject) -> None:
    first = dict(enumerate(sorted(some)))
    leaves = {new: SIX[at].leaf for new, at in first.items()}
    piece = came(A, SIX, first)
    kept = data.draw(st.sets(st.sampled_from(sorted(first)), min_size=1))
    renamed = {old: new for new, old in enumerate(sorted(kept))}
    fewer = narrow(piece, leaves, renamed)
    assert fewer is not None
    verify(told(fewer, by=[ORVANDA]), {new: leaves[old] for old, new in renamed.items()})


def test_another_object_leads_nowhere() -> None:
    with refused("W3"):
        verify(GOOD, SHOWN | {0: SIX[5].leaf})


def test_a_part_without_origin_is_refused() -> None:
    with refused("W8", "every part"):
        verify(GOOD, SHOWN | {3: SIX[5].leaf})


def test_what_is_not_shown_is_not_spoken_of() -> None:
    with refused("W8", "not shown"):
        verify(GOOD, {0: SIX[1].leaf})
    with refused("W8", "not shown"):
        verify(GOOD, {5: SIX[1].leaf, 6: SIX[2].leaf, 7: SIX[4].leaf})


def test_an_act_may_be_shown_for_some_parts_and_for_others() -> None:
    pieces = came(A, SIX, {0: 1}), came(A, SIX, {1: 2, 2: 4})
    assert verify(told(*pieces, by=[ORVANDA]), SHOWN).through(2) == (A,)


def test_documents_are_those_of_the_authors() -> None:
    with refused("W8", "no others"):
        verify(told(PIECE, by=[ORVANDA, SARIVANE]), SHOWN)
    with refused("K6"):
        verify(told(PIECE, by=[TOLMERE]), SHOWN)


def test_the_authors_signature_counts() -> None:
    forged = ORVANDA.sign_act(A.header, TOLMERE.signer("act"))
    with refused("K5"):
        verify(told(came(forged, SIX, SOME), by=[ORVANDA]), SHOWN)


def doubly(envelope: dsse.Envelope) -> dsse.Envelope:
    """Return an envelope with a signature more, by a stranger."""
    more = dsse.sign(envelope.payload_type, envelope.payload, [TOLMERE.signer("act")])
    return envelope._replace(signatures=(*envelope.signatures, *more.signatures))


def test_nothing_is_shown_that_no_check_looks_at() -> None:
    first = ORVANDA.envelopes[0]
    for spoilt in (
        replace(GOOD, came=(replace(PIECE, envelope=doubly(A.envelope)),)),
        replace(GOOD, documents=(doubly(first),)),
        replace(GOOD, documents=(first, first)),
    ):
        with refused("W8"):
            verify(parse(spoilt.to_bytes()), SHOWN)


def test_who_builds_a_provenance_leaves_out_what_proves_nothing() -> None:
    first = ORVANDA.envelopes[0]
    many = first._replace(signatures=first.signatures * 2)
    piece = came(A._replace(envelope=doubly(A.envelope)), SIX, SOME)
    assert provenance.build([doubly(many)], [piece]) == GOOD


@pytest.mark.parametrize(
    "stretches",
    [(Stretch(0, 1, 1), Stretch(1, 1, 5)), (Stretch(0, 0, 1), Stretch(1, 1, 1))],
    ids=["one part twice", "two parts in one place"],
)
def test_a_part_has_one_place(stretches: tuple[Stretch, ...]) -> None:
    with refused("W8"):
        verify(told(replace(PIECE, stretches=stretches), by=[ORVANDA]), SHOWN)


def test_few_bytes_do_not_make_much_work() -> None:
    everything = (Stretch(0, MAX_PARTS - 1, 0),) * provenance.MAX_STRETCHES
    with refused("W8", "not shown"):
        verify(told(replace(PIECE, stretches=everything), by=[ORVANDA]), SHOWN)
    pieces = [PIECE] * (provenance.MAX_HANDS + 1)
    with refused("W8", "more than"):
        verify(told(*pieces, by=[ORVANDA]), SHOWN)


def test_it_is_known_of_which_parts_an_act_is_told() -> None:
    assert [PIECE.has(part) for part in range(4)] == [True, True, True, False]


def test_the_same_place_may_be_said_again() -> None:
    assert replace(PIECE, stretches=(Stretch(0, 1, 1), Stretch(1, 1, 2))).places() == {0: 1, 1: 2}


def spoiled() -> list[tuple[str, bytes]]:
    good = GOOD.to_bytes()
    value = orjson.loads(good)

    def having(**fields: object) -> bytes:
        piece = {**value["came"][0], **fields}
        return orjson.dumps({**value, "came": [piece]}, option=orjson.OPT_SORT_KEYS)

    return [
        ("W8", b"{"),
        ("W8", b"[]"),
        ("W8", good + b" "),
        ("W8", orjson.dumps({**value, "came": []})),
        ("W8", orjson.dumps({**value, "more": 1})),
        ("K17", orjson.dumps({**value, "v": 2})),
        ("K19", orjson.dumps({**value, "v": 0})),
        ("W8", having(hashes="?")),
        ("W8", having(hashes=7)),
        ("W8", having(parts=[[1, 0, 0]])),
        ("W8", having(parts=[[0, 0, True]])),
        ("W8", having(parts=[[0, 0]])),
        ("W8", having(parts=[])),
        ("K3", having(envelope={})),
        ("W8", b" " * (provenance.LIMIT + 1)),
    ]


@pytest.mark.parametrize(("rule", "data"), spoiled())
def test_what_has_another_form_is_refused(rule: str, data: bytes) -> None:
    with refused(rule):
        parse(data)


def test_hashes_of_another_length_prove_nothing() -> None:
    short = replace(PIECE, hashes=(*PIECE.hashes[:-1], PIECE.hashes[-1][:-1]))
    with refused("W3"):
        verify(told(short, by=[ORVANDA]), SHOWN)


def test_a_provenance_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "LIMIT", 100)
    with refused("W8", "allowed"):
        GOOD.to_bytes()


def test_the_commitment_of_a_forward_has_the_leaves_of_the_origin() -> None:
    moved = [replace(SIX[4], index=0)]
    assert commit("text/plain", moved).hash == SIX[4].leaf.hex()
