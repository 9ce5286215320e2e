"""What is recorded for a guest, in a node: found by its words, and proven in time like any act."""

from __future__ import annotations

from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.protocols.response.incident import PROTOCOL
from comity.services.casework import content, issue, view
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import record_body
from comity.services.node import Node
from comity.services.proof import witnessing
from comity.store.access import acts as access
from tests.nodes import Nodes


def open_incident(node: Node) -> Id:
    charter = Charter(
        protocol=PROTOCOL.name,
        version=PROTOCOL.version,
        members=(node.me,),
        growth=Growth.CLOSED,
        ceiling=TLP.AMBER,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms={},
    )
    draft = Draft("charter", footing=Footing.TECHNICAL)
    return issue.open_dossier(node, charter=charter, draft=draft)


def test_a_record_is_found_by_the_words_of_what_it_records(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_incident(orvanda)
    body = record_body("inform", {"letter": dossier, "guest": "finder", "ack_wanted": True})
    draft = Draft("record", body, content.prepare_fields(orvanda, {"text": "A port is open."}))
    act = issue.issue(orvanda, dossier_id=dossier, draft=draft)
    assert access.texts(orvanda.db, act) == [("text", False, "A port is open.")]
    shown = view.act(orvanda, act)
    assert (shown.party, shown.guest, shown.recorded) == (orvanda.me, "finder", "inform")
    assert shown.caption == "Guest of orvanda (finder) informed"
    (duty,) = view.dossier(orvanda, dossier).duties
    assert duty[0].who == orvanda.me
    plain = view.act(orvanda, dossier)
    assert (plain.guest, plain.recorded) == ("", "")


def test_a_record_cuts_a_checkpoint_where_what_it_may_hold_does(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = open_incident(orvanda)
    witnessing.cut(orvanda)
    nodes.clock.advance(witnessing.TIMED_PAUSE)
    body = record_body("inform", {"letter": dossier, "guest": "finder"})
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("note"))
    assert not witnessing.is_due(orvanda)
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("record", body))
    assert witnessing.is_due(orvanda)
