"""Approvals by mandate keys, inside the body (KERNEL "Speakers and approvals").

An approval binds a person's or office's own key, listed as ``mandates`` in the root document, to
what was decided and not to where it lies in a log: party, dossier, kind, body without approvals,
and the commitment to the content. Frozen: each approval is {key, sig}, ``sig`` in base64 of one
spelling, over the DSSE encoding of the canonical {party, dossier?, kind, body, content}.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from comity.kernel import canon, dsse
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.keys import Key, verify

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import Id, PartyId

APPROVAL = "application/vnd.comity.approval.v0+json"
MAX_APPROVALS = 16


def approval_message(
    *, party: PartyId, dossier: Id | None, kind: str, body: Object, content: Object
) -> bytes:
    """Return the bytes a mandate key signs; ``body`` may already hold approvals."""
    value: Object = {
        "party": party,
        "kind": kind,
        "body": {name: item for name, item in body.items() if name != "approvals"},
        "content": content,
    }
    if dossier is not None:
        value["dossier"] = dossier
    return dsse.pae(APPROVAL, canon.dump(value))


def require_approvals(
    *,
    party: PartyId,
    dossier: Id | None,
    kind: str,
    body: Object,
    content: Object,
    mandates: frozenset[Key],
) -> None:
    """Verify every approval a body carries. Raises Refusal K16."""
    message = approval_message(party=party, dossier=dossier, kind=kind, body=body, content=content)
    seen: set[Key] = set()
    for item in Fields(body, "body", "K16").each("approvals", MAX_APPROVALS, 1):
        key, text = Key(item.text("key")), item.text("sig")
        item.end()
        if key not in mandates or key in seen:
            raise Refusal("K16", "An approval's key is not a mandate of the party, or is repeated.")
        seen.add(key)
        _verify(key, message, text)


def _verify(key: Key, message: bytes, text: str) -> None:
    try:
        signature = base64.b64decode(text, validate=True)
        verify(key, message, signature)
    except (binascii.Error, ValueError, Refusal) as error:
        raise Refusal("K16", "An approval's signature does not verify.") from error
    if base64.b64encode(signature).decode() != text:
        raise Refusal("K16", "An approval's signature is not base64 in its one spelling.")
