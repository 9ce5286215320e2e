"""By which rules what is derived of dossiers was computed, and whether this version has others.

A released version of a protocol never changes; one that is not released yet may. What was derived
by other rules is wrong from then on, and nothing that was signed is. So a number of the rules' own
source is kept by protocol: comments, and what is written about them, do not count.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from comity.services.casework.dossiers import OPAQUE
from comity.store.access import acts as access
from comity.store.access import checks
from comity.store.append import acts as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.protocol import Protocol
    from comity.services.node import Node

NAME = "rules {protocol}"
"""Under which name the number of a protocol's rules is kept."""
HOME, KERNEL = "comity.protocols.", "comity.kernel."
"""What rules import from below the first is part of them; the kernel's own format is frozen."""


def stale(node: Node) -> list[Protocol]:
    """Return the protocols of dossiers here that were computed by other rules than this version
    has, by none as yet, or nobody knows by which.
    """
    used = checks.protocols_here(node.db)
    found = [
        protocol
        for place, protocol in node.protocols.items()
        if place in used and (OPAQUE in used[place] or not _is_current(node, protocol))
    ]
    return sorted(found, key=lambda each: each.id)


def _is_current(node: Node, protocol: Protocol) -> bool:
    return access.round_at(node.db, NAME.format(protocol=protocol.id)) == number(protocol)


def note(node: Node) -> None:
    """Keep that everything here was computed by the rules that this version has."""
    with writing(node.db):
        for protocol in node.protocols.values():
            append.set_cursor(node.db, NAME.format(protocol=protocol.id), number(protocol))


def number(protocol: Protocol) -> int:
    """Return the number of a protocol's rules, 63 bits of a hash of their source."""
    deciding = (protocol.facts, protocol.summary, protocol.gives, *protocol.guards)
    modules = {each.__module__ for each in deciding}
    return _number(frozenset(name for name in modules if not name.startswith(KERNEL)))


@cache
def _number(modules: frozenset[str]) -> int:
    digest = hashlib.sha256()
    for name in sorted(_with_imports(modules)):
        digest.update(f"{name}\n{ast.dump(_bare(name))}\n".encode())
    return int.from_bytes(digest.digest()[:8], "big") >> 1


def _with_imports(modules: frozenset[str]) -> set[str]:
    """Return these modules, and those below ``HOME`` that they import, and so on."""
    found, left = set[str](), [*modules]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            around = [name.rpartition(".")[0], *_imported(name)]
            left += [each for each in around if each.startswith(HOME)]
    return found


def _imported(name: str) -> Iterator[str]:
    for step in ast.walk(_tree(name)):
        if isinstance(step, ast.ImportFrom) and step.module and not step.level:
            # What is imported from a package may be a module of it.
            below = (f"{step.module}.{each.name}" for each in step.names)
            yield from (each for each in (step.module, *below) if each in sys.modules)


@cache
def _tree(name: str) -> ast.Module:
    path = sys.modules[name].__file__
    return ast.parse(Path(path).read_bytes() if path else b"")


def _bare(name: str) -> ast.Module:
    """Return the source of a module without what is written about it."""
    tree = _tree(name)
    for step in ast.walk(tree):
        body = getattr(step, "body", None)
        if isinstance(body, list):
            step.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return tree


def _is_text(step: ast.AST) -> bool:
    return (
        isinstance(step, ast.Expr)
        and isinstance(step.value, ast.Constant)
        and isinstance(step.value.value, str)
    )
