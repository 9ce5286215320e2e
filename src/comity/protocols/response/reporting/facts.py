"""What the acts of a reporting file add up to.

Cells of who opened it, each value beginning with the time of its act: ``opened`` (zone, place,
incident), ``event`` (by event and regime, "" for all: at), ``regime`` (by regime: kind, why),
``reported`` (by regime and stage: at), ``stage`` (whether it is closed).

Others: ``events`` and ``reports`` (keys as above, with ``at``: every word there was, so that a
corrected one is not forgotten), ``request`` (by act: regime, due), ``owed`` and ``settled`` (by
act).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.protocols.response.reporting.acts import (
    Applies,
    Aware,
    Close,
    DoesNotApply,
    Open,
    Reported,
    Request,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.declare import Coded
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past

OPEN, CLOSED = "open", "closed"


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says. What the kernel's kinds say, the kernel adds."""
    header, said = node.header, read(node.header)
    if isinstance(said, Request):
        return (latest("request", node.id, value=said.to_body()), add("owed", node.id))
    if header.party != past.charter.party:
        return ()
    match said:
        case Open(zone=zone, place=place, incident=incident):
            value: list[Value] = [header.time, zone, place or "", incident or ""]
            return (latest("opened", value=value),)
        case Close():
            return (_stage(header.time, CLOSED),)
        case _:
            own = tuple(_said(header, said))
            return (*own, _stage(header.time, OPEN)) if own else ()


def _said(header: Header, said: Coded | None) -> Iterator[Fact]:
    """Yield what the owner's words on clocks say; nothing for other kinds."""
    time = header.time
    match said:
        case Aware(event=event, at=at, regime=regime):
            key = (event, regime or "")
            yield latest("event", *key, value=[time, at])
            yield add("events", *key, at)
        case Applies(regime=regime, basis=why):
            yield latest("regime", regime, value=[time, "applies", why])
        case DoesNotApply(regime=regime, reason=why):
            yield latest("regime", regime, value=[time, "does_not_apply", why])
        case Reported(regime=regime, stage=stage, at=at):
            yield latest("reported", regime, stage, value=[time, at])
            yield add("reports", regime, stage, at)
            yield from (add("settled", id_) for id_ in header.refs)
        case _:
            pass


def _stage(time: int, stage: str) -> Fact:
    return latest("stage", value=[time, stage])
