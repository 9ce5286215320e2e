"""What a guest may do about a letter: one way to acknowledge it, and one to answer.

The dossier's guards are the only rules, so they are asked: a record of each kind that may be
recorded is rehearsed, with the letter cited wherever it can be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal, Void
from comity.kernel.ids import Id
from comity.kernel.protocol import Files
from comity.protocols.trust.contact_check.acts import Answer
from comity.protocols.trust.contact_check.codes import CONFIRMED
from comity.services.casework import dossiers, issue, possible
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import record_body
from comity.services.casework.replies import ACKNOWLEDGE
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.protocol import ActKind
    from comity.services.node import Node
    from comity.store.access.guests import GuestRow

EXAMPLE = "guest"
"""The handle of the guest in a rehearsal before there is one."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The kinds by which a guest may acknowledge a letter and answer it now; None: not at all."""

    acknowledge: ActKind | None
    answer: ActKind | None


def of(node: Node, row: GuestRow) -> Ways:
    """Return what a link still takes."""
    if row.answered:
        return Ways(None, None)
    found = of_letter(node, row.letter, row.handle)
    return Ways(None if row.acknowledged else found.acknowledge, found.answer)


def of_letter(node: Node, letter: str, handle: str = EXAMPLE) -> Ways:
    """Return what a guest may do about an act of this party. Raises Refusal S3 or S8."""
    row = access.act(node.db, letter)
    if row is None:
        raise Refusal("S3", "There is no such message here.", letter)
    header = read_header(row.header)
    about = (Id(letter), header, handle)
    with node.lock:
        dossier = dossiers.load(node, row.dossier)
        if dossier.protocol is None or node.me not in dossier.members.now():
            return Ways(None, None)
        able = [
            kind
            for kind in dossier.protocol.acts
            if kind.kind in dossier.protocol.recordable
            and _has_effect(node, dossier, kind, about, possible.bodies(node, dossier, kind))
        ]
    answers = sorted((k for k in able if k.kind != ACKNOWLEDGE), key=lambda k: _rank(k, header))
    return Ways(
        next((kind for kind in able if kind.kind == ACKNOWLEDGE), None), next(iter(answers), None)
    )


def may_confirm(node: Node, row: GuestRow, ways: Ways) -> bool:
    """Say whether one press may answer that all that a contact check asks about is still right."""
    if ways.answer is not Answer.KIND:
        return False
    letter = access.act(node.db, row.letter)
    if letter is None:
        raise AssertionError(row.letter)
    about = (Id(row.letter), read_header(letter.header), row.handle)
    with node.lock:
        dossier = dossiers.load(node, letter.dossier)
        return _has_effect(node, dossier, Answer.KIND, about, [{"outcome": CONFIRMED}])


def cites(kind: ActKind, letter: str) -> bool:
    """Say whether an act of ``kind`` may cite a letter of the kind ``letter``."""
    return kind.refs is not None and letter in kind.refs.kinds


def _rank(kind: ActKind, letter: Header) -> tuple[bool, bool, bool]:
    """Return how well a kind serves as the answer: words before files alone, and what is made for
    answering such an act before what may also mention it.
    """
    must = kind.refs is not None and kind.refs.least > 0
    return kind.files is Files.MUST, not must, not cites(kind, letter.kind)


def _has_effect(
    node: Node,
    dossier: Dossier,
    kind: ActKind,
    about: tuple[Id, Header, str],
    bodies: Iterable[Object],
) -> bool:
    letter, header, handle = about
    cited = cites(kind, header.kind)
    if kind.refs is not None and kind.refs.least and not cited:
        return False
    rehearsal = issue.Rehearsal(node, dossier)
    for filled in itertools.islice(bodies, possible.EXAMPLES):
        own: Object = {"letter": letter, "guest": handle}
        draft = Draft(
            "record",
            record_body(kind.kind, {**filled, **own}),
            refs=(letter,) if cited else (),
        )
        try:
            rehearsal.of(draft)
        except (Void, Refusal):
            continue
        return True
    return False
