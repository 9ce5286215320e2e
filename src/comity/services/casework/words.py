"""Words for people from codes: statuses, duties, captions, instants, ids.

A caption is a source string with placeholders. ``{by:party}`` says its type: ``party``, ``act``,
``day``, ``instant``, ``number`` or a field, as ``{verb:ask.verb}``; a bare ``{verb}`` is a field of
the act that the caption tells. The strings stand in declarations; a translation replaces strings
and keeps placeholders. No word here depends on content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.engines.instants import moment
from comity.kernel import kinds
from comity.kernel.fields import CODE
from comity.kernel.fieldtypes import Code, FieldType, Hex, Instant, Language, Many, Party, Whole
from comity.kernel.ids import PartyId, host_of
from comity.kernel.protocol import VOID, ActKind, Protocol, coded_fields
from comity.services.casework import tongues
from comity.services.casework.kernelkinds import KERNEL_ACTS

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.protocol import Caption, Duty

SHORT_ID = 4
"""Hexadecimal digits of an act's id in a caption."""
SHORT_PARTY = 8
"""Hexadecimal digits of the id of a party whose name is not known."""

YES = "yes"
GUEST = "guest of {name} ({handle})"
VOID_STATUS = "Without effect"
VOID_CAPTION = "Opened against its own rules · {act:act}"

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WHEN = "%(day)s, %(clock)s %(zone)s"
"""How a day, a time of day and its zone stand together."""
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)(?::([a-z0-9_.]+))?\}")


class Day(Instant):
    """An instant told by its day."""


class Speaker(Party):
    """A party, or a guest of one."""

    def check(self, value: Value) -> PartyId:
        """Return the speaker's id."""
        host, handle = host_of(PartyId(str(value)))
        if handle and not CODE.fullmatch(handle):
            raise ValueError("the handle of a guest is a code")
        super().check(host)
        return PartyId(str(value))


_TYPES: dict[str, FieldType[object]] = {
    "party": Speaker(),
    "act": Hex(),
    "day": Day(),
    "instant": Instant(),
    "number": Whole(),
}


def short(id_: str) -> str:
    """Return an act's id as captions show it: ``4f2a``."""
    return id_[:SHORT_ID]


def day(time: int) -> str:
    """Return the day of an instant in UTC: ``3 May 2026``."""
    at = moment(time)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def when(time: int, say: Callable[[str], str] = str, date: Callable[[int], str] = day) -> str:
    """Return an instant for people, in the language of ``say`` and ``date``: ``3 May 2026, 02:40
    UTC``, as pages write it.
    """
    told = {"day": date(time), "clock": f"{moment(time):%H:%M}", "zone": "UTC"}
    return say(WHEN) % told


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one protocol; ``names`` are this node's names of parties, by id.

    ``say`` translates a source string and keeps its placeholders, ``date`` writes the day of an
    instant (ms); both are English by default.
    """

    protocol: Protocol
    names: Mapping[PartyId, str] = field(default_factory=dict)
    say: Callable[[str], str] = str
    date: Callable[[int], str] = day

    def party(self, id_: str) -> str:
        """Return a party's name, or the first digits of its id when it has none here.

        A guest is called by its host and its handle: ``guest of Orvanda (finder)``.
        """
        host, handle = host_of(PartyId(id_))
        name = self.names.get(host, host[:SHORT_PARTY])
        if not handle:
            return name
        return self.say(GUEST).replace("{name}", name).replace("{handle}", handle)

    def status(self, code: str) -> str:
        """Return the label of a status."""
        return self.say(VOID_STATUS if code == VOID else self.protocol.statuses[code])

    def caption(self, caption: Caption) -> str:
        """Return the line that a summary's caption stands for."""
        template = self._template(caption.code)
        return self._fill(template, caption.params)

    def duty(self, duty: Duty) -> str:
        """Return what somebody owes: ``Answer Orvanda``. Its instant is told apart."""
        params = {"who": duty.who, "to": duty.to or duty.who, "act": duty.act}
        return self._fill(self._template(duty.what), params)

    def kind(self, kind: str) -> str:
        """Return the label of an act kind, or the kind itself when nobody declares it."""
        declared = self.declared(kind)
        return kind if declared is None else self.say(declared.label)

    def declared(self, kind: str) -> ActKind | None:
        """Return the declaration of a kind, of the protocol's or the kernel's; else None."""
        return self.protocol.kind(kind) or KERNEL_ACTS.get(kind)

    def act(self, id_: str, header: Header) -> str:
        """Return the line that tells an act without its content: ``Orvanda asked Tolmere: …``.

        What a header lacks or misspells, as those of acts without effect may, is told as ``?``. A
        record is told as what the guest did, where the protocol lets it be recorded.
        """
        told = kinds.said(header)
        if header.kind == "record" and told.kind in self.protocol.recordable:
            line = self._act(id_, told)
            return line[:1].upper() + line[1:]
        return self._act(id_, header)

    def _act(self, id_: str, header: Header) -> str:
        declared = self.declared(header.kind)
        params: dict[str, Value] = {"by": header.party, "at": header.time, "act": id_}
        unknown = f"{{by:party}}: {header.kind}"
        template = unknown if declared is None else self.say(declared.caption)
        return self._fill(template, params, declared, coded_fields(header))

    def details(self, kind: str, body: Mapping[str, Value]) -> list[tuple[str, str]]:
        """Return (label, value) of the coded fields of an act that its caption does not tell."""
        declared = self.declared(kind)
        if declared is None:
            return []
        told = {match[1] for match in PLACEHOLDER.finditer(declared.caption)}
        found: list[tuple[str, str]] = []
        for each in declared.body:
            if each.name in body and each.name not in told:
                try:
                    value = self.value(each.type, body[each.name])
                except ValueError:
                    value = "?"
                found.append((self.say(each.label), value))
        return found

    def value(self, type_: FieldType[object], value: Value) -> str:
        """Return a coded value for people. Raises ValueError when it is not of its type."""
        type_.check(value)
        if isinstance(type_, Many) and isinstance(value, list):
            return ", ".join(self.value(type_.of, item) for item in value)
        if isinstance(type_, Instant) and isinstance(value, int):
            if isinstance(type_, Day):
                return self.date(value)
            return when(value, self.say, self.date)
        if value is True:
            return self.say(YES)
        return self._plain(type_, str(value))

    def _plain(self, type_: FieldType[object], value: str) -> str:
        match type_:
            case Code():
                return self.say(type_.choices[value])
            case Party():
                return self.party(value)
            case Hex():
                return short(value)
            case Language():
                return tongues.named(value, self.say)
            case _:
                return value

    def _template(self, code: str) -> str:
        return self.say(VOID_CAPTION if code == VOID else self.protocol.captions[code])

    def _fill(
        self,
        template: str,
        params: Mapping[str, Value],
        kind: ActKind | None = None,
        fields: Mapping[str, Value] | None = None,
    ) -> str:
        """Fill in a template: bare names from ``fields`` of ``kind``, others from ``params``."""

        def one(match: re.Match[str]) -> str:
            name, spec = match[1], match[2]
            type_ = self.type_of(name, spec, kind)
            value = (params if spec else fields or {}).get(name)
            if type_ is None or value is None:
                return "?"
            try:
                return self.value(type_, _canonical(type_, value))
            except ValueError:
                return "?"

        return PLACEHOLDER.sub(one, template)

    def type_of(
        self, name: str, spec: str | None, kind: ActKind | None
    ) -> FieldType[object] | None:
        """Return the type of the placeholder ``{name:spec}``, or None when nothing names it."""
        if spec is None:
            return _field(kind, name)
        place, _, of = spec.partition(".")
        return _field(self.declared(place), of) if of else _TYPES.get(spec)


def _field(kind: ActKind | None, name: str) -> FieldType[object] | None:
    found = () if kind is None else kind.body
    return next((f.type for f in found if f.name == name), None)


def _canonical(type_: FieldType[object], value: Value) -> Value:
    """Return a caption's parameter as the value it spells: numbers are digits there."""
    if isinstance(type_, Instant | Whole) and isinstance(value, str):
        return int(value) if value.isdecimal() else value
    return value
