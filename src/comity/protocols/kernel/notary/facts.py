"""What a notarisation adds up to.

Cells: ``file`` (by who notarised it: sha256, size, time), ``renewed`` (acts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.kernel.protocol import Caption, Summary, members_of
from comity.protocols.kernel.notary.acts import Notarise, Renew, read

if TYPE_CHECKING:
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past

STATUSES = {"notarised": "Notarised"}
CAPTIONS = {"file": "File notarised by {by:party} · {at:day} · {act:act}"}


def facts(node: Node, _past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    match read(node.header):
        case Notarise() as said:
            return (latest("file", value={**said.to_body(), "time": node.header.time}),)
        case Renew():
            return (add("renewed", node.id),)
        case _:
            return ()


def summary(state: State) -> Summary:
    """Return what lists show of a notarisation."""
    (file,) = state.entries("file")
    time = file.value["time"] if isinstance(file.value, dict) else 0
    return Summary(
        status="notarised",
        parties=members_of(state),
        duties=(),
        caption=Caption("file", {"by": file.author, "at": str(time), "act": file.act}),
    )
