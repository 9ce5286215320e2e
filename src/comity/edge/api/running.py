"""The parties this node knows, how it stands, its mandates, and what was done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from ninja import Router

from comity import __version__
from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked
from comity.edge.api.problems import UNFIT, Wrong
from comity.edge.api.shapes import node as shapes
from comity.edge.api.shapes.kinds import Id, Kind, Number
from comity.kernel.errors import Pending, Refusal
from comity.services.care import overview
from comity.services.delivery import meet
from comity.services.identity import accrediting, roster
from comity.services.identity import parties as identity
from comity.services.people import audit, mandates, tokens
from comity.services.people.mandates import Mandate
from comity.services.ports import Unreachable

if TYPE_CHECKING:
    from comity.services.identity.roster import Known, Proofs
    from comity.store.access.outbox import PeerRow
    from comity.store.access.people import AuditRow

router = Router(tags=["Running"])


@router.get("/me", response=answers(shapes.Me))
def read_me(request: Asked) -> shapes.Me:
    """Say who the token acts for, and how far it reaches now."""
    actor = request.auth
    held = [shapes.MandateShape.from_orm(mandate.to_object()) for mandate in actor.mandates]
    return shapes.Me(
        party=request.node.me,
        token=actor.token,
        name=actor.name,
        machine=bool(actor.machine),
        mandates=held,
        expires=tokens.expiry(request.node, actor),
    )


@router.get("/parties", response=answers(shapes.Parties))
def list_parties(request: Asked) -> shapes.Parties:
    """List the parties known here."""
    peers = roster.peers(request.node)
    known = [
        shapes.Party.from_orm(_told(each, peers.get(each.id)))
        for each in roster.everyone(request.node)
    ]
    return shapes.Parties(parties=known)


def _told(known: Known, peer: PeerRow | None) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(known, name) for name in known.__slots__}
    heard = None if peer is None else peer.last_heard or None
    error = "" if peer is None else peer.last_error
    return {**value, "last_heard": heard, "last_error": error}


@router.get("/parties/{party}", response=answers(shapes.PartyRead))
def read_party(request: Asked, party: Id) -> shapes.PartyRead:
    """Read what is known of a party, and what stands behind its signatures."""
    node, known = request.node, roster.known(request.node, party)
    document = identity.node_document(node, known.id)
    value = {
        **_told(known, roster.peer(node, known.id)),
        "proofs": _proofs(roster.proofs(node, known.id)),
        "witnesses": [] if document is None else document.witnesses,
    }
    return shapes.PartyRead.from_orm(value)


def _proofs(found: Proofs | None) -> dict[str, Any] | None:
    if found is None:
        return None
    size, at = (None, None) if found.held is None else (found.held.size, found.held.at)
    return {
        "need": found.need,
        "of": found.of,
        "log": found.log,
        "size": size,
        "checkpoint_at": at,
    }


@router.post("/parties", response=takes(shapes.PartyRead))
def introduce_party(request: Asked, met: shapes.Meeting) -> shapes.PartyRead:
    """Get to know a party, by the address of its node or its card. It is not accredited yet."""
    request.auth.require_manage("parties")
    if bool(met.address) == bool(met.card):
        told = "Give the address of its node, or its card, and not both."
        raise Wrong(UNFIT, Refusal("S4", told), "address")
    field, card = ("address", b"") if met.address else ("card", orjson.dumps(met.card))
    try:
        found = meet.as_person(request.node, request.auth, url=met.address, card=card)
    except Unreachable as error:
        told = "Nothing answers there. Is the address right, and the other node running?"
        raise Wrong(UNFIT, Refusal("S13", told), field) from error
    except Pending as error:
        raise Wrong(UNFIT, Refusal("S4", "Its card is not whole."), field) from error
    except Refusal as refusal:
        # Also what the other node refused: it says nothing of this one.
        raise Wrong(UNFIT, refusal, field) from refusal
    return read_party(request, found)


@router.post("/parties/{party}/accredit", response=takes(shapes.PartyRead))
def accredit_party(request: Asked, party: Id, heard: shapes.Told) -> shapes.PartyRead:
    """Accredit a party whose fingerprint is as it told you over another channel."""
    try:
        accrediting.accredit(request.node, request.auth, party, heard.told)
    except Refusal as refusal:
        if refusal.rule == "S4":
            raise Wrong(UNFIT, refusal, "told") from refusal
        raise
    return read_party(request, party)


@router.put("/parties/{party}/zone", response=takes(shapes.PartyRead))
def place_party(request: Asked, party: Id, place: shapes.Zone) -> shapes.PartyRead:
    """Say in which time zone a party is; it is told to nobody."""
    accrediting.settle_zone(request.node, request.auth, party, place.zone)
    return read_party(request, party)


@router.get("/node", response=answers(shapes.Node))
def read_node(request: Asked) -> shapes.Node:
    """Read how this node stands: what needs somebody, its log, queues, disk and copies."""
    node, whole = request.node, overview.whole(request.node, request.auth)
    status, log = whole.status, whole.status.log
    return shapes.Node.from_orm(
        {
            "party": node.me,
            "name": node.settings.name,
            "version": __version__,
            "findings": whole.report.findings,
            "log": log.log,
            "size": log.size,
            "checkpoint_size": log.checkpoint_size,
            "checkpoint_at": log.checkpoint_at,
            "cosigned": [{"party": party, "at": at} for party, _, at in whole.cosigned],
            "queues": [{**peer._asdict(), "states": sizes} for peer, sizes in whole.queues],
            "refused": [
                {"rule": rule, "party": party, "count": count, "reason": reason, "at": at}
                for rule, party, count, reason, at in whole.refused
            ],
            "dossiers": status.dossiers,
            "duties": status.duties,
            "pending": status.pending,
            "free": whole.free,
            "backup": whole.backup,
            "drill": whole.drill,
        }
    )


@router.get("/mandates", response=answers(shapes.Mandates))
def list_mandates(request: Asked) -> shapes.Mandates:
    """List the mandates of this node."""
    found = mandates.listed(request.node, request.auth)
    return shapes.Mandates(mandates=[shapes.MandateShape.from_orm(m.to_object()) for m in found])


@router.get("/mandates/{code}", response=answers(shapes.MandateShape))
def read_mandate(request: Asked, code: Kind) -> shapes.MandateShape:
    """Read one mandate."""
    found = mandates.one(request.node, request.auth, code)
    return shapes.MandateShape.from_orm(found.to_object())


@router.put("/mandates/{code}", response=takes(shapes.MandateShape))
def change_mandate(request: Asked, code: Kind, rules: shapes.MandateRules) -> shapes.MandateShape:
    """Decide what a mandate is in this node."""
    found = mandates.one(request.node, request.auth, code)
    changed = Mandate.from_object({**found.to_object(), **rules.dict()})
    mandates.change(request.node, request.auth, changed)
    return shapes.MandateShape.from_orm(changed.to_object())


@router.get("/audit", response=answers(shapes.Entries))
def read_audit(request: Asked, before: Number = 0) -> shapes.Entries:
    """Read what was done here, newest first."""
    rows = audit.entries(request.node, request.auth, before or None)
    entries = [_entry(row) for row in rows]
    return shapes.Entries(entries=entries, before=rows[-1].n if len(rows) == audit.AT_ONCE else 0)


def _entry(row: AuditRow) -> shapes.Entry:
    words = audit.WHAT.get(row.what, row.what)
    return shapes.Entry.from_orm({**row._asdict(), "words": words})
