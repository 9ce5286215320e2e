"""A small node that serves the objects of some files to TAXII clients, and does nothing else.

It is a node as any other, in a folder of its own: what is read from the files stands on the shelf
of one intake, and one token reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.identity import parties
from comity.services.node import SETTINGS, Settings, open_node
from comity.services.people import tokens
from comity.services.people.tokens import BY_MACHINE, READ, Wish
from comity.services.sharing import circles, files, overview, publishing
from comity.store.access import tokens as access
from comity.store.append import objects as append
from comity.store.database import start_django
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.bridges.stix.record import Flaw
    from comity.services.node import Node
    from comity.services.ports import Ports
    from comity.services.sharing.files import FileRead
    from comity.store.access.objects import ShelfRow

INTAKE = "files"
"""The name of the intake on whose shelf the objects of files stand."""
USER = "reader"
"""The user of the token that is made, each time anew."""


class Stand(NamedTuple):
    """What is served: the ``node``, how many ``objects`` its collection shows, the ``flaws`` of
    what is not among them, and what a client needs: address, ``user`` and ``password``.
    """

    node: Node
    objects: int
    flaws: tuple[Flaw, ...]
    discovery: str
    collection: str
    user: str
    password: str


def set_up(
    folder: Path,
    ports: Callable[[Path, Settings | None], Ports],
    paths: Sequence[Path],
    *,
    listen: str = "",
    title: str = "",
    unmarked: TLP | None = None,
) -> Stand:
    """Make a node in ``folder``, or take the one that is there, and put the objects of files on
    its shelf; ``unmarked`` is the label of those without a marking, AMBER otherwise.

    Raises Refusal S4 when no file holds an object that can be served, S5 for the folder.
    """
    read = files.read(paths)
    if not read.objects:
        raise _nothing(read)
    title = title or ", ".join(path.name for path in paths[:3])
    node = _node(folder, ports, title[:120], listen)
    shelf = _shelf(node, title[:300])
    done = publishing.add_to_intake(node, shelf, read.objects, unmarked)
    return Stand(
        node,
        len(done.objects) + len(done.held),
        (*read.flaws, *done.flaws),
        overview.discovery(node),
        overview.address(node, shelf.id),
        USER,
        _password(node, shelf),
    )


def _nothing(read: FileRead) -> Refusal:
    told = Phrase("No file holds an object that can be served.")
    if read.flaws:
        first = read.flaws[0]
        told = Phrase(
            "No file holds an object that can be served. {path}: {why}",
            path=first.path,
            why=first.reason,
        )
    return Refusal("S4", told)


def _node(
    folder: Path, ports: Callable[[Path, Settings | None], Ports], name: str, listen: str
) -> Node:
    if (folder / SETTINGS).exists():
        # The store alone: what shows no pages need not load them. Who makes tables needs them all.
        start_django(whole=False)
        node = open_node(folder, ports(folder, None))
        node.settings = replace(node.settings, listen=listen or node.settings.listen)
        return node
    settings = Settings(party="", name=name)
    if listen:
        settings = replace(settings, listen=listen)
    return parties.init(folder, ports(folder, settings), name=name, settings=settings).node


def _shelf(node: Node, title: str) -> ShelfRow:
    shelf = circles.open_intake(node, name=INTAKE, title=title)
    if shelf.title != title:
        with writing(node.db):
            append.change_shelf(node.db, shelf.number, title=title)
    return shelf


def _password(node: Node, shelf: ShelfRow) -> str:
    """Return the secret of a token for the shelf; the one made before does not work any more."""
    now = node.now()
    for row in access.tokens(node.db, BY_MACHINE):
        if row.name == USER and row.shelf == shelf.id and row.works(now):
            tokens.revoke(node, None, row.id)
    wish = Wish(USER, scopes=(READ,), shelf=shelf.id)
    return tokens.make_for_program(node, wish)[0]
