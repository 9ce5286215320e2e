"""What a person need not say: citations that follow from where a dossier stands."""

from __future__ import annotations

from comity.services.casework import compose
from comity.services.casework.issue import Draft, issue
from comity.services.identity import find
from comity.services.node import Node
from tests.kernel.world import TALLY, refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say


def cites(node: Node, dossier: str, name: str, *named: str) -> list[str]:
    kind = TALLY.kind(name)
    assert kind is not None
    return compose.citations(node, dossier, kind, named)


def office(node: Node, dossier: str, kind: str, **body: str) -> str:
    """Issue an act of office as a person would who names nothing."""
    refs = tuple(find.act(node, id_) for id_ in cites(node, dossier, kind))
    return issue(node, dossier_id=dossier, draft=Draft(kind, {**body}, refs=refs))


def test_what_gives_an_office_is_cited_by_itself(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    bid = say(orvanda, dossier, "bid", {"amount": 1})
    assert cites(orvanda, dossier, "count") == [dossier]
    assert cites(orvanda, dossier, "count", bid) == [bid, dossier]
    assert cites(orvanda, dossier, "count", dossier) == [dossier]
    offer = office(orvanda, dossier, "hand_over", to=tolmere.me)
    assert cites(orvanda, dossier, "accept") == [offer]
    pass_on(orvanda, tolmere)
    office(tolmere, dossier, "accept")
    assert cites(tolmere, dossier, "count") == [offer]
    office(tolmere, dossier, "count")
    pass_on(tolmere, orvanda)
    with refused("S2", "Another party holds the office"):
        issue(orvanda, dossier_id=dossier, draft=Draft("count", refs=(dossier,)))


def test_nothing_is_cited_where_nothing_need_be_or_more_could(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    assert cites(orvanda, dossier, "claim") == []
    assert cites(orvanda, dossier, "accept") == []
    for _ in range(2):
        office(orvanda, dossier, "hand_over", to=tolmere.me)
    assert cites(orvanda, dossier, "accept") == []
    assert cites(orvanda, dossier, "accept", dossier) == [dossier]
