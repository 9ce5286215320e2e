"""Who takes part in a dossier, and what stays of what was said in it: inviting, joining, declining,
leaving, releasing, erasing.

A person fills these in and signs them like everything else that is said, with a second person's
word where a mandate asks for it. The kernel's own rules say what may be done; asked beforehand,
they also say why not.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from comity.kernel.errors import Refusal, Void
from comity.kernel.fieldtypes import Code, Hex
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import MAX_RELEASED
from comity.kernel.protocol import Field
from comity.services.casework import compose, dossiers, erasure, issue, join, translations
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import (
    DECLINE,
    ERASE,
    INVITE,
    JOIN,
    LEAVE,
    REASONS,
    RELEASE,
    TRANSLATION,
)
from comity.services.casework.possible import Next
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.protocol import ActKind
    from comity.services.casework.forms import Filled
    from comity.services.casework.issue import Then
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow

Found = TypeVar("Found")
CHOICES = 200
"""Acts to choose from, to erase one."""
TRIED = 20
"""Of what some member lacks, how much is tried to see whether any may be released."""
ERASING, KEEPING = "erase", "keep"
ANSWERS = {ERASING: "Erase it", KEEPING: "Keep it, and tell its author so"}
KINDS = {
    kind.kind: kind
    for kind in (
        INVITE,
        # What is answered is the newest invitation of this party, and no field.
        replace(JOIN, body=()),
        replace(DECLINE, body=(), help="Take no part, and tell the others so."),
        LEAVE,
        RELEASE,
        replace(
            ERASE,
            body=(
                Field("act", Hex(), "What is it about"),
                Field("answer", Code(ANSWERS), "What to do"),
                Field("reason", Code(REASONS), "Reason"),
            ),
        ),
    )
}
"""How each is filled in by a person."""


def kind_of(node: Node, dossier_id: str, name: str, about: str = "") -> ActKind:
    """Return the declaration of what may be said or done in a dossier, these kinds among it; a
    translation is ``about`` an act.

    Raises Refusal S3, S4 or S8.
    """
    if name == TRANSLATION.kind:
        return translations.kind_of(node, dossier_id, about)
    return KINDS[name] if name in KINDS else compose.kind_of(node, dossier_id, name)


def next_of(node: Node, row: DossierRow) -> tuple[Next, ...]:
    """Return what this party may do about who takes part, and why not what it may not."""
    with node.lock:
        dossier = dossiers.load(node, row.id)
        kinds = [KINDS[name] for name in _asked(node, dossier)]
        return tuple(_next(node, dossier, kind) for kind in kinds)


def _asked(node: Node, dossier: Dossier) -> tuple[str, ...]:
    if node.me not in dossier.members.now():
        came = any(row.via == node.me for row in access.pending(node.db, dossier.id))
        invited = dossier.members.invites_of(node.me) or _waits(node, dossier)
        return ("join", "decline") if invited or came else ()
    founder = node.me in dossier.charter.members
    leaves = join.has_spoken(node, dossier) or not founder
    return ("invite", "release", "leave" if leaves else "decline")


def _waits(node: Node, dossier: Dossier) -> bool:
    try:
        join.waiting_invites(node, dossier.id)
    except Refusal:
        return False
    return True


def _next(node: Node, dossier: Dossier, kind: ActKind) -> Next:
    try:
        _require_possible(node, dossier, kind.kind)
    except (Void, Refusal) as error:
        return Next(kind.kind, kind.label, kind.help, error.rule, error.reason)
    return Next(kind.kind, kind.label, kind.help)


def _require_possible(node: Node, dossier: Dossier, kind: str) -> None:
    """Raise Refusal or Void unless an act of ``kind`` would be taken now."""
    match kind:
        case "invite":
            draft = Draft(kind, {"party": _first(invitable(node, dossier), NOBODY)})
        case "release":
            return _require_releasable(node, dossier)
        case "join" if node.me not in dossier.members.ever():
            return join.require_joinable(node, dossier)
        case "decline" if node.me not in dossier.members.ever():
            return join.require_unanswered(node, dossier)
        case _:
            draft = Draft(kind)
    issue.Rehearsal(node, dossier).of(draft)
    return None


def _require_releasable(node: Node, dossier: Dossier) -> None:
    """Raise Refusal or Void unless something may be released now; a protocol may allow some of it
    and not the rest.
    """
    rehearsal = issue.Rehearsal(node, dossier)
    why: Void | Refusal = NOTHING
    for to, acts in lacking(node, dossier).items():
        for act in acts[:TRIED]:
            try:
                rehearsal.of(Draft("release", {"acts": [act], "to": to}))
            except (Void, Refusal) as error:
                why = error
            else:
                return
    raise why


NOBODY = Refusal("S4", "Every party that is known here takes part already.")
NOTHING = Refusal("S4", "Nobody here lacks anything that we said.")


def _first(found: Iterable[Found], why: Refusal) -> Found:
    for each in found:
        return each
    raise why


def invitable(node: Node, dossier: Dossier) -> list[PartyId]:
    """Return the parties known here that do not take part in a dossier."""
    inside = dossier.members.now()
    return [PartyId(row.id) for row in parties.parties(node.db) if row.id not in inside]


def lacking(node: Node, dossier: Dossier) -> dict[PartyId, list[Id]]:
    """Return by member what this party said before that member joined, and has not released."""
    members = dossier.members
    joined = {said.header.party for said in dossier.now().all("join")}
    later = sorted(members.now() & joined)
    found: dict[PartyId, list[Id]] = {}
    if later:
        state = dossiers.shown(node, dossier)
        for said in _own(node, dossier):
            for member in later:
                held = members.includes(said.clock, member)
                if not held and not state.has("released", said.id, member):
                    found.setdefault(member, []).append(said.id)
    return found


def _own(node: Node, dossier: Dossier) -> Iterator[GraphNode]:
    """Yield own acts whose content may be given: that this party has not erased. A translation is
    given with the original.
    """
    gone = {id_ for id_, _, _ in access.erasures(node.db)}
    for said in dossier.graph.order:
        own = said.header.party == node.me and said.header.kind != TRANSLATION.kind
        if own and said.id not in gone:
            yield said


def subjects(node: Node, dossier: Dossier, kind: str, about: str = "") -> list[GraphNode]:
    """Return the acts that one of these kinds may be about, newest first by when they came: to
    release what some member lacks, to erase what was not erased here. Where it is known what it is
    ``about``, that is all; otherwise a few hundred are enough to choose from.
    """
    nodes = dossier.graph.nodes
    if kind == "erase" and about in nodes:
        return [nodes[Id(about)]]
    if kind == "release":
        wanted = {id_ for acts in lacking(node, dossier).values() for id_ in acts}
        newest = sorted((nodes[id_] for id_ in wanted), key=lambda n: n.index, reverse=True)
        return newest[:MAX_RELEASED]
    if kind == "erase":
        gone = {id_ for id_, _, _ in access.erasures(node.db)}
        held = (said for said in reversed(dossier.graph.order) if said.id not in gone)
        return [*itertools.islice(held, CHOICES)]
    return []


def sign(node: Node, dossier: Id, kind: str, filled: Filled, by: Object, then: Then) -> None:
    """Sign what was filled in: ``by`` are the roles that stand behind it. Raises Refusal."""
    match kind:
        case "join":
            join.join(node, dossier_id=dossier, by=by, then=then)
        case "decline":
            join.decline(node, dossier_id=dossier, by=by, then=then)
        case "leave":
            join.leave(node, dossier_id=dossier, by=by, then=then)
        case "erase":
            _erase(node, filled.body, by, then)
        case _:
            draft = Draft(kind, {**filled.body, "by": by})
            issue.issue(node, dossier_id=dossier, draft=draft, then=then)


def _erase(node: Node, body: Object, by: Object, then: Then) -> None:
    act, reason = Id(str(body["act"])), str(body["reason"])
    if body["answer"] == KEEPING:
        erasure.refuse(node, act, reason=reason, by=by, then=then)
        return
    step = erasure.wish(node, act, reason=reason)
    done = erasure.carry_out(node, step, by=by, then=then)
    if not done.act:
        # The others were told before; what is done here is noted all the same.
        with writing(node.db):
            then(act)
