"""The guards, numbered as in SPEC.md. Each raises Void: the act stays, and has no effect.

A guard may ask ``past``, which is what the act's author had seen, and nothing else: no content,
clock, setting or pack. Its reason tells a person what to do instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.protocols._template.acts import Say, read

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {"D1": "Who has objected does not agree later."}


def require_standing_objection(node: Node, past: Past) -> None:
    """D1: who has objected does not agree later."""
    act = read(node.header)
    if isinstance(act, Say) and act.word == "agree":
        earlier = (Say.of(n.header).word for n in past.all("say", node.header.party))
        if "object" in earlier:
            raise Void("D1", "The author has objected; open another question instead.")


GUARDS = (require_standing_objection,)
