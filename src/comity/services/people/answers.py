"""Requests that a program may send again: what they did is done once, and answered the same.

The answer is kept in the transaction that does what was asked, under the key the program chose: a
program that lost an answer, or a node that stopped before it gave one, finds it there. Two requests
with one key that come at once do it once too: the second finds that it was done, its own is undone,
and it gets the answer of the first.

Some answers hold a secret that is kept nowhere else, as the address of a link. So an answer is kept
encrypted under what only the program has: its token and the key it chose.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.fernet import Fernet

from comity.kernel.errors import Refusal
from comity.store.access import tokens as access
from comity.store.append import tokens as append

if TYPE_CHECKING:
    from typing import TypeAlias

    from comity.services.node import Node

    Answer: TypeAlias = dict[str, Any]
    Keep: TypeAlias = Callable[[Answer], None]

KEPT = 30 * 24 * 3600 * 1000
"""How long an answer is kept, in ms."""
KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Request:
    """A request by a token with a ``key``; ``digest`` is the hash of what is asked, and ``seal``
    encrypts what is answered.
    """

    token: str
    key: str
    digest: str
    seal: bytes = field(repr=False)

    @classmethod
    def of(cls, token: str, secret: str, key: str, *asked: bytes) -> Request:
        """Return the request of the token with this ``secret`` that asks for ``asked``: its method
        and path, and its body.
        """
        seal = base64.urlsafe_b64encode(_hash(b"seal", secret.encode(), key.encode()))
        return cls(token, hashlib.sha256(key.encode()).hexdigest(), _hash(*asked).hex(), seal)


def _hash(*pieces: bytes) -> bytes:
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(len(piece).to_bytes(8, "big") + piece)
    return whole.digest()


def once(node: Node, request: Request, work: Callable[[Keep], object]) -> Answer:
    """Do ``work`` unless a request with this key did, and return the answer.

    ``work`` gives its answer to the function it gets, within the transaction that does it. Raises
    what it raises, and Refusal S4 when the key was used for something else.
    """
    if (found := _earlier(node, request)) is not None:
        return found
    answers: list[Answer] = []

    def keep(answer: Answer) -> None:
        _keep(node, request, answer)
        answers.append(answer)

    try:
        work(keep)
    except Exception:
        # Another request with this key may have done it meanwhile, which is why this one failed.
        found = _earlier(node, request)
        if found is None:
            raise
        return found
    return answers[-1]


def _earlier(node: Node, request: Request) -> Answer | None:
    found = access.answer(node.db, request.token, request.key)
    if found is None:
        return None
    if found.request != request.digest:
        raise Refusal("S4", "This key was used for another request. Take a new one.", KEY)
    value: Answer = orjson.loads(Fernet(request.seal).decrypt(found.value["sealed"]))
    return value


def _keep(node: Node, request: Request, answer: Answer) -> None:
    now = node.now()
    append.forget_answers(node.db, now - KEPT)
    kept = append.keep_answer(
        node.db,
        token=request.token,
        key=request.key,
        request=request.digest,
        value={"sealed": Fernet(request.seal).encrypt(orjson.dumps(answer)).decode()},
        at=now,
    )
    if not kept:
        raise Refusal("S12", "Another request with this key was carried out meanwhile.", KEY)
