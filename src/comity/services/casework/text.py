"""Titles and search text of acts: this node's own view, filled when the content arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import kinds
from comity.kernel.errors import Refusal
from comity.services.casework import translations
from comity.services.casework.content import read_manifest
from comity.store.append import acts as append

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.dossier import Dossier
    from comity.services.node import Node


def text_of(node: Node, dossier: Dossier, act: Act) -> list[tuple[str, bool, str]]:
    """Return (field, is title, text) of an act whose content is held; a translation is found as the
    original is, and gives no title.

    A manifest that is not one gives none: what others wrote is never trusted to have its form.
    """
    source = translations.source(dossier, dossier.graph.nodes[act.id])
    said, is_own = kinds.said(source.header), source.id == act.id
    kind = None if dossier.protocol is None else dossier.protocol.kind(said.kind)
    try:
        listed = read_manifest(node, act.id, act.header.content)
    except Refusal:
        return []
    if listed is None or kind is None:
        return []
    return [
        (field.name, field.title and is_own, str(listed.fields[field.name]))
        for field in kind.content
        if (field.title or field.search) and field.name in listed.fields
    ]


def fill(node: Node, dossier: Dossier, act: Act) -> None:
    """Fill the text rows of an act whose content is held; filling them twice is once."""
    rows = text_of(node, dossier, act)
    append.delete_text(node.db, act.id)
    append.insert_text(node.db, act=act.id, part=0, dossier=dossier.id, rows=rows)
    title = title_of(rows)
    if title and act.id == dossier.id:
        append.set_title(node.db, dossier.id, title)


def title_of(rows: list[tuple[str, bool, str]]) -> str:
    """Return the first title among text rows, on one line, or ""."""
    return next((" ".join(value.split()) for _, is_title, value in rows if is_title), "")
