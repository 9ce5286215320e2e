"""A draft leaves a person's hands: signed alone, or by a second person's word (see ``drafts``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP, Footing
from comity.services.casework import (
    alongside,
    compose,
    drafts,
    forgetting,
    issue,
    membership,
    opening,
)
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import INVITE
from comity.services.people import audit, notices
from comity.services.people.mandates import Hand
from comity.services.sharing import carrying
from comity.store.access.drafts import RETURNED, SIGNED, WAITING, DraftRow
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.services.people.actors import Actor


Done: TypeAlias = "Callable[[str, Id], None]"
"""Called with dossier and act in the transaction that signs; what it raises undoes the act."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a draft is signed: what is noted of it, who is told, and what it is marked with."""

    what: str
    then: Done | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def sign(node: Node, actor: Actor, draft: str, then: Done | None = None) -> str:
    """Sign a draft alone, and return the dossier it is in; ``then`` is called as it is signed.

    Raises Refusal S10 when a second person is needed, S12 when it is no longer open, FormErrors.
    """
    row = drafts.own(node, actor, draft)
    role, hand = drafts.hand_of(node, actor, row)
    if hand is not Hand.ALONE:
        raise Refusal("S10", "A second person has to approve this before it is signed.", row.kind)
    return _issue(node, actor, row, {"role": role}, _Way("said", then))


def sign_in_emergency(
    node: Node, actor: Actor, draft: str, reason: str, then: Done | None = None
) -> str:
    """Sign alone what a second person should have approved, and return its dossier.

    Raises Refusal S10 where no mandate allows it, S4 without a reason.
    """
    row = drafts.own(node, actor, draft)
    role, _ = drafts.hand_of(node, actor, row)
    if not alongside.overrides(node, actor, row):
        raise Refusal("S10", "Your mandates do not let you sign this alone.", row.kind)
    if not reason.strip():
        raise Refusal("S4", "Say why it cannot wait: those who review it will read it.", "reason")
    fields = {"emergency": True, "reason": reason.strip()}
    return _issue(node, actor, row, {"role": role}, _Way("emergency", then, fields))


def prepare(node: Node, actor: Actor, draft: str, then: Callable[[], None] | None = None) -> None:
    """Hand a draft to a second person; ``then`` is called within the transaction that does.

    Raises Refusal S10 or S12, or FormErrors.
    """
    row = drafts.own(node, actor, draft)
    role, _ = drafts.hand_of(node, actor, row)
    drafts.read(node, row, drafts.kind_of(node, row), drafts.filling_of(row))
    with writing(node.db):
        drafts.change_or_refuse(node, row, state=WAITING, form={**row.form, "role": role})
        audit.note(node, actor, "prepared", row.id)
        if then is not None:
            then()


def review(node: Node, actor: Actor, draft: str, seen: int | None = None) -> None:
    """Note that a second person has looked at what was signed alone in an emergency, as it was
    ``seen`` (see ``drafts.require_seen``).

    Raises Refusal S3, S10 for the own one, S12 when somebody else has, or it was changed.
    """
    row = drafts.require(node, actor, draft)
    if row.person == actor.id or not alongside.approves(node, actor, row):
        raise Refusal("S10", "Another person has to review this.", row.kind)
    if not row.emergency or row.second is not None:
        raise drafts.moved(row)
    drafts.require_seen(row, seen)
    with writing(node.db):
        who = {"second": actor.id, "second_name": actor.name}
        drafts.change_or_refuse(node, row, **who)
        audit.note(node, actor, "reviewed", row.id)


def approve(
    node: Node, actor: Actor, draft: str, then: Done | None = None, seen: int | None = None
) -> str:
    """Approve and sign what another person prepared, as it was ``seen``, and return its dossier.

    Raises Refusal S3, S10 for the own draft, S12 when it does not wait any more, or was changed.
    """
    row, role = _second(node, actor, draft, seen)
    by = {"role": row.form["role"], "approved_by": [role]}
    fields = {"second": actor.id, "second_name": actor.name}
    return _issue(node, actor, row, by, _Way("approved", then, fields))


def send_back(node: Node, actor: Actor, draft: str, reason: str, seen: int | None = None) -> None:
    """Return what another person prepared. Raises Refusal as ``approve``, S4 without a reason."""
    row, _ = _second(node, actor, draft, seen)
    if not reason.strip():
        raise Refusal("S4", "Say what should be different.", "reason")
    with writing(node.db):
        who = {"second": actor.id, "second_name": actor.name}
        drafts.change_or_refuse(node, row, state=RETURNED, reason=reason.strip(), **who)
        audit.note(node, actor, "returned", row.id)


def _second(node: Node, actor: Actor, draft: str, seen: int | None) -> tuple[DraftRow, str]:
    row = drafts.require(node, actor, draft)
    mandate = actor.approving(row.lane, row.protocol, row.kind)
    if row.person == actor.id or mandate is None or not alongside.approves(node, actor, row):
        raise Refusal("S10", "Another person has to approve this.", row.kind)
    if row.state != WAITING:
        raise drafts.moved(row)
    drafts.require_seen(row, seen)
    return row, mandate.code


def _issue(node: Node, actor: Actor, row: DraftRow, by: Object, way: _Way) -> str:
    """Sign a draft, and note it, in one transaction: two people who press at once sign it once."""

    def then(act: Id) -> None:
        fields = {**way.fields, "act": act}
        drafts.change_or_refuse(node, row, state=SIGNED, **fields)
        audit.note(node, actor, way.what, row.id, detail={"act": act, "kind": row.kind})
        if fields.get("emergency"):
            notices.tell_heads(node, actor, row.id)
        if way.then is not None:
            way.then(row.dossier or act, act)

    kind, filling = drafts.kind_of(node, row), drafts.filling_of(row)
    filled, alone = drafts.read(node, row, kind, filling)
    files, names = drafts.attached(node, row, kind)
    body: Object = {**filled.body, "by": by}
    if row.kind in membership.KINDS:
        membership.sign(node, Id(row.dossier), row.kind, filled, by, then)
        opened = row.dossier
    elif carrying.is_kept(row):
        carrying.sign(node, actor, row, by, then)
        opened = row.dossier
    elif row.dossier:
        footing = Footing(filling.footing) if filling.footing else None
        draft = Draft(kind.kind, body, None, filled.refs, TLP(filling.tlp), None, footing)
        compose.send(node, row.dossier, draft, filled, files, names=names, alone=alone, then=then)
        opened = row.dossier
    else:
        content = compose.prepare(node, filled, files.files, names)
        usual = node.protocols[row.protocol, row.version]
        draft = Draft(kind.kind, {"by": by}, content, footing=opening.footing(usual, filling))
        charter, invited = opening.of_draft(node, row, filling, filled)
        if invited:
            _require_inviting(actor, row, way)
        opened = issue.open_dossier(node, charter=charter, draft=draft, then=then, invited=invited)
    forgetting.clear(node, row)
    return opened


def _require_inviting(actor: Actor, row: DraftRow, way: _Way) -> None:
    """Raise Refusal S10 unless who signs a charter may sign the invitations that go with it."""
    said = (row.protocol, INVITE.kind)
    match way.what:
        case "approved":
            able = actor.approving(row.lane, *said) is not None
        case "emergency":
            able = any(m.overrides(*said) for m in actor.mandates if row.lane in m.lanes)
        case _:
            under = actor.under(row.lane, *said)
            able = under is not None and under[1] is Hand.ALONE
    if not able:
        told = (
            "Some of the parties would be invited, and your mandates do not cover that; name fewer."
        )
        raise Refusal("S10", told, INVITE.kind)
