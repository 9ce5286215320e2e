"""What stored rows of dossiers and acts are called for people, with this node's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.fieldtypes import Text
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty
from comity.services.casework import dossiers
from comity.services.casework.words import Words, day, when
from comity.services.identity import roster

if TYPE_CHECKING:
    from comity.kernel.act import Act, Header
    from comity.kernel.canon import Value
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow, DutyRow

ISOLATE, UNTIL = "\u2068", "\u2069"
"""What keeps a piece of text apart from the direction of the words around it."""
NOT_JOINED = "Not joined yet, or its earlier messages have not arrived"
UNREADABLE = "Cannot be read here: this node has no {protocol}; upgrade it"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of who reads, ``tag``: ``say`` translates a source string, ``date`` writes a
    day; ``apart`` keeps a piece of a line apart from the writing direction of what is beside it.
    """

    say: Callable[[str], str] = str
    date: Callable[[int], str] = day
    tag: str = "en"
    apart: Callable[[str], str] = str

    def when(self, time: int) -> str:
        """Return an instant in this language, as pages write it."""
        return when(time, self.say, self.date)


@dataclass(frozen=True, slots=True)
class Telling:
    """How the dossiers of one protocol are told; ``words`` is None when this node lacks it."""

    names: Mapping[PartyId, str]
    tongue: Tongue
    words: Words | None

    def party(self, id_: str) -> str:
        """Return what a party calls itself, or the first digits of its id."""
        return self.names.get(PartyId(id_), id_[:8])

    def title(self, row: DossierRow) -> str:
        """Return a dossier's title, or its caption while the title is not here."""
        if row.title or self.words is None or not row.caption:
            return row.title or f"{row.protocol} · {row.id[:8]}"
        return self.words.caption(Caption(row.caption, row.params))

    def status(self, row: DossierRow) -> str:
        """Return a dossier's status; while it is not whole, what it waits for."""
        if row.state == dossiers.JOINING:
            return self.tongue.say(NOT_JOINED)
        if self.words is None:
            pinned = f"{row.protocol}@{row.version}"
            return self.tongue.say(UNREADABLE).replace("{protocol}", pinned)
        return self.words.status(row.status) if row.status else ""

    def duty(self, duty: DutyRow) -> str:
        """Return what is owed."""
        if self.words is None:
            return duty.what
        to = PartyId(duty.to) if duty.to else None
        return self.words.duty(Duty(PartyId(duty.who), duty.what, duty.due, Id(duty.act), to))

    def act(self, act: Act) -> str:
        """Return an act in one line, without its content."""
        return self.line(act.id, act.header)

    def line(self, id_: Id, header: Header) -> str:
        """As ``act``, of an act's id and header."""
        if self.words is None:
            return f"{self.party(header.party)}: {header.kind}"
        return self.words.act(id_, header)

    def line_at(self, id_: Id, header: Header) -> str:
        """As ``line``, with when it was said: that alone tells apart what one party said twice."""
        apart, time = self.tongue.apart, header.time
        return f"{apart(self.line(id_, header))} · {apart(self.tongue.when(time))}"

    def details(self, kind: str, body: Mapping[str, Value]) -> list[tuple[str, str]]:
        """Return (label, value) of the coded fields of an act that its caption does not tell."""
        return [] if self.words is None else self.words.details(kind, body)

    def prose(self, kind: str) -> frozenset[str]:
        """Return the names of those content fields of a kind that may have more than one line."""
        declared = None if self.words is None else self.words.declared(kind)
        content = () if declared is None else declared.content
        return frozenset(f.name for f in content if isinstance(f.type, Text) and f.type.lines)

    def labels(self, kind: str) -> dict[str, str]:
        """Return what the content fields of a kind are called, in their order; "" for titles, and
        where there is one field alone, whose words need no name.
        """
        declared = None if self.words is None else self.words.declared(kind)
        content = () if declared is None else declared.content
        several = sum(not f.title for f in content) > 1
        named = (self.tongue.say(f.label) if several and not f.title else "" for f in content)
        return dict(zip((f.name for f in content), named, strict=True))


def isolated(text: str) -> str:
    """Keep a piece of a line apart from the writing direction of what is beside it."""
    return f"{ISOLATE}{text}{UNTIL}"


def worded(fields: Mapping[str, object], labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return what a person wrote as (name, label, text), in the order in which it was asked for;
    what nothing asked for comes last.
    """
    names = [name for name in (*labels, *fields) if name in fields]
    return [(name, labels.get(name, ""), str(fields[name])) for name in dict.fromkeys(names)]


def of(
    node: Node,
    row: DossierRow,
    *,
    names: Mapping[PartyId, str] | None = None,
    tongue: Tongue | None = None,
) -> Telling:
    """Return how a dossier is told; ``names`` of parties are looked up when they are not given."""
    if names is None:
        names = {PartyId(id_): name for id_, name in roster.names(node).items()}
    tongue = tongue or Tongue()
    protocol = node.protocols.get((row.protocol, row.version))
    words = None if protocol is None else Words(protocol, names, tongue.say, tongue.date)
    return Telling(names, tongue, words)
