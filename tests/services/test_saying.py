"""What there is to choose from when something is said."""

from __future__ import annotations

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.services.casework import issue, saying
from comity.services.casework.content import prepare_fields
from comity.services.casework.desk import Desk
from comity.services.casework.issue import Draft
from comity.services.node import Node
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.staff import hire


def propose(node: Node, dossier: str, meeting: Id, item: str, **lane: str) -> str:
    """Propose an item for a meeting."""
    draft = Draft("propose_item", {**lane}, prepare_fields(node, {"item": item}), (meeting,))
    return issue.issue(node, dossier_id=dossier, draft=draft)


def test_messages_are_told_apart_by_what_they_are_called(nodes: Nodes) -> None:
    """Who does not read the lane of one is not told what it is called."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    terms: Object = {"lanes": ["diplomatic", "technical"]}
    growth, name = "all_consent", "trust/dialogue"
    dossier = incident(tolmere, orvanda, "Talks", protocol=name, terms=terms, growth=growth)
    begins = tolmere.now() + 1
    meeting = say(tolmere, dossier, "schedule", {"number": 1, "begins": begins, "form": "video"})
    items = {
        propose(tolmere, dossier, meeting, "Exercise"): "Exercise",
        propose(tolmere, dossier, meeting, "Treaty", lane="diplomatic"): "Treaty",
    }
    pass_on(tolmere, orvanda)
    for code, wanted in (("head", {"Exercise", "Treaty"}), ("analyst", {"Exercise"})):
        desk = Desk(orvanda, hire(orvanda, code, code))
        found = saying.acts(saying.place(desk, dossier=dossier, kind="accept_item"))
        assert {items[id_] for id_, _ in found} == wanted
        assert all(line.endswith(f" UTC · {items[id_]}") for id_, line in found)
    desk = Desk(orvanda, hire(orvanda, "Other", "head"))
    ((_, line),) = saying.acts(saying.place(desk, dossier=dossier, kind="hold"))
    assert line.endswith(" UTC")
