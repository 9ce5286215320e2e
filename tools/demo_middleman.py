"""What a dishonest member could try: pass on another's message under a lowered label."""

from __future__ import annotations

from pathlib import Path

import orjson

from comity.kernel import act as acts
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.ids import PartyId
from comity.services.casework import dossiers
from comity.services.delivery import deliver, envelope
from comity.services.delivery.outbound import HTTPTransport
from comity.services.node import open_node
from comity.services.ports import Ports, SystemClock, SystemRandom
from comity.store.access import acts as access


def lowered_copy(folder: Path, act_id: str, recipient: str) -> dict[str, str]:
    """Send ``recipient`` a copy of an act with its label lowered to CLEAR, and return its answer.

    The copy keeps the author's signature, for a middleman has no other; everything around it is
    signed properly by the party whose node lies in ``folder``.
    """
    node = open_node(folder, Ports(SystemClock(), SystemRandom(), HTTPTransport()))
    row = access.act(node.db, act_id)
    url = deliver.route(node, PartyId(recipient))
    if row is None or url is None:
        return {"rule": "", "reason": "The middleman holds no such act, or cannot reach anyone."}
    original = dossiers.stored_act(node, row).envelope
    value = orjson.loads(original.payload) | {"tlp": "clear"}
    payload = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    forged = acts.read(original._replace(payload=payload))
    framed = envelope.seal_for(node, PartyId(recipient), Bundle(acts=(Carried(forged),)))
    reply = node.ports.transport.send(
        f"{url}{deliver.PREFIX}/bundle", framed, limit=deliver.ANSWER_LIMIT
    )
    signed, sealed = envelope.split(reply.body)
    answer = envelope.open_bundle(node, signed, sealed)
    return (
        dict(answer.refusals[0]) if answer.refusals else {"rule": "", "reason": "It was taken in."}
    )
