"""The root ceremony as far as the page goes: the proposal goes out, signatures come in.

No key is made, typed or proposed here: what needs a secret, or the soft key of the machine, is done
at the machine and at those of the holders.
"""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from ninja import Router

from comity.edge.api.answers import BINARY, READ, answers, bytes_out, takes
from comity.edge.api.asking import Asked
from comity.edge.api.shapes import ceremony as shapes
from comity.kernel.errors import Refusal
from comity.services.identity import ceremony

router = Router(tags=["Root keys"])


@router.get("/ceremony", response=answers(shapes.Ceremony))
def read_ceremony(request: Asked) -> shapes.Ceremony:
    """Read who holds the root keys, and how far a ceremony is."""
    state = ceremony.status(request.node, request.auth)
    proposal = state.proposal
    return shapes.Ceremony(
        step=state.step.value,
        grade=state.grade,
        holders=[shapes.Holder(**asdict(holder)) for holder in state.holders],
        old=state.old,
        new=state.new,
        proposal="" if proposal is None else proposal.id,
        spoken="" if proposal is None else proposal.spoken,
        beside=[] if proposal is None else proposal.beside,
        stale=state.stale,
        awaits=state.awaits,
    )


@router.get(
    "/ceremony/proposal", response=READ, openapi_extra=bytes_out("The proposal, as a file.")
)
def take_proposal(request: Asked) -> HttpResponse:
    """Take what the holders sign, as a file to be carried to them; it holds no secret."""
    found = ceremony.status(request.node, request.auth).proposal
    if found is None:
        raise Refusal("S3", "Nothing is proposed here.")
    answer = HttpResponse(found.to_bytes(), content_type=BINARY)
    answer["Content-Disposition"] = f'attachment; filename="proposal-{found.id[:12]}.json"'
    return answer


@router.post("/ceremony/signatures", response=takes(shapes.Ceremony))
def bring_signature(request: Asked, signature: shapes.Signature) -> shapes.Ceremony:
    """Bring a signature code of a holder; one that is wrong is refused, and harms nothing."""
    ceremony.take(request.node, signature.code, request.auth)
    return read_ceremony(request)


@router.post("/ceremony/publish", response=takes(shapes.Ceremony))
def publish_root(request: Asked) -> shapes.Ceremony:
    """Put the proposed root keys in force, for which enough holders have signed."""
    ceremony.publish(request.node, request.auth)
    return read_ceremony(request)
