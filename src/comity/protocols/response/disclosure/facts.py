"""What the acts of a disclosure add up to, as facts that join in any order.

Cells, one-writer: ``opened`` (role, time), ``handling`` (of each party: stage), ``role`` (of each),
``status`` (by product and vulnerability, "" for all: word), ``terms`` (of each party: what it
proposed last), ``end`` (by terms: ms), ``word`` (by terms, of each party: word, place), ``consent``
(by terms, of each party: duties, within), ``claim`` (by act: what, basis, seen), ``ready`` (of
each party: hash, "" where it says that none is), ``published`` (of each party: time, hash, due),
``link`` (by dossier: relation).

Sets: ``named`` (codes), ``retracted`` (claims), ``ended`` (terms), ``step`` (party, product, step).

Nothing here knows what time it is. That an end has come is each node's own view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.protocols._vocabulary import linking
from comity.protocols.response.disclosure import embargo
from comity.protocols.response.disclosure.acts import (
    Claim,
    Fix,
    HandleReport,
    Link,
    Name,
    Publish,
    Ready,
    Refuse,
    Report,
    Retract,
    Status,
    Unready,
    Withdraw,
    read,
)
from comity.protocols.response.disclosure.codes import OWN, PUBLIC

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says.

    What the kernel's own kinds say, the kernel adds; who coordinates, the office does.
    """
    return (*_of_report(node), *_of_claims(node), *_of_terms(node, past))


def _of_report(node: Node) -> tuple[Fact, ...]:
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Report(role=role) as report:
            opened = latest("opened", value={"role": role, "time": header.time})
            names = (add("named", name) for name in report.names or ())
            found = (opened, latest("role", value=role), *names)
        case Name(name=name):
            found = (add("named", name),)
        case HandleReport(stage=stage, role=role):
            roles = () if role is None else (latest("role", value=role),)
            found = (latest("handling", value=stage), *roles)
        case Status(word=word) as said:
            key = (said.product or "", said.vulnerability or "")
            found = (latest("status", *key, value=word),)
        case Fix(step=step, product=product):
            found = (add("step", header.party, product or "", step),)
        case Link(relation=relation, dossier=dossier):
            found = (linking.said(dossier, relation),)
        case _:
            pass
    return found


def _of_claims(node: Node) -> tuple[Fact, ...]:
    match read(node.header):
        case Claim() as claim:
            return (latest("claim", node.id, value=claim.to_body()),)
        case Retract():
            return tuple(add("retracted", id_) for id_ in node.header.refs)
        case Ready(hash=hash_):
            return (latest("ready", value=hash_),)
        case Unready():
            return (latest("ready", value=""),)
        case Publish(time=time) as done:
            # Who publishes knows that the public knows.
            public: Object = {"what": PUBLIC, "basis": OWN, "seen": time}
            return (
                latest("published", value=done.to_body()),
                latest("claim", node.id, value=public),
            )
        case _:
            return ()


def _of_terms(node: Node, past: Past) -> tuple[Fact, ...]:
    said = embargo.words(node)
    if isinstance(read(node.header), Refuse | Withdraw) and embargo.ends(node, past):
        return (*said, add("ended", node.header.refs[0]))
    return said
