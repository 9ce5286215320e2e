"""The ladder: every rung, and what puts a statement beside it."""

from __future__ import annotations

import pytest

from comity.kernel.documents import Closing
from comity.kernel.standing import Proof, Standing, standing
from tests.kernel.world import Party, digest

KEPT, OTHER = digest("kept"), digest("other")
OPEN = Party("orvanda").view
CLOSED = Party("orvanda").succeed(Closing(16, digest("root"), ((20, KEPT),)))


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
    assert standing(OTHER, 1, 99, OPEN, proof) is wanted


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
    assert standing(OTHER, 1, 15, CLOSED, proof) is wanted


def test_beyond_a_closing_only_what_it_keeps_is_owned() -> None:
    for proof in (Proof.NONE, Proof.INCLUDED, Proof.COSIGNED):
        assert standing(KEPT, 1, 20, CLOSED, proof) is Standing.PLAIN
        assert standing(OTHER, 1, 20, CLOSED, proof) is Standing.DISOWNED
        assert standing(KEPT, 1, 19, CLOSED, proof) is Standing.DISOWNED
        assert standing(OTHER, 1, 16, CLOSED, proof) is Standing.DISOWNED
    assert standing(KEPT, 1, 20, CLOSED, Proof.OTHER_LEAF) is Standing.DISOWNED


def test_a_log_that_the_newest_documents_do_not_list_is_disowned() -> None:
    assert standing(OTHER, 3, 0, CLOSED, Proof.COSIGNED) is Standing.DISOWNED
    assert standing(OTHER, 2, 0, CLOSED, Proof.COSIGNED) is Standing.COSIGNED
