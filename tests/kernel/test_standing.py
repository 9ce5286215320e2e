"""The ladder: every rung, and what puts a statement beside it."""

from __future__ import annotations

import pytest

from comity.kernel.documents import Closing, LogEntry, View
from comity.kernel.ids import Id
from comity.kernel.standing import Proof, Standing, first_disowned, is_disowned, standing
from tests.kernel.world import Party, digest

ORVANDA = Party("orvanda")
KEPT, OTHER = digest("kept"), digest("other")
OPEN = ORVANDA.view
CLOSED = ORVANDA.succeed(Closing(16, digest("root"), ((20, KEPT),)))


@pytest.mark.parametrize(
    ("proof", "wanted"),
    [
        (Proof.NONE, Standing.PLAIN),
        (Proof.INCLUDED, Standing.PROVEN),
        (Proof.COSIGNED, Standing.COSIGNED),
        (Proof.OTHER_LEAF, Standing.DISOWNED),
    ],
)
def test_in_an_open_log_proof_raises_the_standing(proof: Proof, wanted: Standing) -> None:
    assert standing(OTHER, 1, 99, named=OPEN, latest=OPEN, proof=proof) is wanted


@pytest.mark.parametrize(
    ("proof", "wanted"),
    [
        (Proof.NONE, Standing.UNPROVEN),
        (Proof.INCLUDED, Standing.PROVEN),
        (Proof.COSIGNED, Standing.COSIGNED),
        (Proof.OTHER_LEAF, Standing.DISOWNED),
    ],
)
def test_in_a_closed_log_what_lies_within_must_be_proven(proof: Proof, wanted: Standing) -> None:
    assert of(OTHER, 15, proof) is wanted


def of(id_: Id, seq: int, proof: Proof) -> Standing:
    return standing(id_, 1, seq, named=OPEN, latest=CLOSED, proof=proof)


def test_beyond_a_closing_only_what_it_keeps_is_owned() -> None:
    for proof in (Proof.NONE, Proof.INCLUDED, Proof.COSIGNED):
        assert of(KEPT, 20, proof) is Standing.PLAIN
        assert of(OTHER, 20, proof) is Standing.DISOWNED
        assert of(KEPT, 19, proof) is Standing.DISOWNED
        assert of(OTHER, 16, proof) is Standing.DISOWNED
    assert of(KEPT, 20, Proof.OTHER_LEAF) is Standing.DISOWNED


def test_a_log_that_the_newest_documents_do_not_list_is_disowned() -> None:
    for latest, wanted in ((OPEN, Standing.DISOWNED), (CLOSED, Standing.COSIGNED)):
        for proof in (Proof.COSIGNED, Proof.OTHER_LEAF):
            found = standing(OTHER, 2, 0, named=CLOSED, latest=latest, proof=proof)
            assert found is (wanted if proof is Proof.COSIGNED else Standing.DISOWNED)


def test_a_log_to_which_the_newest_documents_give_other_keys_is_another_log() -> None:
    party = Party("orvanda")
    opened = party.succeed(Closing(16, digest("root"), ()))
    confirmed = party.confirm()
    replaced = Party("orvanda").confirm({**opened.logs, 2: LogEntry(party.keys(9), None)})
    for id_ in (KEPT, OTHER):
        assert not is_disowned(id_, 2, 0, opened, confirmed)
        assert is_disowned(id_, 2, 0, opened, replaced)
        assert not is_disowned(id_, 2, 0, replaced, replaced)
        assert not is_disowned(id_, 1, 15, OPEN, replaced)
    found = standing(OTHER, 2, 0, named=opened, latest=replaced, proof=Proof.COSIGNED)
    assert found is Standing.DISOWNED


def test_what_the_keys_of_another_log_kept_is_disowned_all_the_same() -> None:
    party = Party("orvanda")
    opened = party.succeed(Closing(16, digest("root"), ()))
    other = LogEntry(party.keys(9), Closing(0, digest("root"), ((0, KEPT),)))
    replaced = party.confirm({**opened.logs, 2: other})
    assert is_disowned(KEPT, 2, 0, opened, replaced)


def test_a_document_that_does_not_list_the_log_disowns_what_names_it() -> None:
    assert is_disowned(OTHER, 2, 0, OPEN, CLOSED)


def test_below_the_first_disowned_place_everything_is_owned() -> None:
    party = Party("orvanda")
    opened = party.succeed(Closing(16, digest("root"), ()))
    replaced = party.confirm({**opened.logs, 2: LogEntry(party.keys(9), None)})
    wanted: list[tuple[list[View], dict[int, int | None]]] = [
        ([OPEN], {1: None, 2: 0}),
        ([OPEN, opened], {1: 16, 2: None}),
        ([OPEN, opened, replaced], {1: 16, 2: 0}),
    ]
    for views, places in wanted:
        assert {log: first_disowned(log, views) for log in places} == places
        for named in views:
            for log in named.logs:
                first = places[log]
                lost = [s for s in range(40) if is_disowned(OTHER, log, s, named, views[-1])]
                assert not lost or (first is not None and min(lost) >= first)
