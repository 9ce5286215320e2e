"""Titles and search text of acts: this node's own view, filled when the content arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services.content import read_manifest
from comity.store.append import acts as append

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.dossier import Dossier
    from comity.services.node import Node


def fill(node: Node, dossier: Dossier, act: Act) -> None:
    """Fill the text rows of an act whose content is held; a manifest that is not one gives none."""
    kind = None if dossier.protocol is None else dossier.protocol.kind(act.header.kind)
    try:
        listed = read_manifest(node, act.id, act.header.content)
    except Refusal:
        return
    if listed is None or kind is None:
        return
    rows = [
        (field.name, field.title, str(listed.fields[field.name]))
        for field in kind.content
        if (field.title or field.search) and field.name in listed.fields
    ]
    append.insert_text(node.db, act=act.id, part=0, dossier=dossier.id, rows=rows)
    titles = [value for _, is_title, value in rows if is_title]
    if titles and act.id == dossier.id:
        append.set_title(node.db, dossier.id, titles[0])
