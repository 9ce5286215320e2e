"""What may be done next in a dossier, and why not what may not.

The guards are the only rules, so they are asked: of each kind a few examples are made, as a person
might fill them in, and rehearsed. A kind of which one example would have effect may be said; of
one without, the reason is what the guards said of the last example.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal, Void
from comity.kernel.fieldtypes import Code, FieldType, Flag, Hex, Instant, Many, Party, Whole
from comity.kernel.ids import Id
from comity.services.casework import compose, dossiers, forms, issue
from comity.services.casework.issue import Draft

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value
    from comity.kernel.dossier import Dossier
    from comity.kernel.protocol import ActKind, Field
    from comity.services.casework.issue import Rehearsal
    from comity.services.node import Node

EXAMPLES = 200
"""Examples made of one kind at most."""
CITED = 20
"""Acts tried as what an example cites, newest first."""
DAY = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Next:
    """A kind of act: its words, and ``rule`` and ``reason`` when it may not be said now."""

    kind: str
    label: str
    help: str
    rule: str = ""
    reason: str = ""


def of_dossier(node: Node, dossier: Dossier) -> tuple[Next, ...]:
    """Return every kind that is said by hand in a dossier. Hold ``node.lock``."""
    if dossier.protocol is None or node.me not in dossier.members.now():
        return ()
    rehearsal = issue.Rehearsal(node, dossier)
    return tuple(
        _next(node, dossier, kind, rehearsal)
        for kind in compose.kinds_of(dossier.protocol)
        if kind.kind not in {"record", "release"}
    )


def _next(node: Node, dossier: Dossier, kind: ActKind, rehearsal: Rehearsal) -> Next:
    why = Refusal("S4", "There is nothing here yet that this could be about.")
    for draft in itertools.islice(_examples(node, dossier, kind), EXAMPLES):
        try:
            rehearsal.of(draft)
        except (Void, Refusal) as error:
            why = error if isinstance(error, Refusal) else Refusal("S2", error.reason, error.rule)
        else:
            return Next(kind.kind, kind.label, kind.help)
    return Next(kind.kind, kind.label, kind.help, why.subject or why.rule, why.reason)


def _examples(node: Node, dossier: Dossier, kind: ActKind) -> Iterator[Draft]:
    for refs in _cited(node, dossier, kind):
        for body in bodies(node, dossier, kind):
            yield Draft(kind.kind, body=body, refs=refs)


def bodies(node: Node, dossier: Dossier, kind: ActKind) -> Iterator[Object]:
    """Yield examples of the coded fields of an act of ``kind``. Hold ``node.lock``."""
    due = [field for field in kind.body if field.required or field.when is not None]
    choices = [list(_values(node, dossier, field.type)) for field in due]
    for values in itertools.product(*choices):
        yield _body(due, values)


def _body(due: list[Field], values: tuple[Value, ...]) -> Object:
    body: Object = {}
    for field, value in zip(due, values, strict=True):
        if field.is_allowed(body):
            body[field.name] = value
    return body


def _cited(node: Node, dossier: Dossier, kind: ActKind) -> Iterator[tuple[Id, ...]]:
    found = forms.citable(kind, dossier.now())[:CITED]
    given = compose.citations(node, dossier.id, kind, [])
    if kind.refs is None or kind.refs.least == 0:
        yield tuple(map(Id, given))
        return
    for act in found:
        yield tuple(dict.fromkeys((act.id, *map(Id, given))))


def _values(node: Node, dossier: Dossier, type_: FieldType[object]) -> Iterable[Value]:
    if isinstance(type_, Code):
        return list(type_.choices)
    if isinstance(type_, Party):
        return sorted(dossier.members.now() - {node.me})
    if isinstance(type_, Many):
        return [[value] for value in itertools.islice(_values(node, dossier, type_.of), 1)]
    plain: list[tuple[type, Value]] = [
        (Flag, True),
        (Hex, dossier.id),
        (Instant, node.now() + DAY),
        (Whole, 1),
    ]
    return [next((value for known, value in plain if isinstance(type_, known)), "x")]


def of_id(node: Node, dossier_id: str) -> tuple[Next, ...]:
    """Return what may be done next in a dossier. Raises Refusal S3 or S8."""
    with node.lock:
        return of_dossier(node, dossiers.load(node, dossier_id))
