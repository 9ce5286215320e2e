"""What may be done next in a dossier, and why not what may not.

The guards are the only rules, so they are asked: of each kind a few examples are made, as a person
might fill them in, and rehearsed. A kind of which one example would have effect may be said; of
one without, the reason is what the guards said of the last example.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal, Void
from comity.kernel.fieldtypes import (
    Code,
    Digits,
    FieldType,
    Flag,
    Hex,
    Instant,
    Many,
    Party,
    Prefix,
    Whole,
)
from comity.kernel.ids import Id
from comity.services.casework import audiences, compose, dossiers, forms, issue
from comity.services.casework.content import prepare_objects
from comity.services.casework.issue import Draft
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value
    from comity.kernel.dossier import Dossier
    from comity.kernel.protocol import ActKind, Field, Protocol
    from comity.services.casework.issue import Rehearsal
    from comity.services.node import Node

EXAMPLES = 200
"""Examples made of one kind at most, beyond those with every value once."""
CITED = 20
"""Acts tried as what an example cites, newest first."""
MINUTE = 60 * 1000
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
    """Return every kind that is said by hand in a dossier. Hold ``node.lock``.

    What the guards say is kept with the dossier until it changes, or a minute has passed: some of
    them ask for the time.
    """
    if dossier.protocol is None or node.me not in dossier.members.now():
        return ()
    key = (len(dossier.graph), issue.own_view(node).id, node.now() // MINUTE)
    known = node.loaded.noted(dossier.id, key)
    if known is None:
        known = tuple(_each(node, dossier, dossier.protocol))
        node.loaded.note(dossier.id, key, known)
    return known


def _each(node: Node, dossier: Dossier, protocol: Protocol) -> Iterator[Next]:
    rehearsal = issue.Rehearsal(node, dossier)
    for kind in compose.kinds_of(protocol):
        if kind.kind not in {"record", "release"}:
            why = _why_not(node, dossier, kind, rehearsal)
            told = ("", "") if why is None else (why.subject or why.rule, why.reason)
            yield Next(kind.kind, kind.label, kind.help, *told)


def _why_not(node: Node, dossier: Dossier, kind: ActKind, rehearsal: Rehearsal) -> Refusal | None:
    """Return why nothing of a kind may be said, or None when something may.

    With each citation every value of every field is tried once. Where the answers differ they hang
    on the fields, and all of those are tried together; where they do not, on what is cited.
    """
    why = Refusal("S4", "There is nothing here yet that this could be about.")
    few = _singly(node, dossier, kind)
    undecided: list[tuple[Id, ...]] = []
    for refs in _cited(dossier, kind):
        said = set[tuple[str, str, str]]()
        for body in few:
            error = _refusal(rehearsal, _draft(node, kind, body, refs, dossier.id))
            if error is None:
                return None
            why = error
            said.add((error.rule, error.subject, str(error.reason)))
        undecided += [refs] if len(said) > 1 else []
    rest = ((refs, body) for refs in undecided for body in bodies(node, dossier, kind))
    for refs, body in itertools.islice(rest, EXAMPLES):
        if _refusal(rehearsal, _draft(node, kind, body, refs, dossier.id)) is None:
            return None
    return why


def _draft(node: Node, kind: ActKind, body: Object, refs: tuple[Id, ...], dossier: str) -> Draft:
    """Return an example with what is taken from the acts that it cites, and for whom it is; of what
    carries objects and no words, with one object.
    """
    whole = {**body, **compose.taken(node, kind, refs, dossier)}
    whole |= audiences.of_draft(node, kind, whole, refs, (node.me,))
    objects = prepare_objects(node, ({},)) if kind.batch and not kind.content else None
    return Draft(kind.kind, body=whole, content=objects, refs=refs)


def _refusal(rehearsal: Rehearsal, draft: Draft) -> Refusal | None:
    try:
        rehearsal.of(draft)
    except Void as error:
        return Refusal("S2", error.reason, error.rule)
    except Refusal as error:
        return error
    return None


def bodies(node: Node, dossier: Dossier, kind: ActKind) -> Iterator[Object]:
    """Yield examples of the coded fields of an act of ``kind``, each once. Hold ``node.lock``."""
    due, choices = _choices(node, dossier, kind)
    return _once(_body(due, values) for values in itertools.product(*choices))


def _singly(node: Node, dossier: Dossier, kind: ActKind) -> list[Object]:
    """Return those in which at most one field has another value than its first."""
    due, choices = _choices(node, dossier, kind)
    if not all(choices):
        return []
    first = [values[0] for values in choices]
    found = [_body(due, first)]
    if not due:
        # Of a kind that demands nothing, something may have to be said all the same.
        ways = ((f.name, [*_values(node, dossier, f.type)]) for f in kind.body)
        found += [{name: values[0]} for name, values in ways if values]
    for place, values in enumerate(choices):
        found += [_body(due, [*first[:place], value, *first[place + 1 :]]) for value in values]
    return [*_once(found)]


def _choices(node: Node, dossier: Dossier, kind: ActKind) -> tuple[list[Field], list[list[Value]]]:
    due = [field for field in kind.body if field.required or field.when is not None]
    days = itertools.count(1)
    # Instants follow each other as they stand in a form: what begins before what ends.
    return due, [
        [node.now() + next(days) * DAY]
        if isinstance(field.type, Instant)
        else list(_values(node, dossier, field.type))
        for field in due
    ]


def _once(found: Iterable[Object]) -> Iterator[Object]:
    """Yield what is found without what is equal: a field that is not allowed is left out."""
    seen: list[Object] = []
    for body in found:
        if body not in seen:
            seen.append(body)
            yield body


def _body(due: list[Field], values: Sequence[Value]) -> Object:
    body: Object = {}
    for field, value in zip(due, values, strict=True):
        if field.is_allowed(body):
            body[field.name] = value
    return body


def _cited(dossier: Dossier, kind: ActKind) -> Iterator[tuple[Id, ...]]:
    found = forms.citable(kind, dossier.now())[:CITED]
    given = compose.citations_in(dossier, kind, [])
    if kind.refs is None or kind.refs.least == 0:
        yield tuple(map(Id, given))
        return
    for act in found:
        refs = tuple(dict.fromkeys((act.id, *map(Id, given))))
        if len(refs) >= kind.refs.least:
            yield refs


def _values(node: Node, dossier: Dossier, type_: FieldType[object]) -> Iterable[Value]:
    if isinstance(type_, Code):
        return list(type_.choices)
    if isinstance(type_, Party):
        return _parties(node, dossier, type_)
    if isinstance(type_, Digits):
        return ["0" * length for length in type_.lengths]
    if isinstance(type_, Whole):
        return [type_.low, type_.high]
    if isinstance(type_, Many):
        return [[value] for value in itertools.islice(_values(node, dossier, type_.of), 1)]
    plain: list[tuple[type, Value]] = [
        (Flag, True),
        (Hex, dossier.id),
        (Prefix, "192.0.2.0/24"),
    ]
    return [next((value for known, value in plain if isinstance(type_, known)), "x")]


def _parties(node: Node, dossier: Dossier, type_: Party) -> list[Value]:
    inside = dossier.members.now()
    if type_.outside:
        return [*sorted({row.id for row in parties.parties(node.db)} - inside)]
    return [*sorted(inside if type_.own else inside - {node.me})]


def of_id(node: Node, dossier_id: str) -> tuple[Next, ...]:
    """Return what may be done next in a dossier. Raises Refusal S3 or S8."""
    with node.lock:
        return of_dossier(node, dossiers.load(node, dossier_id))
