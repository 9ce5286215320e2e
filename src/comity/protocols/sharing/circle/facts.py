"""What the acts of a circle add up to, as facts that join in any order, and how services read them.

Cells of what a party says for itself: ``opened`` (the terms), ``batch`` (by act: what it carries),
``retraction`` (by act: of which, why), ``label`` (act, or act and part: TLP), ``applied`` (by what
was applied: how, why), ``relayed`` (the same and the party further on), ``feedback`` (act, part),
``ask`` (by act), ``answer`` (by ask), ``compared``.

Sets: ``published`` (act), ``retracted`` (act, or act and part), ``corrected`` (act, by which),
``outdone`` (what said a label, or that and a part: a later word holds), ``permitted`` (act, who may
forward it, by which ask), ``owed`` (act, party, what) and ``settled`` (the same, or the act).

A part is left out of a key where an act is about all of a batch, and then a word on a part and one
on all of it stand in different cells; so the later says which of the earlier it has ``outdone``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.protocols.sharing.circle.acts import (
    Applied,
    Ask,
    Compare,
    Feedback,
    Forward,
    Permit,
    Publish,
    Relabel,
    Retract,
    read,
)
from comity.protocols.sharing.circle.codes import FORWARD, YES
from comity.protocols.sharing.circle.labels import (
    batch_of,
    cited,
    named,
    newest,
    objects_of,
    words,
)
from comity.protocols.sharing.circle.terms import Open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past

APPLY, ANSWER = "applied", "permit"
"""What is owed; also the codes of the captions that say so, and the kinds that do it."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says; the kernel adds what its own kinds say."""
    return (*_of_batches(node, past), *_of_words(node, past))


def _of_batches(node: Node, past: Past) -> Iterator[Fact]:
    """Yield what an act says of what is in the circle."""
    header = node.header
    match read(header):
        case Open() as opening:
            yield latest("opened", value={**opening.to_body(), "time": header.time})
        case (Publish() | Forward()) as act:
            yield from _published(node, act)
            yield from (add("corrected", id_, node.id) for id_ in header.refs)
        case Retract() as retract:
            yield from _retracted(node, retract, past)
        case Relabel(tlp=tlp):
            yield from _labelled(cited(header, past), named(header), tlp, past)
        case _:
            pass


def _of_words(node: Node, past: Past) -> Iterator[Fact]:
    """Yield what an act says of what another has said."""
    header = node.header
    match read(header):
        case Applied() as applied:
            yield from _applied(header, applied)
        case Feedback(part=part) as feedback:
            yield latest("feedback", header.refs[0], part, value=feedback.to_body())
        case Ask() as ask:
            batch = cited(header, past)
            yield latest("ask", node.id, value={**ask.to_body(), "act": batch.id})
            yield add("owed", node.id, batch.header.party, ANSWER)
        case Permit() as permit:
            yield from _answered(header, permit, past)
        case Compare() as compare:
            yield latest("compared", value={**compare.to_body(), "time": header.time})
        case _:
            pass


def _published(node: Node, act: Publish | Forward) -> Iterator[Fact]:
    header = node.header
    value: Object = {
        "kind": header.kind,
        "tlp": header.tlp.value,
        "objects": objects_of(header),
        "time": header.time,
        **act.to_body(),
    }
    if header.pap is not None:
        value["pap"] = header.pap.value
    yield latest("batch", node.id, value=value)
    yield add("published", node.id)


def _retracted(node: Node, retract: Retract, past: Past) -> Iterator[Fact]:
    """Yield that objects are retracted, who has to say that it has applied that, and that nobody
    has to answer any more who asked about them.
    """
    (id_,) = node.header.refs
    parts = named(node.header)
    yield latest("retraction", node.id, value={**retract.to_body(), "act": id_})
    yield from _keys("retracted", id_, parts)
    for party in sorted(past.members - {node.header.party}):
        yield add("owed", node.id, party, APPLY)
    for ask in past.citing(id_, Ask.KIND.kind):
        about = named(ask.header)
        if parts is None or (about is not None and about <= parts):
            yield add("settled", ask.id)


def _keys(cell: str, id_: str, parts: frozenset[int] | None) -> Iterator[Fact]:
    if parts is None:
        yield add(cell, id_)
    else:
        yield from (add(cell, id_, part) for part in sorted(parts))


def _labelled(batch: Node, parts: frozenset[int] | None, tlp: str, past: Past) -> Iterator[Fact]:
    """Yield a new label, and of which earlier words it takes the place."""
    earlier = [*words(batch, past)]
    if parts is None:
        yield latest("label", batch.id, value=tlp)
        yield from (add("outdone", each.node.id) for each in earlier if each.parts is not None)
        return
    yield from (latest("label", batch.id, part, value=tlp) for part in sorted(parts))
    for each in newest((word for word in earlier if word.parts is None), past):
        yield from _keys("outdone", each.node.id, parts)


def _applied(header: Header, applied: Applied) -> Iterator[Fact]:
    value = applied.to_body()
    party = value.pop("on_behalf", None)
    for id_ in header.refs:
        if party is not None:
            yield latest("relayed", id_, str(party), value=value)
        else:
            yield latest("applied", id_, value=value)
            yield add("settled", id_, header.party, APPLY)


def _answered(header: Header, permit: Permit, past: Past) -> Iterator[Fact]:
    (id_,) = header.refs
    ask, batch = cited(header, past).header, batch_of(header, past)
    yield latest("answer", id_, value=permit.to_body())
    yield add("settled", id_)
    if permit.tlp is not None:
        yield from _labelled(batch, named(ask), permit.tlp, past)
    elif permit.answer == YES and Ask.checked(ask).what == FORWARD:
        yield add("permitted", batch.id, ask.party, id_)
