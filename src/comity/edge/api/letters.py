"""Letters to guests: written, looked at, let go by a second person, renewed and revoked.

The node mails nothing: who asks hands the letter over. Its address is answered once, to who made it
or let it go, and kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Router, Status

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.once import Key, once
from comity.edge.api.shapes import letters as shapes
from comity.edge.api.shapes.kinds import DraftId, Id
from comity.services.casework import guests, letters, lettertext
from comity.services.casework.guests import Addressee

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.services.casework.guests import Done
    from comity.services.node import Node
    from comity.store.access.guests import GuestRow

ABSENT = "…"
"""What stands for an address that is not told."""
router = Router(tags=["Letters"])


def line(node: Node, row: GuestRow) -> shapes.Letter:
    """Return a letter in a list."""
    return shapes.Letter.from_orm(_told(node, row))


def _told(node: Node, row: GuestRow) -> dict[str, Any]:
    return {**row._asdict(), "state": guests.state_of(row, node.now())}


def _words(node: Node, row: GuestRow) -> dict[str, Any]:
    written = letters.of_guest(node, row)
    page = lettertext.letter_page(node, written, ABSENT)
    return {**lettertext.letter_text(node, written, ABSENT)._asdict(), "page": page}


@router.get("/dossiers/{dossier}/letters", response=answers(shapes.Letters))
def list_letters(request: Asked, dossier: Id) -> shapes.Letters:
    """List the letters of a dossier to guests, with what became of each."""
    row = desk_of(request).dossier(dossier)
    rows = guests.made_in(request.node, row.id)
    return shapes.Letters(letters=[line(request.node, each) for each in rows])


@router.post("/acts/{act}/letters/preview", response=takes(shapes.LetterPreview))
def preview_letter(request: Asked, act: Id, to: shapes.Addressee) -> shapes.LetterPreview:
    """Look at what would leave the house in a letter; none is made."""
    row = guests.draft(request.node, request.auth, act, _addressee(to))
    return shapes.LetterPreview.from_orm({**_words(request.node, row), "waits": row.waiting})


@router.post("/acts/{act}/letters", response=takes(shapes.Made, 201))
def make_letter(request: Asked, act: Id, to: shapes.Addressee, key: Key) -> Status[shapes.Made]:
    """Make a letter of an own act to somebody without a node, and its address."""
    node, actor, whom = request.node, request.auth, _addressee(to)
    return Status(201, _made(request, key, lambda then: guests.make(node, actor, act, whom, then)))


def _addressee(to: shapes.Addressee) -> Addressee:
    return Addressee(to.name, to.mail, (to.first, to.second), to.days)


def _made(request: Asked, key: str, make: Callable[[Done], object]) -> shapes.Made:
    """Make an address, unless the same request did."""

    def told(row: GuestRow, secret: str) -> dict[str, str]:
        link = f"{request.node.address}/guest/{secret}" if secret else ""
        return {"letter": row.id, "link": link}

    answer = once(request, key, lambda keep: make(lambda row, secret: keep(told(row, secret))))
    return shapes.Made(**answer)


@router.get("/letters/{letter}", response=answers(shapes.LetterWords))
def read_letter(request: Asked, letter: DraftId) -> shapes.LetterWords:
    """Read a letter, and what became of it; its address is not told again."""
    row = guests.one(request.node, request.auth, letter)
    words = _words(request.node, row)
    return shapes.LetterWords.from_orm({**_told(request.node, row), **words})


@router.post("/letters/{letter}/release", response=takes(shapes.Made))
def release_letter(request: Asked, letter: DraftId, key: Key) -> shapes.Made:
    """Let a letter go, as a second person, that another prepared."""
    node, actor = request.node, request.auth
    return _made(request, key, lambda then: guests.release(node, actor, letter, then))


@router.post("/letters/{letter}/renew", response=takes(shapes.Made))
def renew_letter(request: Asked, letter: DraftId, key: Key) -> shapes.Made:
    """Give a letter another address, in place of one that was lost or has expired."""
    node, actor = request.node, request.auth
    return _made(request, key, lambda then: guests.renew(node, actor, letter, then))


@router.post("/letters/{letter}/revoke", response=takes(shapes.Letter))
def revoke_letter(request: Asked, letter: DraftId) -> shapes.Letter:
    """End the address of a letter at once; doing it twice changes nothing."""
    row = guests.revoke(request.node, request.auth, letter)
    return line(request.node, row)
