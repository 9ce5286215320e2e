"""What a party says about an object that came to it: found by its id, said where it came from.

One object may stand in several circles and versions; what is said goes to the act that brought it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle.acts import Ask, Feedback, Permit, Relabel
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft, issue
from comity.services.sharing import circles, overview, shelving
from comity.services.sharing.sights import LEVELS
from comity.store.access import acts, around, objects

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.store.access.objects import ShelfRow


class Place(NamedTuple):
    """Where an object stands: its ``id`` and ``version`` (µs), when it was ``added`` there (µs),
    its shelf by number and ``title``, its label there; ``act`` and ``part`` that brought it, in
    which ``dossier`` and by which ``author``, "" for an intake.
    """

    id: str
    version: int
    added: int
    shelf: int
    title: str
    tlp: TLP
    act: str
    part: int
    dossier: str
    author: str

    def value(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {**self._asdict(), "tlp": self.tlp.value}


def find_object(node: Node, text: str) -> str:
    """Return the id of the object that a person means: whole, or the beginning of it.

    Raises Refusal S3 or S4.
    """
    found = around.ids_like(node.db, text.strip(), 2)
    if not found:
        raise Refusal("S3", "There is no such object here.", text[:300])
    if len(found) > 1 and text.strip() not in found:
        raise Refusal("S4", "More than one object could be meant; write more of its id.", text)
    return text.strip() if text.strip() in found else found[0]


def places(node: Node, stix_id: str) -> list[Place]:
    """Return where an object stands now, the newest version first."""
    held = [
        (holding, version)
        for holding, version in objects.holdings_of(node.db, stix_id)
        if holding.state in {objects.SHOWN, objects.DOUBLE}
    ]
    ids = objects.act_ids(node.db, sorted({h.act for h, _ in held if h.act is not None}))
    rows = acts.acts_among(node.db, [*ids.values()])
    shelves, titles = {row.number: row for row in circles.ensure(node)}, overview.titles(node)
    found: list[Place] = []
    for holding, version in held:
        act = "" if holding.act is None else ids[holding.act]
        row = rows.get(act)
        place = (holding.added, holding.shelf, titles[shelves[holding.shelf].id])
        by = ("", "") if row is None else (row.dossier, row.party)
        found.append(Place(stix_id, version, *place, LEVELS[holding.tlp], act, holding.part, *by))
    return found


def _in(node: Node, text: str, circle: str) -> list[Place]:
    """Return where the object that a person means stands, in one ``circle`` if it is named."""
    shelf = overview.find_shelf(node, circle) if circle else None
    stix_id = find_object(node, text)
    found = [p for p in places(node, stix_id) if shelf is None or p.shelf == shelf.number]
    if not found:
        raise Refusal("S3", "This object does not stand there, or not any more.", stix_id)
    return found


def newest(node: Node, text: str, circle: str = "", *, besides: str = "") -> Place:
    """Return where the newest version of an object came by an act, under the widest label.

    Raises Refusal S3 or S4; S4 also for what came from outside, of which no party can be told.
    """
    found = [p for p in _in(node, text, circle) if p.act and p.dossier != besides]
    if not found:
        told = "It came from outside, and no circle knows of it. Publish it first: comity share."
        raise Refusal("S4", told, text)
    return min(found, key=lambda p: (-p.version, p.tlp, p.added))


def own(node: Node, text: str, circle: str = "") -> list[Place]:
    """Return where an object stands by this party's own word. Raises Refusal S3, S4, or X24."""
    found = _in(node, text, circle)
    mine = [place for place in found if place.author in {"", node.me}]
    if not mine:
        told = "Another party published it. Ask it: comity ask-source, or comity sighting."
        raise Refusal("X24", told, found[0].id)
    return mine


def by_shelf(node: Node, found: Sequence[Place]) -> Iterator[tuple[ShelfRow, list[int]]]:
    """Yield each shelf with when what stands there was added."""
    shelves = {row.number: row for row in circles.ensure(node)}
    for number in sorted({place.shelf for place in found}):
        yield shelves[number], [place.added for place in found if place.shelf == number]


def relabel(node: Node, found: Sequence[Place], tlp: TLP) -> list[Id]:
    """Sign that objects of own acts have another label from now on; return the acts.

    Raises Refusal as ``issue`` does.
    """
    by_act: dict[str, list[Place]] = defaultdict(list)
    for place in found:
        by_act[place.act].append(place)
    signed: list[Id] = []
    for act, those in by_act.items():
        body = Relabel(parts=sorted({p.part for p in those}), tlp=tlp.value).to_body()
        draft = Draft(Relabel.KIND.kind, body, refs=(Id(act),))
        added = [place.added for place in those]

        def then(_id: Id, added: Sequence[int] = added) -> None:
            held = objects.holdings(node.db, added)
            shelving.relabel(node, [(each, tlp) for each in held])

        signed.append(issue(node, dossier_id=those[0].dossier, draft=draft, then=then))
    return signed


def feedback(node: Node, place: Place, word: Feedback, text: str = "") -> Id:
    """Sign a word on an object where it came from. Raises Refusal as ``issue`` does."""
    return _say(node, place.dossier, Feedback.KIND.kind, word.to_body(), place.act, text)


def ask(node: Node, place: Place, what: str, text: str) -> Id:
    """Ask who published an object for a wider label, or for permission to forward it.

    Raises Refusal as ``issue`` does.
    """
    body = Ask(part=place.part, what=what).to_body()
    return _say(node, place.dossier, Ask.KIND.kind, body, place.act, text)


def permit(node: Node, act: Id, answer: str, tlp: TLP | None = None, text: str = "") -> Id:
    """Answer who asks about what this party published.

    Raises Refusal S3 for no such message, and as ``issue`` does.
    """
    row = acts.act(node.db, act)
    if row is None or row.kind != Ask.KIND.kind:
        raise Refusal("S3", Phrase("This message asks for nothing."), act)
    body = Permit(answer=answer, tlp=None if tlp is None else tlp.value).to_body()
    return _say(node, row.dossier, Permit.KIND.kind, body, act, text)


def _say(node: Node, dossier: str, kind: str, body: Object, about: str, text: str) -> Id:
    content = prepare_fields(node, {"text": text}) if text else None
    draft = Draft(kind, body, content, refs=(Id(about),))
    return issue(node, dossier_id=dossier, draft=draft)
