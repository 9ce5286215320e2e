"""Saying something: what there is to fill in, drafts, who will read it, signing and handing on.

What signs is asked for with a key of the program's choice, ``Idempotency-Key``: the same request
with the same key signs once and is answered the same, however often it comes. Who approves names
the version that was seen: a draft may change between reading and approving.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from django.http import HttpResponse
from ninja import HeaderEx, P, Router, Status
from pydantic import StringConstraints

from comity.edge.api.answers import (
    answers,
    bytes_in,
    matches,
    takes,
    takes_bytes,
    versioned,
)
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.bodies import received
from comity.edge.api.once import Key, once
from comity.edge.api.problems import Wrong
from comity.edge.api.shapes import drafts as shapes
from comity.edge.api.shapes.kinds import DraftId, FileId, Id, Kind, Line
from comity.kernel.errors import Refusal
from comity.services.casework import drafts, saying, signing
from comity.services.casework.drafts import Filling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comity.services.casework.forms import FormField
    from comity.services.casework.saying import Place
    from comity.services.casework.signing import Done
    from comity.store.access.drafts import DraftRow

router = Router(tags=["Saying"])
Seen: TypeAlias = HeaderEx[str, P(alias="If-Match", max_length=200)]
VERSION = "The version of the draft that is shown; every change makes it another."
CHANGED, NAMELESS = 412, 428
PREVIEWED = ("readers", "hand", "override", "role", "footing", "growth")
FileName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/\\]{1,255}$")]


@router.get("/protocols", response=answers(shapes.Protocols))
def list_protocols(request: Asked) -> shapes.Protocols:
    """List the protocols under which you may open dossiers."""
    found = saying.openable(request.node, request.auth)
    return shapes.Protocols(protocols=[shapes.Protocol.from_orm(each) for each in found])


@router.get("/forms", response=answers(shapes.Form))
def read_opening_form(request: Asked, protocol: Line) -> shapes.Form:
    """Read what there is to fill in to open a dossier under a protocol."""
    return _form(request, saying.place(desk_of(request), protocol=protocol))


@router.get("/dossiers/{dossier}/forms/{kind}", response=answers(shapes.Form))
def read_form(request: Asked, dossier: Id, kind: Kind, about: Id | None = None) -> shapes.Form:
    """Read what there is to fill in to say a kind of act in a dossier; the kind `translation` is
    about an act.
    """
    place = saying.place(desk_of(request), dossier=dossier, kind=kind, about=about or "")
    return _form(request, place)


def _form(request: Asked, place: Place) -> shapes.Form:
    saying.require(request.auth, place)
    form = place.form
    return shapes.Form.from_orm(
        {
            "protocol": place.protocol.id,
            "kind": form.kind,
            "label": form.label,
            "help": form.help,
            "clause": form.clause,
            "ceiling": place.ceiling.value,
            "floor": place.floor.value,
            "fields": [_field(each) for each in form.fields],
            "files": form.files.value,
            "batch": form.batch,
            "footing": "" if form.opening is None else form.opening.footing,
            "growths": [] if form.opening is None else [*form.opening.growths],
            "parties": [{"value": each.id, "label": each.name} for each in saying.parties(place)],
            "acts": _choices(saying.acts(place)),
        }
    )


def _field(field: FormField) -> dict[str, Any]:
    value = {name: getattr(field, name) for name in field.__slots__}
    when = field.when
    asked = None if when is None else {"field": when.field, "values": [*when.values]}
    return {**value, "choices": _choices(field.choices), "when": asked}


def _choices(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


@router.post("/drafts", response=takes(shapes.Draft, 201))
def begin_draft(request: Asked, said: shapes.NewDraft) -> Status[shapes.Draft]:
    """Keep a new draft; nothing of it is signed or leaves the node."""
    if bool(said.dossier) == bool(said.protocol):
        raise Refusal("S4", "Name a dossier, or the protocol to open one under.", "protocol")
    row = drafts.begin(
        request.node,
        request.auth,
        kind=said.kind if said.dossier else drafts.CHARTER,
        filling=_filling(said),
        dossier=said.dossier or "",
        protocol=said.protocol,
    )
    return Status(201, shapes.Draft.from_orm(row))


def _filling(said: shapes.Filling) -> Filling:
    return Filling(said.texts, said.tlp, said.footing, tuple(said.members), said.growth)


@router.get("/drafts/{draft}", response=answers(shapes.Draft), openapi_extra=versioned(VERSION))
def read_draft(request: Asked, response: HttpResponse, draft: DraftId) -> shapes.Draft:
    """Read a draft: an own one, or one to approve."""
    row = drafts.require(request.node, request.auth, draft)
    response["ETag"] = _etag(row)
    return shapes.Draft.from_orm(row)


def _etag(row: DraftRow) -> str:
    """Return the version of a draft: every change makes it another."""
    return f'"{row.changed_at}"'


def _draft(request: Asked, draft: str) -> shapes.Draft:
    return shapes.Draft.from_orm(drafts.require(request.node, request.auth, draft))


@router.put("/drafts/{draft}", response=takes(shapes.Draft))
def change_draft(request: Asked, draft: DraftId, said: shapes.Filling) -> shapes.Draft:
    """Fill in an own draft anew."""
    row = drafts.change(request.node, request.auth, draft, _filling(said))
    return shapes.Draft.from_orm(row)


@router.delete("/drafts/{draft}", response=takes(None, 204))
def drop_draft(request: Asked, draft: DraftId) -> Status[None]:
    """Throw an own draft away, with its files."""
    drafts.drop(request.node, request.auth, draft)
    return Status(204, None)


@router.post(
    "/drafts/{draft}/files",
    response=takes_bytes(shapes.Draft, 201),
    openapi_extra=bytes_in("The file."),
)
def add_file(request: Asked, draft: DraftId, name: FileName) -> Status[shapes.Draft]:
    """Add a file to an own draft; the body is the file."""
    drafts.own(request.node, request.auth, draft)
    with received(request) as path:
        row = drafts.attach(request.node, request.auth, draft, name, path)
    return Status(201, shapes.Draft.from_orm(row))


@router.delete("/drafts/{draft}/files/{path}", response=takes(shapes.Draft))
def remove_file(request: Asked, draft: DraftId, path: FileId) -> shapes.Draft:
    """Take a file away from an own draft."""
    return shapes.Draft.from_orm(drafts.detach(request.node, request.auth, draft, path))


@router.get(
    "/drafts/{draft}/preview",
    response=answers(shapes.Preview),
    openapi_extra=versioned(VERSION),
)
def preview_draft(request: Asked, response: HttpResponse, draft: DraftId) -> shapes.Preview:
    """Look at what is about to be signed: who will be able to read it, and what is still wrong."""
    found = drafts.preview(request.node, request.auth, draft)
    response["ETag"] = _etag(found.row)
    value = {name: getattr(found, name) for name in PREVIEWED}
    return shapes.Preview.from_orm({**value, "draft": found.row})


@router.post("/drafts/{draft}/sign", response=takes(shapes.Signed))
def sign_draft(request: Asked, draft: DraftId, key: Key) -> shapes.Signed:
    """Sign an own draft for the party, alone."""
    node, actor = request.node, request.auth
    return _signed(request, key, lambda done: signing.sign(node, actor, draft, done))


@router.post("/drafts/{draft}/emergency", response=takes(shapes.Signed))
def sign_in_emergency(
    request: Asked, draft: DraftId, why: shapes.Reason, key: Key
) -> shapes.Signed:
    """Sign alone what takes a second person, in an emergency you declare; it is reviewed."""
    node, actor, reason = request.node, request.auth, why.reason
    return _signed(
        request, key, lambda done: signing.sign_in_emergency(node, actor, draft, reason, done)
    )


@router.post("/drafts/{draft}/approve", response=matches(shapes.Signed))
def approve_draft(request: Asked, draft: DraftId, key: Key, seen: Seen = "") -> shapes.Signed:
    """Approve and sign what another person prepared, as you saw it: `If-Match` names its version,
    the `ETag` of the draft or its preview.
    """
    node, actor, version = request.node, request.auth, _version(seen)
    try:
        return _signed(
            request, key, lambda done: signing.approve(node, actor, draft, done, version), seen
        )
    except Refusal as refusal:
        if refusal.rule == "S12":
            raise Wrong(CHANGED, refusal) from refusal
        raise


def _version(seen: str) -> int:
    """Return the version that `If-Match` names. Raises Wrong 428 when it names none, 412 when no
    draft ever had such a one.
    """
    if seen.strip() in {"", "*"}:
        told = "Say which version of the draft you approve: If-Match, with its ETag."
        raise Wrong(NAMELESS, Refusal("S4", told), "If-Match")
    if (found := re.fullmatch('"([0-9]{1,17})"', seen.strip(), re.ASCII)) is None:
        raise Wrong(CHANGED, Refusal("S12", "The draft has no such version; load it anew."))
    return int(found[1])


def _signed(
    request: Asked, key: str, sign: Callable[[Done], object], seen: str = ""
) -> shapes.Signed:
    """Sign what a request asks for, unless the same request did."""
    answer = once(
        request,
        key,
        lambda keep: sign(lambda dossier, act: keep({"dossier": dossier, "act": act})),
        seen,
    )
    return shapes.Signed(**answer)


@router.post("/drafts/{draft}/prepare", response=takes(shapes.Draft))
def prepare_draft(request: Asked, draft: DraftId) -> shapes.Draft:
    """Hand an own draft to a second person."""
    signing.prepare(request.node, request.auth, draft)
    return _draft(request, draft)


@router.post("/drafts/{draft}/return", response=takes(shapes.Draft))
def return_draft(request: Asked, draft: DraftId, why: shapes.Reason) -> shapes.Draft:
    """Return what another person prepared, with a reason."""
    signing.send_back(request.node, request.auth, draft, why.reason)
    return _draft(request, draft)


@router.post("/drafts/{draft}/review", response=takes(shapes.Draft))
def review_draft(request: Asked, draft: DraftId) -> shapes.Draft:
    """Say that you looked at what another person signed in an emergency."""
    signing.review(request.node, request.auth, draft)
    return _draft(request, draft)
