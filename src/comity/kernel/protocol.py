"""What a protocol is: act kinds, guards, facts and a summary, declared once (DESIGN section 3).

One declaration of an act kind gives its parser, its form, its API schema, its documentation and
its command-line options. Body fields are coded and signed in the header; content fields are free
text or files, travel beside it, and may be absent, so nothing here that decides reads them.
``declare`` makes an ``ActKind`` from a frozen type, for guards and facts to read.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from comity.kernel import kinds, office
from comity.kernel.act import CHARTER, MAX_REFS
from comity.kernel.errors import SCHEMA_RULE, Phrase, Refusal, Void, either
from comity.kernel.fields import Fields
from comity.kernel.ids import PartyId, host_of
from comity.kernel.kinds import Growth
from comity.kernel.label import Footing

if TYPE_CHECKING:
    from types import ModuleType

    from comity.kernel.act import Header
    from comity.kernel.canon import Object, Value
    from comity.kernel.fieldtypes import FieldType
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import Id

SCHEMA_TITLE = "An act is of a declared kind; its coded fields and what it cites are as declared."
"""What ``SCHEMA_RULE``, the guard every protocol has, demands."""
VOID = "void"
"""The status, and the code of the caption, of a dossier whose charter has no effect."""


class When(NamedTuple):
    """The condition of a field: it is there exactly when ``field`` is one of ``values``."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an act kind.

    ``type`` reads and describes it, ``label`` and ``help`` are English source strings for
    translation. A field with ``when`` depends on another. ``title`` and ``search`` mark content
    fields that name or index the act for people of this node.
    """

    name: str
    type: FieldType[object]
    label: str
    help: str = ""
    required: bool = True
    when: When | None = None
    title: bool = False
    search: bool = False

    def is_due(self, values: Object) -> bool:
        """Say whether the field must be there, given the others."""
        if self.when is not None:
            return values.get(self.when.field) in self.when.values
        return self.required

    def is_allowed(self, values: Object) -> bool:
        """Say whether the field may be there, given the others."""
        return self.when is None or self.is_due(values)


@dataclass(frozen=True, slots=True)
class Refs:
    """What an act cites: ``least`` to ``most`` acts of ``kinds`` that its author had seen and
    that have effect. ``label`` and ``help`` are for people, as those of a field.
    """

    kinds: tuple[str, ...]
    label: str
    help: str = ""
    least: int = 1
    most: int = MAX_REFS


class Files(StrEnum):
    """Whether an act carries files beside its text."""

    NONE = "none"
    MAY = "may"
    MUST = "must"


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act.

    ``label`` names it on a button, ``help`` says what it does. ``caption`` tells it in one line
    without its content; its placeholders are required fields of the body, as ``{result}``, and
    ``{by:party}``, ``{at:day}``, ``{act:act}``. ``refs`` says what it cites; a kind without cites
    nothing. ``timed`` cuts a checkpoint at once, so that its time can be proven. ``batch`` allows
    a batch of STIX objects instead of text and files.
    """

    kind: str
    label: str
    caption: str
    body: tuple[Field, ...] = ()
    content: tuple[Field, ...] = ()
    refs: Refs | None = None
    timed: bool = False
    files: Files = Files.NONE
    batch: bool = False
    help: str = ""

    def read(self, body: Object) -> dict[str, Value]:
        """Return the protocol's fields of a body. Raises Void D0 when they are not as declared."""
        rest = {n: v for n, v in body.items() if n not in kinds.COMMON}
        fields = Fields(rest, f"body of {self.kind}", "K14")
        try:
            for f in self.body:
                if f.is_due(rest) or (fields.has(f.name) and f.is_allowed(rest)):
                    _check(f, fields.take(f.name))
            fields.end()
        except Refusal as refusal:
            raise Void(SCHEMA_RULE, refusal.reason) from refusal
        return rest

    def require(self, header: Header, past: Past) -> None:
        """Require that coded fields and citations are as declared. Raises Void D0."""
        self.read(coded_fields(header))
        refs = self.refs or Refs((), "", least=0, most=0)
        if not refs.least <= len(header.refs) <= refs.most:
            raise Void(
                SCHEMA_RULE,
                Phrase(
                    "The act cites {given} acts, not {wanted}.",
                    given=len(header.refs),
                    wanted=_count(refs),
                ),
            )
        for id_ in header.refs:
            if past.effective(id_, *refs.kinds) is None:
                raise Void(
                    SCHEMA_RULE,
                    Phrase(
                        "The act cites {act}…, which is no {wanted} with effect that its author "
                        "had seen.",
                        act=id_[:8],
                        wanted=either(refs.kinds),
                    ),
                )


def _check(declared: Field, value: Value) -> None:
    try:
        declared.type.check(value)
    except ValueError as error:
        told = Phrase(
            "The field {field} is wrong: {error}.", field=repr(declared.name), error=error.args[0]
        )
        raise Void(SCHEMA_RULE, told) from error


def _count(refs: Refs) -> str:
    if refs.least == refs.most:
        return str(refs.least)
    return Phrase("{least} to {most}", least=refs.least, most=refs.most)


def coded_fields(header: Header) -> Object:
    """Return what a protocol reads of a header: the body, of a charter its terms."""
    return kinds.read_charter(header).terms if header.kind == CHARTER else header.body


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


def by_urgency(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """Return duties in the one order that every node gives them: those due first at the head, and
    those without a time last.
    """
    return tuple(sorted(duties, key=_urgency))


def _urgency(duty: Duty) -> tuple[bool, int, str, str, str, str]:
    return (duty.due is None, duty.due or 0, duty.act, duty.who, duty.what, duty.to or "")


class Caption(NamedTuple):
    """Words for people, as a code and its parameters, so that every node can translate them.

    A parameter is a canonical value as text: an id, a code, a number in decimal digits.
    """

    code: str
    params: Mapping[str, str]


class Subject(NamedTuple):
    """Something coded that a dossier is about, by which it is found: a ``value`` of a ``kind``.

    ``kind`` is a code, as ``prefix``; a value of it has one spelling, of at most 200 characters.
    ``begins`` and ``ends`` are milliseconds since the epoch between which it holds, None without
    such a bound; ``act`` says so.
    """

    kind: str
    value: str
    begins: int | None
    ends: int | None
    act: Id


@dataclass(frozen=True, slots=True)
class Summary:
    """What lists, work pages and look-ups know of a dossier: equal on every node that holds the
    same acts.
    """

    status: str
    parties: tuple[PartyId, ...]
    duties: tuple[Duty, ...]
    caption: Caption
    subjects: tuple[Subject, ...] = ()


Guard: TypeAlias = "Callable[[Node, Past], None]"


def _gives_all(_state: State, _kind: str, _author: PartyId, _party: PartyId) -> bool:
    """Say that members are given all content: what protocols do that say nothing else."""
    return True


LANES = ("technical", "diplomatic", "legal", "programme")
"""The sides of a party. What is said in one does not reach another without its author's word."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol at one version; both are pinned by charters and never change meaning.

    ``opening`` declares the charter: its body fields are the terms. ``guards`` raise Void;
    ``rules`` says what each of their numbers demands. ``facts`` gives an act's facts; ``summary``
    reads the state; ``statuses`` lists every status with its label; ``recordable`` the kinds a
    host may record for a guest; ``offices`` who may issue some of the kinds. ``captions`` (of
    summaries and duties) and ``nouns`` are English source strings for translation; a placeholder
    names its type, as ``{by:party}``, ``{at:day}``, ``{due:instant}``, ``{act:act}``,
    ``{count:number}`` or ``{verb:ask.verb}``. ``clause`` is a fixed sentence that stands above
    every form and export; ``lane`` which side of a party deals with it, of ``LANES``, and
    ``other_lanes`` which others do (``kernel.lanes`` says how they are told apart). ``footing``
    is the one a dossier gets where nobody chooses another; ``growths`` are the ways in which it
    may gain members, the usual one first. ``gives`` says whether the content of acts of a kind, by
    an author, goes to a member by the state that a node holds; what it withholds no node sends. An
    act of the kinds ``letting`` may be its author's word that lets content through, to it or of it.
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
    rules: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, str] = field(default_factory=dict)
    clause: str = ""
    recordable: frozenset[str] = frozenset()
    offices: tuple[office.Office, ...] = ()
    lane: str = LANES[0]
    other_lanes: tuple[str, ...] = ()
    footing: Footing = Footing.TECHNICAL
    growths: tuple[str, ...] = (Growth.CLOSED, Growth.CHAIR, Growth.ALL)
    gives: Callable[[State, str, PartyId, PartyId], bool] = _gives_all
    letting: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The name and version as written in lists: ``response/incident@1``."""
        return f"{self.name}@{self.version}"

    @property
    def lanes(self) -> tuple[str, ...]:
        """The sides of a party that deal with it."""
        return (self.lane, *self.other_lanes)

    def kind(self, name: str) -> ActKind | None:
        """Return the declaration of an act kind, the opening among them, or None."""
        return next((k for k in (self.opening, *self.acts) if k.kind == name), None)

    def require(self, node: Node, past: Past) -> None:
        """Raise Void when the act, as it was said, has no effect under this protocol's guards.

        What is recorded for a guest is held against the same guards, with the guest as author.
        """
        header = node.header
        if past.is_void:
            raise Void(SCHEMA_RULE, "The dossier was opened against its own rules.")
        if host_of(header.party)[1]:
            _require_recordable(self, header)
        if header.kind == CHARTER:
            _require_growth(self, header)
        if header.kind not in kinds.KERNEL_KINDS or header.kind == CHARTER:
            _require_declared(self, header, past)
            office.require(self.offices, node, past)
        for guard in self.guards:
            guard(node, past)


def _require_growth(protocol: Protocol, header: Header) -> None:
    growth = kinds.read_charter(header).growth
    if growth not in protocol.growths:
        told = Phrase(
            "{protocol} gains members by {wanted}, not by {given}.",
            protocol=protocol.id,
            wanted=either(protocol.growths),
            given=growth,
        )
        raise Void(SCHEMA_RULE, told)


def _require_declared(protocol: Protocol, header: Header, past: Past) -> None:
    declared = protocol.kind(header.kind)
    if declared is None:
        told = Phrase(
            "{protocol} has no act of kind {kind}.", protocol=protocol.id, kind=repr(header.kind)
        )
        raise Void(SCHEMA_RULE, told)
    declared.require(header, past)


def _require_recordable(protocol: Protocol, header: Header) -> None:
    if header.kind not in protocol.recordable:
        told = Phrase(
            "{protocol} lets no host record {kind} for a guest.",
            protocol=protocol.id,
            kind=repr(header.kind),
        )
        raise Void(SCHEMA_RULE, told)
    if not kinds.COMMON.isdisjoint(header.body):
        raise Void(SCHEMA_RULE, "What a guest did has no role, approvals or audience of its own.")


def void_summary(charter: Id) -> Summary:
    """Return the summary of a dossier whose charter has no effect, equal in every protocol."""
    return Summary(VOID, (), (), Caption(VOID, {"act": charter}))


def members_of(state: State) -> tuple[PartyId, ...]:
    """Return the parties that belong to a dossier by its state, by id.

    Everyone named by the charter or joined, unless their own newest word is that they left.
    """
    return tuple(
        party
        for party in sorted(PartyId(str(key[0])) for key in state.keys("member"))
        if _belongs(state, party)
    )


def _belongs(state: State, party: PartyId) -> bool:
    words = state.entries("membership", by=party)
    return not words or any(entry.value == "joined" for entry in words)


def discover(package: ModuleType) -> dict[tuple[str, int], Protocol]:
    """Return every protocol found in ``package`` and below, by (name, version).

    A protocol is a package with a ``PROTOCOL``; versions that stay for old charters are listed in
    its ``EARLIER``. Folders whose name begins with ``_`` are passed over. Raises ValueError when
    two claim one name and version, so that a node with an ambiguous rule book does not start.
    """
    found: dict[tuple[str, int], Protocol] = {}
    for module in _packages(package):
        for protocol in (*getattr(module, "EARLIER", ()), getattr(module, "PROTOCOL", None)):
            if protocol is None:
                continue
            place = (protocol.name, protocol.version)
            if place in found:
                raise ValueError(f"Two packages define {protocol.id}; remove one.")
            found[place] = protocol
    return found


def _packages(package: ModuleType) -> Iterator[ModuleType]:
    """Yield the packages below ``package``, but none below a protocol: its pages are its own."""
    for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if info.ispkg and "._" not in info.name:
            module = importlib.import_module(info.name)
            yield module
            if not hasattr(module, "PROTOCOL"):
                yield from _packages(module)
