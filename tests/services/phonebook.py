"""Communities and contacts, said as a person says them: by the forms."""

from __future__ import annotations

from typing import Any

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import compose
from comity.services.casework.compose import Attached
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.directory import calling
from comity.services.directory.calling import Answer
from comity.services.node import Node
from tests.edge.test_web_dossiers import incident
from tests.nodes import say

DAY = 24 * 3600 * 1000
TERMS = {"freshness": 100, "cadence": 182, "visibility": "members"}
DESK: dict[str, Any] = {
    "contact": "ops_desk",
    "seat": "or",
    "role": "technical",
    "holder_is": "desk",
    "source": "own",
    "visibility": "members",
    "holder": "Operations desk",
    "phone": "+99 555 0100",
    "languages": "en, fr",
}


def community(node: Node, *others: Node, title: str = "Harbour forum", **fields: Any) -> Id:
    """Open a community of these parties; ``fields`` are those of its charter."""
    members = tuple(sorted({node.me, *(other.me for other in others)}))
    given: dict[str, Any] = {
        "protocol": "trust/community",
        "members": members,
        "terms": dict(TERMS),
    } | fields
    return incident(node, node, title, **given)


def tell(
    node: Node, dossier: str, kind: str, *refs: str, tlp: TLP | None = None, **texts: str
) -> Id:
    """Say something in a community as its form is filled in; return its id."""
    declared = compose.kind_of(node, dossier, kind)
    cited = compose.citations(node, dossier, declared, refs)
    filled = compose.read(node, declared, {**texts, "refs": ",".join(cited)}, dossier=dossier)
    draft = Draft(kind, filled.body, None, filled.refs, tlp)
    return compose.send(node, dossier, draft, filled, Attached((), ()))[0]


def nominate(node: Node, dossier: str, *refs: str, **texts: str) -> Id:
    """Nominate the desk, or another contact by the fields that differ."""
    return tell(node, dossier, "nominate", *refs, **{**DESK, **texts})


def call(
    node: Node, party: str, purpose: str = "", language: str = "", at: int | None = None
) -> Answer:
    """Ask who is to be called now."""
    when = node.now() if at is None else at
    return calling.call(Machine(node), calling.asked(party, purpose, language, at=when))


def check(node: Node, other: Node, channel: str, contact: str = "ops_desk", **fields: Any) -> Id:
    """Open a check of another party's contact, ask by a channel, and return its dossier."""
    members = tuple(sorted((node.me, other.me)))
    terms = {"campaign": "spring", "level": 1, "due_hours": 24}
    given: dict[str, Any] = {"protocol": "trust/contact_check", "members": members, "terms": terms}
    dossier = incident(node, node, "Are you there?", **given)
    body: Object = {"contact": contact, "channel": channel, "level": 1, "due": node.now() + DAY}
    say(node, dossier, "probe", {**body, **fields})
    return dossier
