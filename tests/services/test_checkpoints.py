"""When a checkpoint is cut: by the cadence, and at once for an act whose time should be proven."""

from __future__ import annotations

from comity.kernel.checkpoint import PADDING
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.services.casework import issue
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.proof import witnessing
from tests.nodes import Nodes, introduce

CADENCE = 300_000


def incident(author: Node, other: Node) -> str:
    charter = Charter(
        protocol="response/incident",
        version=1,
        members=tuple(sorted((author.me, other.me))),
        growth=Growth.CLOSED,
        ceiling=TLP.AMBER,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms={},
    )
    draft = Draft("charter", footing=Footing.TECHNICAL)
    return issue.open_dossier(author, charter=charter, draft=draft)


def test_the_cadence_cuts_and_pads_to_multiples(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda", cadence=CADENCE)
    assert witnessing.is_due(orvanda)
    sizes = [witnessing.cut(orvanda).checkpoint.size]
    assert not witnessing.is_due(orvanda)
    nodes.clock.advance(CADENCE)
    assert witnessing.is_due(orvanda)
    sizes.append(witnessing.cut(orvanda).checkpoint.size)
    assert sizes == [PADDING, 2 * PADDING]


def test_a_timed_act_cuts_one_more_and_not_more_often(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda", cadence=CADENCE), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = incident(orvanda, tolmere)
    witnessing.cut(orvanda)
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("inform", {}))
    nodes.clock.advance(witnessing.TIMED_PAUSE)
    assert not witnessing.is_due(orvanda)
    asked = Draft("ask", {"to": [tolmere.me], "verb": "investigate"})
    issue.issue(orvanda, dossier_id=dossier, draft=asked)
    assert witnessing.is_due(orvanda)
    witnessing.cut(orvanda)
    issue.issue(orvanda, dossier_id=dossier, draft=asked)
    assert not witnessing.is_due(orvanda)
    nodes.clock.advance(witnessing.TIMED_PAUSE)
    assert witnessing.is_due(orvanda)
