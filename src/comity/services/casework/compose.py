"""From what a person typed to an act: which kind, which protocol, what it cites, which files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.bridges.stix import reading
from comity.kernel import kinds, office
from comity.kernel.act import read_header
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.fieldtypes import items_of
from comity.kernel.kinds import KERNEL_KINDS
from comity.services.casework import audiences, dossiers, forms, translations
from comity.services.casework.content import Prepared, prepare_fields, prepare_stix, stix_objects
from comity.services.casework.issue import issue
from comity.services.casework.kernelkinds import NOTE, RECORD, RELEASE, TRANSLATION, record_of
from comity.services.identity import find
from comity.services.sharing import publishing, shelving
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import acts as access

if TYPE_CHECKING:
    from pathlib import Path

    from comity.bridges.stix.record import Flaw
    from comity.kernel.dossier import Dossier
    from comity.kernel.ids import Id
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.casework.forms import Filled, FormField
    from comity.services.casework.issue import Draft, Then
    from comity.services.node import Node

FILE = "application/octet-stream"
COMMANDS = {
    **{name: name for name in ("invite", "join", "decline", "leave", "erase")},
    "translation": "translate",
}
"""Kernel kinds with a use case of their own, and the commands for them."""


def kinds_of(protocol: Protocol) -> tuple[ActKind, ...]:
    """Return the kinds that are said as messages: the protocol's, and those that all have."""
    return (*protocol.acts, NOTE, RELEASE, *([RECORD] if protocol.recordable else []))


def kind_of(node: Node, dossier_id: str, name: str, recorded: str = "") -> ActKind:
    """Return the declaration of a kind that may be said in a dossier; of a record, that of what
    is ``recorded`` in it.

    Raises Refusal S3, S4 or S8.
    """
    dossier = dossiers.load(node, dossier_id)
    if dossier.protocol is None:
        pinned = f"{dossier.charter.protocol}@{dossier.charter.version}"
        told = "This node has no {protocol}; upgrade it to speak here."
        raise Refusal("S4", Phrase(told, protocol=pinned), dossier_id)
    known = {kind.kind: kind for kind in kinds_of(dossier.protocol)}
    if recorded and name != RECORD.kind:
        raise Refusal("S4", "--kind says what a guest did, and goes with `record` alone.", recorded)
    if name == RECORD.kind:
        return _record_kind(dossier.protocol, recorded)
    if name in known:
        return known[name]
    if name in COMMANDS:
        told = "Use `comity {name}` for that; it is the same in every dossier."
        raise Refusal("S4", Phrase(told, name=COMMANDS[name]), name)
    if name in KERNEL_KINDS:
        raise Refusal("S4", "This is not said by hand; the program does it.", name)
    told = "{protocol} has the kinds {known}."
    values = {"protocol": dossier.protocol.id, "known": ", ".join(known)}
    raise Refusal("S4", Phrase(told, **values), name)


def _record_kind(protocol: Protocol, recorded: str) -> ActKind:
    """Return the record of a kind. Raises Refusal S4 when it is not recorded for guests."""
    declared = protocol.kind(recorded)
    if declared is None or recorded not in protocol.recordable:
        able = [kind.kind for kind in protocol.acts if kind.kind in protocol.recordable]
        told = "{protocol} records nothing for guests."
        if able:
            told = "Name with --kind what the guest did, one of: {able}."
        raise Refusal("S4", Phrase(told, protocol=protocol.id, able=", ".join(able)), recorded)
    return record_of(declared)


def protocol_of(node: Node, text: str) -> Protocol:
    """Return the protocol ``text`` names: whole, or by its last word, with or without a version.

    Raises Refusal S4.
    """
    name, _, version = text.partition("@")
    found = [
        protocol
        for protocol in node.protocols.values()
        if name in {protocol.name, protocol.name.rpartition("/")[2]}
        and version in {"", str(protocol.version)}
    ]
    if len({protocol.name for protocol in found}) != 1:
        known = ", ".join(sorted({protocol.name for protocol in node.protocols.values()}))
        told = Phrase("Name one of the protocols of this node: {known}.", known=known)
        raise Refusal("S4", told, text)
    return max(found, key=lambda protocol: protocol.version)


def missing(kind: ActKind, texts: Mapping[str, str], *, batch: bool) -> list[FormField]:
    """Return the fields that must be there and are not; a ``batch`` of objects has no content."""
    return [
        field
        for field in forms.form(kind).fields
        if field.name not in texts
        and not (batch and field.place is forms.Place.CONTENT)
        and _is_due(field, texts)
    ]


def _is_due(field: FormField, texts: Mapping[str, str]) -> bool:
    if field.when is not None:
        return texts.get(field.when.field) in field.when.values
    return field.required


def read(
    node: Node,
    kind: ActKind,
    texts: Mapping[str, str],
    *,
    dossier: str = "",
    files: int = 0,
    batch: bool = False,
) -> Filled:
    """Return what ``texts`` say, by field name; parties may be named and ids shortened. What is
    cited of the ``dossier`` that it is for need not be said again.

    Raises FormErrors.
    """

    def look_up(what: str, text: str) -> str:
        known = {"party": find.party, "dossier": find.dossier, "act": find.act}
        # What else has the digits of an id, as the hash of a file, is nothing that is kept here.
        return known[what](node, text) if what in known else text

    typed = {name: text for name, text in texts.items() if text.strip()}
    texts = {**taken(node, kind, _cited(node, typed), dossier), **typed}
    filled = forms.parse(kind, texts, look_up, files=files, batch=batch)
    body = {**filled.body, **audiences.of_draft(node, kind, filled.body, filled.refs, filled.named)}
    filled = replace(filled, body=body)
    if kind.kind == TRANSLATION.kind:
        translations.require_another_language(node, filled)
    return filled


def _cited(node: Node, texts: Mapping[str, str]) -> list[Id]:
    """Return the acts that a person cites, as far as they are found; what is not is told later."""
    found = []
    for item in items_of(texts.get(forms.REFS, "")):
        with suppress(Refusal):
            found.append(find.act(node, item))
    return found


def taken(node: Node, kind: ActKind, refs: Sequence[str], dossier: str) -> dict[str, str]:
    """Return the handles in an act of ``kind`` that are those of the acts of its dossier it cites.

    What is cited of another dossier has no place here, and who asks may not see it.
    """
    names = [f.name for f in kind.body if forms.is_taken(kind, f)]
    rows = access.acts_among(node.db, refs) if names else {}
    here = (row for row in rows.values() if row.dossier == dossier)
    bodies = [kinds.said(read_header(row.header)).body for row in here]
    return {n: str(body[n]) for n in names for body in bodies if n in body}


def citations(node: Node, dossier_id: str, kind: ActKind, named: Sequence[str]) -> list[str]:
    """Return what an act of ``kind`` cites, where a person ``named`` some of it or nothing.

    What is the only choice need not be named, nor what gives this party its office.
    """
    return citations_in(dossiers.load(node, dossier_id), kind, named)


def citations_in(dossier: Dossier, kind: ActKind, named: Sequence[str]) -> list[str]:
    """As ``citations``, in a dossier that is computed. Hold ``node.lock``."""
    offices = () if dossier.protocol is None else dossier.protocol.offices
    granted = office.authority(offices, kind.kind, dossier.now())
    if granted is not None:
        return [*dict.fromkeys([*named, granted])]
    if named or kind.refs is None or kind.refs.least == 0:
        return [*named]
    found = forms.citable(kind, dossier.now())
    return [found[0].id] if len(found) == 1 else []


@dataclass(frozen=True, slots=True)
class Attached:
    """Attached files: ordinary ``files``, and ``batches`` of STIX objects with their counts."""

    files: tuple[Path, ...]
    batches: tuple[tuple[Path, int], ...]

    @property
    def objects(self) -> int:
        """How many objects the batches hold together."""
        return sum(number for _, number in self.batches)


def sort_files(paths: Sequence[Path], *, batch: bool) -> Attached:
    """Tell STIX 2.1 bundles from other files, where a ``batch`` can be sent at all."""
    counts = {path: len(stix_objects(path) or ()) if batch else 0 for path in paths}
    return Attached(
        tuple(path for path in paths if not counts[path]),
        tuple((path, number) for path, number in counts.items() if number),
    )


def prepare(
    node: Node, filled: Filled, files: Sequence[Path], names: Mapping[Path, str] | None = None
) -> Prepared:
    """Return content of what was filled in and of files; these are read in pieces.

    ``names`` says what files are called that are not called as they lie.
    """
    called = names or {}
    listed = [(called.get(path, path.name), FILE, path) for path in files]
    return prepare_fields(node, filled.content, listed, filled.lang)


def prepare_batch(node: Node, path: Path) -> Prepared:
    """Return content with one part per object of a STIX bundle."""
    return prepare_stix(node, path)


def send(
    node: Node,
    dossier_id: str,
    draft: Draft,
    filled: Filled,
    attached: Attached,
    *,
    names: Mapping[Path, str] | None = None,
    alone: bool = False,
    then: Then | None = None,
) -> list[Id]:
    """Sign a draft with what was filled in and its files, then each batch of objects in an act of
    its own; return the ids. ``alone``: the batches are all there is.

    ``then`` is called with the first act, as ``issue.issue`` calls it.
    """
    if draft.kind == TRANSLATION.kind:
        draft = translations.as_the_original(node, draft)
    if draft.kind == publishing.KIND and attached.batches:
        return _publish(node, dossier_id, draft, attached, then)
    contents = [prepare_batch(node, path) for path, _ in attached.batches]
    if not alone:
        contents.insert(0, prepare(node, filled, attached.files, names))
    sent: list[Id] = []
    for content in contents:
        whole = replace(draft, content=content)
        sent.append(issue(node, dossier_id=dossier_id, draft=whole, then=None if sent else then))
    return sent


def _publish(
    node: Node, dossier_id: str, draft: Draft, attached: Attached, then: Then | None
) -> list[Id]:
    """Publish the objects of all batches together, each under its own label, unmarked ones under
    the draft's. What is wrong with one spoils no other. Raises Refusal X3 when none can go.
    """
    raws = [raw for path, _ in attached.batches for raw in reading.split(path.read_bytes())]
    objects, flaws = reading.read_all(raws, stix_schemas())
    by = draft.body.get("by")
    done = publishing.publish(
        node,
        dossier_id,
        objects,
        unmarked=draft.tlp,
        by=by if isinstance(by, dict) else None,
        corrects=draft.refs,
        then=then,
    )
    if not done.acts:
        wrong = [*flaws, *done.flaws]
        raise wrong_batch(wrong) if wrong else Refusal("S12", "All of it was shared here before.")
    shelving.remember(node, dossier_id, [*flaws, *done.flaws], done.acts[0])
    return done.acts


def wrong_batch(flaws: Sequence[Flaw]) -> Refusal:
    """Return the refusal of a batch in which nothing can be shared, naming what is wrong first."""
    first = flaws[0]
    told = Phrase(
        "None of it can be shared. First of {count}: {path} of {id}: {reason}",
        count=len(flaws),
        path=first.path or Phrase("the object"),
        id=first.id or Phrase("an object without id"),
        reason=first.reason,
    )
    return Refusal(first.rule, told, first.id)
