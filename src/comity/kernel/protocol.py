"""What a protocol is: act kinds, guards, facts and a summary, declared once (DESIGN section 3).

One declaration of an act kind gives its parser, its form, its API schema, its documentation and
its command-line options. Body fields are coded and signed in the header; content fields are free
text or files, travel beside it, and may be absent, so nothing here that decides reads them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from comity.kernel import kinds
from comity.kernel.errors import Refusal, Void
from comity.kernel.fields import Fields

if TYPE_CHECKING:
    from types import ModuleType

    from comity.kernel.act import Header
    from comity.kernel.canon import Object, Value
    from comity.kernel.fieldtypes import FieldType
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId

SCHEMA_RULE = "D0"
"""The guard every protocol has: the act is of a declared kind and its body has its fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an act kind.

    ``type`` reads and describes it, ``label`` and ``help`` are English source strings for
    translation. ``title`` and ``search`` mark content fields that name or index the act for
    people of this node.
    """

    name: str
    type: FieldType
    label: str
    help: str = ""
    required: bool = True
    title: bool = False
    search: bool = False


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act.

    ``roles`` may issue it: any of the names the protocol's ``roles`` function returns for a party.
    ``refs`` says what ``refs`` must cite, as kinds; a guard checks it. ``timed`` cuts a checkpoint
    at once, so that its time can be proven. ``files`` allows attachments in its content.
    """

    kind: str
    label: str
    caption: str
    body: tuple[Field, ...] = ()
    content: tuple[Field, ...] = ()
    refs: tuple[str, ...] = ()
    timed: bool = False
    files: bool = False

    def read(self, body: Object) -> dict[str, Value]:
        """Return the protocol's fields of a body. Raises Void D0 when they are not as declared."""
        rest = {n: v for n, v in body.items() if n not in COMMON}
        try:
            fields = Fields(rest, f"body of {self.kind}", "K14")
            values = {
                f.name: f.type.check(fields.take(f.name))
                for f in self.body
                if f.required or fields.has(f.name)
            }
            fields.end()
        except (Refusal, ValueError) as error:
            raise Void(SCHEMA_RULE, str(getattr(error, "reason", error))) from error
        return values


COMMON = frozenset({"by", "approvals", "audience"})


class Duty(NamedTuple):
    """Something a party owes: ``who`` owes ``what`` (a caption code), to whom, ``due`` by when.

    ``due`` is milliseconds since the epoch or None; it comes from bodies only. ``act`` is the act
    the duty rests on.
    """

    who: PartyId
    what: str
    due: int | None
    act: str
    to: PartyId | None = None


class Caption(NamedTuple):
    """Words for people, as a code and its parameters, so that every node can translate them."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Summary:
    """What lists and work pages show of a dossier: equal on every node that holds the same acts."""

    status: str
    parties: tuple[PartyId, ...]
    duties: tuple[Duty, ...]
    caption: Caption


Guard: TypeAlias = "Callable[[Node, Past], None]"


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol at one version; both are pinned by charters and never change meaning.

    ``terms`` are the charter's own coded fields, ``opening`` the content fields of a charter;
    ``guards`` raise Void; ``facts`` gives an act's facts; ``summary`` reads the state;
    ``statuses`` lists every status with its label; ``recordable`` the kinds a host may record for
    a guest; ``captions`` and ``nouns`` are English source strings for translation.
    """

    name: str
    version: int
    title: str
    opening: ActKind
    acts: tuple[ActKind, ...]
    guards: tuple[Guard, ...]
    facts: Callable[[Node, Past], tuple[Fact, ...]]
    summary: Callable[[State], Summary]
    statuses: Mapping[str, str]
    captions: Mapping[str, str]
    nouns: Mapping[str, str] = field(default_factory=dict)
    recordable: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The name and version as written in lists: ``response/incident@1``."""
        return f"{self.name}@{self.version}"

    def kind(self, name: str) -> ActKind | None:
        """Return the declaration of an act kind, the opening among them, or None."""
        return next((k for k in (self.opening, *self.acts) if k.kind == name), None)

    def require(self, node: Node, past: Past) -> None:
        """Raise Void when the act has no effect under this protocol's guards."""
        header = node.header
        if header.kind == "record":
            _require_recordable(self, header)
        elif header.kind not in kinds.KERNEL_KINDS or header.kind == "charter":
            _read_declared(self, header)
        for guard in self.guards:
            guard(node, past)


def _read_declared(protocol: Protocol, header: Header) -> None:
    declared = protocol.kind(header.kind)
    if declared is None:
        raise Void(SCHEMA_RULE, f"{protocol.id} has no act of kind {header.kind!r}.")
    body = header.body
    if header.kind == "charter":
        body = kinds.read_charter(header).terms
    declared.read(body)


def _require_recordable(protocol: Protocol, header: Header) -> None:
    record = cast("kinds.Record", kinds.read_body(header))
    declared = protocol.kind(record.kind)
    if declared is None or record.kind not in protocol.recordable:
        raise Void(SCHEMA_RULE, f"{protocol.id} lets no host record {record.kind!r} for a guest.")
    declared.read(record.body)


def discover(package: ModuleType) -> dict[tuple[str, int], Protocol]:
    """Return every protocol found in ``package`` and below, by (name, version).

    A protocol is a package with a ``PROTOCOL``; versions that stay for old charters are listed in
    its ``EARLIER``. Raises ValueError when two claim one name and version, so that a node with an
    ambiguous rule book does not start.
    """
    found: dict[tuple[str, int], Protocol] = {}
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.ispkg:
            continue
        module = importlib.import_module(info.name)
        for protocol in (*getattr(module, "EARLIER", ()), getattr(module, "PROTOCOL", None)):
            if protocol is None:
                continue
            place = (protocol.name, protocol.version)
            if place in found:
                raise ValueError(f"Two packages define {protocol.id}; remove one.")
            found[place] = protocol
    return found
