"""Reading: what needs somebody, dossiers, acts, what is new, and taking things out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.http import FileResponse, HttpResponse
from ninja import Query, Router, Schema

from comity.edge.api.answers import READ, WRITE, answers, bytes_out
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes import acts as shapes
from comity.edge.api.shapes import dossiers as found
from comity.edge.api.shapes.kinds import Id, Line, Number
from comity.kernel.label import TLP
from comity.services.casework import explaining, feeds, filing, needing
from comity.services.casework.view import ActView
from comity.services.delivery import handing
from comity.services.directory import keys
from comity.services.people import audit, notices
from comity.services.proof import evidence as proofs
from comity.store.access.finding import Wanted

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from comity.services.casework.reading import File

BYTES = "application/octet-stream"
router = Router(tags=["Reading"])


@router.get("/work", response=answers(found.Work))
def work(request: Asked, after: Number = 0, others: Number = 0) -> found.Work:
    """Say what needs who asks, soonest due first, and what waits on others."""
    return found.Work.from_orm(needing.of_desk(desk_of(request), after, others))


class Search(Schema):
    """What to look for among dossiers; what is left out asks for nothing."""

    text: Line = ""
    protocol: Line = ""
    party: Line = ""
    status: Line = ""
    ceiling: Literal["", "clear", "green", "amber", "amber_strict", "red"] = ""
    due: Literal["", "any", "late", "none"] = ""
    before: Number = 0


@router.get("/dossiers", response=answers(found.Dossiers))
def find_dossiers(request: Asked, wanted: Query[Search]) -> found.Dossiers:
    """Find dossiers, those changed last first."""
    listed = desk_of(request).find(Wanted(**wanted.dict()))
    return found.Dossiers(dossiers=[*listed.lines], before=listed.before)


class Question(Schema):
    """What to look up: an address or a range, at an instant in ms, now by default, give or take
    `margin` minutes.
    """

    address: Line
    at: Number | None = None
    margin: Number = 0


@router.get("/explained", response=answers(explaining.Explained))
def explain_address(request: Asked, asked: Query[Question]) -> explaining.Explained:
    """Look up whether a planned activity that was announced explains an address at an instant."""
    at = request.node.now() if asked.at is None else asked.at
    return explaining.explain(
        desk_of(request), explaining.question(asked.address, at, asked.margin)
    )


@router.get("/keys", response=answers(found.Keys))
def list_keys(request: Asked, party: Line = "") -> found.Keys:
    """List the public keys that parties showed each other, of one party where it is named."""
    return found.Keys(keys=[*keys.listed(desk_of(request), party)])


@router.get("/changes", response=answers(found.Changes))
def list_changes(request: Asked, since: Number = 0) -> found.Changes:
    """List dossiers that changed after a cursor, in order of change; none is ever skipped."""
    new = feeds.changes(desk_of(request), since)
    changes = [
        found.DossierChange.from_orm({**row._asdict(), "tlp": row.ceiling}) for row in new.dossiers
    ]
    return found.Changes(changes=changes, since=new.since, more=new.more)


@router.get("/acts", response=answers(shapes.Acts))
def list_acts(request: Asked, since: Number = 0) -> shapes.Acts:
    """List acts admitted after a cursor, in order of admission; none is ever skipped."""
    new = feeds.acts(desk_of(request), since)
    acts = [
        shapes.ActLine.from_orm({**row._asdict(), "void": row.void_rule, "held": row.whole})
        for row in new.acts
    ]
    return shapes.Acts(acts=acts, since=new.since, more=new.more)


@router.get("/dossiers/{dossier}", response=answers(found.Dossier))
def read_dossier(request: Asked, dossier: Id, before: Number = 0) -> found.Dossier:
    """Read a dossier: where it stands, who is in it, what was said, what may be done next."""
    file = desk_of(request).file(dossier, before)
    audit.note_read(request.node, request.auth, dossier, TLP(file.view.row.ceiling))
    return _dossier(file, follows=notices.follows(request.node, request.auth, dossier))


def _dossier(file: File, *, follows: bool) -> found.Dossier:
    view, row = file.view, file.view.row
    duties = [
        {"party": duty.who, "what": duty.what, "words": words, "due": duty.due, "act": duty.act}
        for duty, words in view.duties
    ]
    return found.Dossier.from_orm(
        {
            **row._asdict(),
            "tlp": row.ceiling,
            "title": view.title,
            "status": view.status,
            "noun": file.noun,
            "clause": file.clause,
            "lane": file.lane,
            "members": [{"party": p, "name": n, "state": s} for p, n, s in view.members],
            "duties": duties,
            "steps": file.steps,
            "membership": file.membership,
            "related": file.related,
            "may_erase": file.may_erase,
            "follows": follows,
            "acts": [told.act for told in file.acts],
            "waiting": view.waiting,
            "before": file.before,
        }
    )


@router.get("/acts/{act}", response=answers(ActView))
def read_act(request: Asked, act: Id) -> ActView:
    """Read one act, with its content as far as it is here."""
    row, view = desk_of(request).read(act)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    return view


@router.get("/acts/{act}/evidence", response=READ, openapi_extra=bytes_out("An evidence file."))
def take_evidence(request: Asked, act: Id) -> HttpResponse:
    """Take the evidence file of an act: it proves what was said when, and not its words."""
    row = filing.taken(desk_of(request), act)
    answer = HttpResponse(proofs.make(request.node, row.id), content_type=BYTES)
    answer["Content-Disposition"] = f'attachment; filename="evidence-{row.id[:12]}.json"'
    return answer


@router.get("/acts/{act}/files/{number}", response=READ, openapi_extra=bytes_out("The file."))
def take_file(request: Asked, act: Id, number: Number) -> HttpResponseBase:
    """Take a file of an act, by its place among them."""
    entry, opened = filing.opened(request.node, filing.taken(desk_of(request), act), number)
    return FileResponse(opened, as_attachment=True, filename=entry.name, content_type=BYTES)


@router.post(
    "/dossiers/{dossier}/export",
    response=WRITE,
    openapi_extra=bytes_out("The sealed file."),
)
def export_dossier(request: Asked, dossier: Id, whom: found.Recipient) -> HttpResponseBase:
    """Take what waits for a member as a file that only that party can open; it counts as sent."""
    name, opened = handing.export(request.node, request.auth, dossier, whom.party)
    return FileResponse(opened, as_attachment=True, filename=name, content_type=BYTES)
