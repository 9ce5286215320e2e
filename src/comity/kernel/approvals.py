"""Approvals by mandate keys, inside the body (KERNEL "Speakers and approvals").

An approval binds a person's or office's own key, listed as ``mandates`` in the root document, to
what was decided and not to where it lies in a log: everything that the header says, what it cites,
its label, footing and realm among it, less the approvals and the fields of its ``PLACE``. Frozen:
each approval is {key, sig}, ``sig`` in base64 of one spelling, over the DSSE encoding of the
canonical {party, dossier?, kind, tlp, pap?, footing?, realm?, body, content, refs}.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, cast

from comity.kernel import canon, dsse
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.keys import Key, verify

if TYPE_CHECKING:
    from comity.kernel.canon import Object

APPROVAL = "application/vnd.comity.approval.v1+json"
MAX_APPROVALS = 16
PLACE = frozenset({"v", "doc", "log", "seq", "n", "prev", "parents", "time"})
"""What an approval leaves open: it is given before the act has its place in a log."""


def approval_message(header: Object) -> bytes:
    """Return the bytes a mandate key signs for an act with the fields of ``header``.

    Its body may already hold approvals, and fields of its place may be there or not.
    """
    value = {name: item for name, item in header.items() if name not in PLACE}
    body = cast("Object", header["body"])
    value["body"] = {name: item for name, item in body.items() if name != "approvals"}
    return dsse.pae(APPROVAL, canon.dump(value))


def require_approvals(header: Object, mandates: frozenset[Key]) -> None:
    """Verify every approval the body of an act carries. Raises Refusal K16."""
    message, body = approval_message(header), header["body"]
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
