"""A joint product as it reads: its paragraphs in order, and who stands behind which of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.protocols.response.product import PROTOCOL, reading
from comity.services.casework import dossiers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.fold import State
    from comity.kernel.ids import Id
    from comity.protocols.response.product.reading import Stage, Written
    from comity.services.casework.desk import Desk
    from comity.services.casework.view import ActView
    from comity.store.access.acts import DossierRow


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: the act that wrote it, its author's ``name``, its label, and its ``text``, ""
    where it is not here (``absence`` is the code of why) or in a lane that this person does not
    read (``caption`` says so). ``sources`` are captions of the acts it rests on, the beginnings of
    their ids where this person sees none; ``apart`` names who concurs with the draft but not with
    it.
    """

    act: str
    name: str
    tlp: str
    text: str
    absence: str
    caption: str
    sources: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a party, called ``name``, stands: a code, "" for one that has said nothing; ``words``
    is what it says about that, and ``time`` when it said so (ms).
    """

    party: str
    name: str
    position: str
    words: str
    time: int | None


@dataclass(frozen=True, slots=True)
class Product:
    """A draft as it reads: its ``act``, put forward by ``name`` at ``time`` under a label and a
    footing. ``public`` is since or from when it is public (ms), None of a draft; ``is_public`` says
    that it is, by this node's clock; ``due`` by when positions are needed, None where nobody said.
    """

    act: str
    name: str
    time: int
    tlp: str
    footing: str
    public: int | None
    is_public: bool
    due: int | None
    paragraphs: tuple[Paragraph, ...]
    stands: tuple[Stand, ...]


def read(desk: Desk, dossier_id: str) -> list[Product]:
    """Return what was put forward or published last: nothing while there is no draft, two where its
    author's machine told two. Raises Refusal S3.
    """
    row = desk.dossier_of(PROTOCOL, dossier_id)
    node = desk.node
    with node.lock:
        loaded = dossiers.load(node, row.id)
        state = dossiers.shown(node, loaded)
        return [_product(desk, row, state, stage) for stage in reading.stages(state)]


def _product(desk: Desk, row: DossierRow, state: State, stage: Stage) -> Product:
    written = reading.paragraphs(state, stage.draft)
    stands = reading.stands(state, stage.draft)
    acts = desk.some(
        row, [stage.draft, *(w.act for w in written), *(s.act for s in stands if s.act)]
    )
    apart: dict[Id, list[str]] = {}
    for each in stands:
        for id_ in each.apart:
            apart.setdefault(id_, []).append(desk.name(each.party))
    draft = acts[stage.draft]
    return Product(
        act=draft.id,
        name=draft.name,
        time=draft.time,
        tlp=draft.tlp,
        footing=draft.footing,
        public=stage.public,
        is_public=stage.public is not None and stage.public <= desk.node.now(),
        due=reading.due(state, stage.draft),
        paragraphs=tuple(_paragraph(desk, each, acts, apart) for each in written),
        stands=tuple(_stand(desk, each, acts) for each in stands),
    )


def _paragraph(
    desk: Desk, each: Written, acts: Mapping[str, ActView], apart: Mapping[Id, list[str]]
) -> Paragraph:
    act = acts[each.act]
    return Paragraph(
        act=act.id,
        name=act.name,
        tlp=act.tlp,
        text=_text(act),
        absence="" if act.hidden else act.content.value,
        caption=act.caption,
        sources=tuple(_source(desk, id_) for id_ in each.sources),
        apart=tuple(sorted(apart.get(each.act, ()))),
    )


def _source(desk: Desk, id_: Id) -> str:
    try:
        return desk.read(id_)[1].caption
    except Refusal:
        return id_[:8]


def _stand(desk: Desk, each: reading.Stand, acts: Mapping[str, ActView]) -> Stand:
    name = desk.name(each.party)
    if each.act is None:
        return Stand(each.party, name, "", "", None)
    act = acts[each.act]
    return Stand(each.party, name, each.position, _text(act), act.time)


def _text(act: ActView) -> str:
    return "" if act.hidden else str(act.fields.get("text", ""))
