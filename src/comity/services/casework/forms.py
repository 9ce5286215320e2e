"""Forms made from declarations: what to show, and reading what a person wrote.

They carry a whole protocol with no page of its own: a command line and an HTML page fill the same
form with {name: text} and get the same answer; an error names the field and what to do. What a
filled form says is judged again, by the guards, when it is signed.

Fields have the names of the declaration, those of body and content alike; ``refs`` is what the act
cites, and carries no other meaning in any protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, cast

from comity.engines.instants import moment
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.fieldtypes import (
    Code,
    FieldType,
    Flag,
    Handle,
    Hex,
    Instant,
    Many,
    Party,
    Text,
    items_of,
)
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import ActKind, Field, Files, Protocol, Refs, When
from comity.services.casework import audiences, targets
from comity.services.casework.kernelkinds import FILLED_IN, LANGUAGE

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value
    from comity.kernel.graph import Node, Past

REFS = "refs"
"""The name of the field that says what an act cites."""
FILES = "files"
"""The name under which errors about files stand."""
NO = frozenset({"no", "false", "off", "0"})

Find: TypeAlias = Callable[[str, str], str]
"""Given ``party`` or another name of an id type, and what a person wrote, return the id that is
meant. Raises Refusal when none is, or more than one could be."""


class Place(StrEnum):
    """Where a field of a form goes: into the header's body or citations, or into content; or it
    says in which language that is, or for whom.
    """

    BODY = "body"
    CONTENT = "content"
    REFS = "refs"
    LANGUAGE = "language"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field to fill in.

    ``type`` is the type's name: code, flag, act, party, number, instant, language, prefix,
    state, text.
    ``choices`` are (value, label) where one of few is chosen. A field with ``when`` is asked for
    only then, and is then required. ``many`` takes several values, parted by commas or lines.
    ``lines`` marks text of more than one line; ``most`` is its limit in characters, or the most
    values.
    """

    name: str
    place: Place
    type: str
    label: str
    help: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    when: When | None = None
    many: bool = False
    lines: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What is chosen beside the fields where a dossier is opened: its ``footing``, as it is usual
    under the protocol, and of which ``growths`` one is, the usual one first.
    """

    footing: str
    growths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its ``kind`` of act, ``label`` and ``help``, the protocol's ``clause``, ``fields``;
    whether ``files`` may or must be added, and a STIX ``batch`` be sent in place of the content;
    what more there is to choose for an ``opening``, None in a dossier.
    """

    kind: str
    label: str
    help: str
    clause: str
    fields: tuple[FormField, ...]
    files: Files
    batch: bool
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form was filled in with: coded ``body`` (of a charter its terms), ``content`` fields,
    the acts cited, the language ``lang`` of the words, "" where it is not said, and the parties
    ``named`` as their readers; ready to be drafted.
    """

    body: Object
    content: Object
    refs: tuple[Id, ...]
    lang: str = ""
    named: tuple[PartyId, ...] = ()


class FormErrors(Exception):
    """A form that cannot be taken as it is: ``errors`` by field name, each what to do about it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def kinds_of(protocol: Protocol) -> tuple[ActKind, ...]:
    """Return the kinds a person may issue in an open dossier, the kernel's own last."""
    return (*protocol.acts, *FILLED_IN)


def form(kind: ActKind, rules: Protocol | None = None) -> Form:
    """Return the form of an act kind; the protocol's clause, and what may be chosen to open a
    dossier under it, where its ``rules`` are given.
    """
    fields = [
        replace(_describe(f, Place.BODY), required=f.required and not is_taken(kind, f))
        for f in asked_of(kind)
    ]
    if audiences.narrows(kind):
        fields.append(_describe(audiences.PARTIES, Place.AUDIENCE))
    if kind.refs is not None:
        fields.insert(0, _refs_field(kind.refs))
    fields += [_describe(f, Place.CONTENT) for f in kind.content]
    if asks_language(kind):
        fields.append(_describe(LANGUAGE, Place.LANGUAGE))
    opens = None if rules is None or kind is not rules.opening else rules
    return Form(
        kind=kind.kind,
        label=kind.label,
        help=kind.help,
        clause="" if rules is None else rules.clause,
        fields=tuple(fields),
        files=kind.files,
        batch=kind.batch,
        opening=None if opens is None else Opening(opens.footing.value, opens.growths),
    )


def asked_of(kind: ActKind) -> tuple[Field, ...]:
    """Return the coded fields that a person is asked for; others are made of what is written."""
    made = (audiences.told_field(kind), targets.field_of(kind))
    return tuple(f for f in kind.body if f not in made)


def is_taken(kind: ActKind, field: Field) -> bool:
    """Say whether a field need not be filled in, because what the act cites says it: a handle."""
    return isinstance(field.type, Handle) and kind.refs is not None and kind.refs.least > 0


def asks_language(kind: ActKind) -> bool:
    """Say whether it is asked beside the words of a kind in which language they are: there are
    some, and no coded field says so.
    """
    return bool(kind.content) and all(f.name != LANGUAGE.name for f in kind.body)


def _describe(declared: Field, place: Place) -> FormField:
    type_, many = declared.type, isinstance(declared.type, Many)
    of = type_.of if isinstance(type_, Many) else type_
    most = type_.most if isinstance(type_, Text | Many) else None
    return FormField(
        name=declared.name,
        place=place,
        type=of.name,
        label=declared.label,
        help=declared.help,
        required=declared.required,
        choices=tuple(of.choices.items()) if isinstance(of, Code) else (),
        when=declared.when,
        many=many,
        lines=isinstance(of, Text) and of.lines,
        most=most,
    )


def _refs_field(refs: Refs) -> FormField:
    return FormField(
        name=REFS,
        place=Place.REFS,
        type=Hex().name,
        label=refs.label,
        help=refs.help,
        required=refs.least > 0,
        many=refs.most > 1,
        most=refs.most,
    )


def citable(kind: ActKind, past: Past) -> list[Node]:
    """Return the acts an act of ``kind`` may cite, newest first by what their authors say.

    ``past`` is everything held; the guards may know that some of them will not do.
    """
    wanted = () if kind.refs is None else kind.refs.kinds
    found = [node for name in wanted for node in past.all(name)]
    return sorted(found, key=lambda node: (node.header.time, node.id), reverse=True)


def typed(kind: ActKind, said: Mapping[str, object]) -> dict[str, str]:
    """Return coded values as a person writes them into the form of ``kind``, by field."""
    return {f.name: _typed(f.type, said[f.name]) for f in kind.body if f.name in said}


def _typed(type_: object, value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(type_, Instant):
        return f"{moment(cast('int', value)):%Y-%m-%dT%H:%MZ}"
    return str(value)


def parse(
    kind: ActKind,
    texts: Mapping[str, str],
    find: Find | None = None,
    *,
    files: int = 0,
    batch: bool = False,
) -> Filled:
    """Return what ``texts`` say, by field name; blank text is a field left out.

    ``find`` looks ids up that people write by name or by first digits. ``files`` is how many come
    with it. With ``batch`` a batch of STIX objects takes the place of the content. Raises
    FormErrors naming every field that is missing, wrong or unknown, each with what to do; what is
    wrong with the files stands under ``files``.
    """
    return _Parser(kind, texts, find).parse(files=files, batch=batch)


class _Parser:
    """One reading of one form; collects an error per field."""

    def __init__(self, kind: ActKind, texts: Mapping[str, str], find: Find | None) -> None:
        self._kind = kind
        self._texts = {name: text.strip() for name, text in texts.items() if text.strip()}
        self._find = find
        self._errors: dict[str, str] = {}
        self._told = audiences.told_field(kind)
        self._asked = asked_of(kind)
        self._beside = (audiences.PARTIES,) if audiences.narrows(kind) else ()

    def parse(self, *, files: int, batch: bool) -> Filled:
        content = () if batch else self._kind.content
        self._require_known(content)
        self._require_files(files, batch=batch)
        body, said, refs = self._fields(self._asked), self._fields(content), self._refs()
        lang = self._fields((LANGUAGE,)) if asks_language(self._kind) else body
        body |= self._listed(said) | self._hashed(said)
        named = self._named(body)
        if self._errors:
            raise FormErrors(self._errors)
        return Filled(body, said, refs, str(lang.get(LANGUAGE.name, "")) if said else "", named)

    def _listed(self, said: Object) -> Object:
        """Return the coded list of what was written, where the kind has one."""
        if self._told is None:
            return {}
        of = cast("Many[str]", self._told.type).of
        found: list[Value] = [*sorted(said.keys() & cast("Code", of).choices.keys())]
        if not found and self._told.required:
            told = "{label}: write at least one of them."
            self._errors[self._told.name] = labelled(told, self._told)
        return {self._told.name: found} if found else {}

    def _hashed(self, said: Object) -> Object:
        """Return the hashes of the targets that were named, where the kind has them."""
        found = targets.field_of(self._kind)
        if found is None or targets.NAMED not in said:
            return {}
        try:
            return {found.name: [*targets.hashes(str(said[targets.NAMED]))]}
        except ValueError as error:
            named = next(f for f in self._kind.content if f.name == targets.NAMED)
            self._errors[named.name] = labelled("{label}: {why}.", named, error.args[0])
            return {}

    def _named(self, body: Object) -> tuple[PartyId, ...]:
        """Return the parties named as readers, where the answer above asks for them."""
        values = dict(body)
        for field in self._beside:
            self._field(field, values)
        found = values.get(audiences.PARTIES.name) if self._beside else None
        return tuple(PartyId(str(each)) for each in cast("list[str]", found or []))

    def _require_known(self, content: tuple[Field, ...]) -> None:
        known = {f.name for f in (*self._asked, *self._beside, *content)}
        known |= {REFS} if self._kind.refs else set()
        known |= {LANGUAGE.name} if asks_language(self._kind) else set()
        for name in sorted(self._texts.keys() - known):
            self._errors[name] = Phrase(
                "There is no field {name} here; leave it out.", name=repr(name)
            )

    def _require_files(self, files: int, *, batch: bool) -> None:
        kind = self._kind
        if batch and not kind.batch:
            told = "{label}: a batch of objects cannot be sent with this."
        elif batch and files:
            told = "{label}: send files and a batch of objects apart."
        elif files and kind.files is Files.NONE:
            told = "{label}: files cannot be sent with this."
        elif not files and not batch and kind.files is Files.MUST:
            told = "{label}: add at least one file."
        else:
            return
        self._errors[FILES] = labelled(told, kind)

    def _fields(self, declared: tuple[Field, ...]) -> Object:
        values: Object = {}
        # Fields that depend on others are declared after or before them, and read last.
        for f in sorted(declared, key=lambda f: f.when is not None):
            self._field(f, values)
        return {f.name: values[f.name] for f in declared if f.name in values}

    def _field(self, declared: Field, values: Object) -> None:
        text = self._texts.get(declared.name)
        if isinstance(declared.type, Flag) and text is not None and text.lower() in NO:
            text = None
        if text is None:
            if declared.is_due(values):
                self._errors[declared.name] = _missing(declared)
        elif not declared.is_allowed(values):
            if declared.when is not None and declared.when.field not in self._errors:
                self._errors[declared.name] = labelled(
                    "{label}: leave this out; it goes with another answer above.", declared
                )
        else:
            self._take(declared, text, values)

    def _take(self, declared: Field, text: str, values: Object) -> None:
        try:
            value = self._read(declared.type, text)
            values[declared.name] = cast("Value", declared.type.check(value))
        except Refusal as refusal:
            self._errors[declared.name] = labelled("{label}: {why}", declared, refusal.reason)
        except ValueError as error:
            self._errors[declared.name] = labelled("{label}: {why}.", declared, error.args[0])

    def _read(self, type_: FieldType[object], text: str) -> Value:
        if isinstance(type_, Many):
            items = {self._read(type_.of, item) for item in items_of(text)}
            return cast("Value", sorted(cast("set[str]", items)))
        if isinstance(type_, Hex | Party) and self._find is not None:
            return self._find(type_.name, text)
        return cast("Value", type_.from_text(text))

    def _refs(self) -> tuple[Id, ...]:
        refs = self._kind.refs
        if refs is None:
            return ()
        text = self._texts.get(REFS, "")
        try:
            written = dict.fromkeys(items_of(text))
            found = tuple(dict.fromkeys(Id(str(self._read(Hex(), item))) for item in written))
        except Refusal as refusal:
            self._errors[REFS] = labelled("{label}: {why}", refs, refusal.reason)
            return ()
        except ValueError as error:
            self._errors[REFS] = labelled("{label}: {why}.", refs, error.args[0])
            return ()
        if not refs.least <= len(found) <= refs.most:
            wanted = _count(refs.least, refs.most)
            self._errors[REFS] = labelled("{label}: name {why}.", refs, wanted)
        return found


def _missing(declared: Field) -> str:
    match declared.type:
        case Code(choices):
            wanted = ", ".join(choices)
            return labelled("{label}: choose one of {why}.", declared, wanted)
        case _:
            return labelled("{label}: fill this in.", declared)


def _count(least: int, most: int) -> str:
    if most == 1:
        return Phrase("one message")
    if least == 0:
        return Phrase("at most {most} messages", most=most)
    return Phrase("{least} to {most} messages", least=least, most=most)


def labelled(template: str, declared: Field | Refs | ActKind, why: str = "") -> Phrase:
    """Return what is wrong with a field, beginning with its label."""
    return Phrase(template, label=Phrase(declared.label), why=Phrase(why))


def schema(kind: ActKind) -> Object:
    """Return the JSON Schema (2020-12) of an act kind: {body, content, refs} as signed."""
    refs = kind.refs
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label,
        "description": kind.help,
        "type": "object",
        "properties": {
            "body": _object_schema(kind.body),
            "content": _object_schema(kind.content),
            "refs": {
                "type": "array",
                "items": Hex().schema(),
                "minItems": 0 if refs is None else refs.least,
                "maxItems": 0 if refs is None else refs.most,
                "uniqueItems": True,
            },
        },
        "required": ["body", "refs"],
        "additionalProperties": False,
    }


def _object_schema(fields: tuple[Field, ...]) -> Object:
    properties: Object = {f.name: _titled(f) for f in fields}
    required: list[Value] = [f.name for f in fields if f.required and f.when is None]
    found: Object = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    conditions: list[Value] = [_condition(f.name, f.when) for f in fields if f.when is not None]
    return found | ({"allOf": conditions} if conditions else {})


def _titled(declared: Field) -> Object:
    words: Object = {"title": declared.label}
    if declared.help:
        words["description"] = declared.help
    return declared.type.schema() | words


def _condition(name: str, when: When) -> Object:
    values: list[Value] = [*when.values]
    return {
        "if": {"properties": {when.field: {"enum": values}}, "required": [when.field]},
        "then": {"required": [name]},
        "else": {"properties": {name: False}},
    }
