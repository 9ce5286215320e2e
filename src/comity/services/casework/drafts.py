"""What a person is about to say for the party: kept, shown to a second person, signed.

::

    open ──sign──────────────────────────────▶ signed
      │  ▲
    prepare │ return (with a reason)
      ▼  │
    waiting ──approve────────────────────────▶ signed

Whether a second person is needed is said by the mandate under which the first acts. Who approves is
another person, under a mandate that approves the kind. In an emergency, declared with a reason, a
mandate may let the first sign alone; that is noted, and shown to those who approve until one of
them has looked at it.

What is signed names roles, and never persons (KERNEL, "Speakers and approvals").
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.kinds import OFFICIAL
from comity.kernel.label import TLP
from comity.services.casework import (
    alongside,
    compose,
    draftlanes,
    membership,
    opening,
    readers,
    translations,
)
from comity.services.casework.desk import Desk
from comity.services.casework.forgetting import FOLDER, clear, is_forgotten
from comity.services.casework.forms import Filled
from comity.services.casework.kernelkinds import TRANSLATION
from comity.services.people.mandates import Hand
from comity.services.sharing import carrying
from comity.store.access import acts as access_acts
from comity.store.access import drafts as access
from comity.store.access.drafts import DROPPED, OPEN, RETURNED, SIGNED, WAITING, DraftRow
from comity.store.append import drafts as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.casework.compose import Attached
    from comity.services.casework.readers import ReaderParty
    from comity.services.node import Node
    from comity.services.people.actors import Actor

CHARTER = "charter"
MOST_FILES = 20
FILE_LIMIT = 1024**3
"""The largest file that is taken, in bytes; also all of those that come with one form."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What a person filled in.

    ``texts`` by field name; ``tlp`` and ``footing`` as codes; to open a dossier also its other
    ``members``, the ``growth`` rule and, where it is RED, its ``readers`` as "party:handle". Of
    ``footing`` and ``growth``, "" is what is usual under the protocol.
    """

    texts: Mapping[str, str]
    tlp: str
    footing: str = ""
    members: tuple[str, ...] = ()
    growth: str = ""
    readers: tuple[str, ...] = ()

    def to_object(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "texts": dict(self.texts),
            "tlp": self.tlp,
            "footing": self.footing,
            "members": [*self.members],
            "growth": self.growth,
            "readers": [*self.readers],
        }


def filling_of(row: DraftRow) -> Filling:
    """Return what was filled in for a draft."""
    form = row.form
    return Filling(
        form["texts"],
        form["tlp"],
        form["footing"],
        tuple(form["members"]),
        form["growth"],
        tuple(form.get("readers", ())),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What is about to be signed: its ``label``, who will be able to read it, its files.

    ``persons`` are those who alone read it, as (party, handle), where it opens a RED dossier.
    ``hand`` is how it may leave this person's hands; ``override`` whether an emergency may be
    declared; ``role`` the mandate under which it is said. ``footing`` and ``growth`` are those
    that it opens a dossier with, chosen or usual; in a dossier the footing that was chosen, if any.
    """

    row: DraftRow
    kind: ActKind
    filling: Filling
    readers: tuple[ReaderParty, ...]
    persons: tuple[tuple[PartyId, str], ...]
    files: tuple[tuple[str, int], ...]
    hand: Hand
    override: bool
    role: str
    footing: str
    growth: str

    @property
    def invited(self) -> int:
        """How many parties are invited as it is signed, since a charter has no room for them."""
        return sum(reader.state == readers.TO_INVITE for reader in self.readers)


def begin(
    node: Node,
    actor: Actor,
    *,
    kind: str,
    filling: Filling,
    dossier: str = "",
    protocol: str = "",
) -> DraftRow:
    """Keep a new draft: of an act in a dossier, or that opens one under ``protocol``.

    Raises Refusal S3 for a dossier that is not to be seen, S4 for a kind or label that is not said
    there, S10 when no mandate of this person covers it.
    """
    rules, able, ceiling = _place(node, actor, dossier, protocol)
    lane = draftlanes.of(Desk(node, actor), (rules.name, kind), dossier, able, filling)
    _require_label(ceiling, filling)
    opening.require_growth(rules, filling)
    _require_no_wider(node, dossier, kind, filling)
    now = node.now()
    row = DraftRow(
        id=node.ports.random.bytes(12).hex(),
        person=actor.id,
        name=actor.name,
        machine=actor.machine,
        protocol=rules.name,
        version=rules.version,
        dossier=dossier,
        kind=kind,
        lane=lane,
        ceiling=ceiling or filling.tlp,
        form=filling.to_object(),
        files=[],
        state=OPEN,
        emergency=False,
        reason="",
        second=None,
        second_name="",
        act="",
        made_at=now,
        changed_at=now,
    )
    kind_of(node, row)
    hand_of(node, actor, row)
    with writing(node.db):
        append.insert(node.db, row)
    return row


def _place(
    node: Node, actor: Actor, dossier: str, protocol: str
) -> tuple[Protocol, tuple[str, ...], str]:
    """Return the rules that a draft is under, the lanes it may be in, and the label it may not
    exceed.
    """
    if not dossier:
        rules = compose.protocol_of(node, protocol)
        return rules, rules.lanes, ""
    desk = Desk(node, actor)
    row = desk.dossier(dossier)
    found = desk.protocol(row)
    if found is None:
        pinned = f"{row.protocol}@{row.version}"
        told = Phrase("This node has no {protocol}; upgrade it.", protocol=pinned)
        raise Refusal("S4", told, dossier)
    return found, desk.sides.of(row), row.ceiling


def kind_of(node: Node, row: DraftRow) -> ActKind:
    """Return the declaration of what a draft says."""
    if not row.dossier:
        return _rules(node, row).opening
    if row.kind == TRANSLATION.kind and is_forgotten(row):
        # Its original may have no words any more either, which would say more of its form.
        return TRANSLATION
    return membership.kind_of(node, row.dossier, row.kind, about(row))


def about(row: DraftRow) -> str:
    """Return the act that a draft is about, "" where no field says so."""
    return str(row.form["texts"].get("act", ""))


def _rules(node: Node, row: DraftRow) -> Protocol:
    return node.protocols[row.protocol, row.version]


def hand_of(node: Node, actor: Actor, row: DraftRow) -> tuple[str, Hand]:
    """Return the role and the hand of who says it; what takes two to be said takes two to be
    translated officially. Raises Refusal S10.
    """
    under = actor.under(row.lane, row.protocol, row.kind)
    if under is None:
        raise Refusal("S10", "None of your mandates covers this.", row.kind)
    if row.kind == TRANSLATION.kind and row.form["texts"].get("as") == OFFICIAL:
        original = access_acts.act(node.db, about(row))
        said = actor.under(row.lane, row.protocol, "" if original is None else original.kind)
        if said is None or said[1] is Hand.SECOND:
            return under[0].code, Hand.SECOND
    for lanes, protocol, kind in alongside.said(node, actor, row):
        said = actor.under_any(lanes, protocol, kind)
        if said is None:
            raise Refusal("S10", "None of your mandates covers this.", kind)
        if said[1] is Hand.SECOND:
            return under[0].code, Hand.SECOND
    return under[0].code, under[1]


def label_of(row: DraftRow) -> TLP:
    """Return the label a draft is kept under: the stricter of its own and its dossier's."""
    return max(TLP(row.ceiling), TLP(row.form["tlp"]))


def is_own(actor: Actor, row: DraftRow) -> bool:
    """Say whether a draft is this person's own, or this machine's."""
    return (row.person, row.machine) == (actor.id, actor.machine)


def may_change(actor: Actor, row: DraftRow) -> bool:
    """Say whether this person, or this machine, may still change a draft, or sign it."""
    return is_own(actor, row) and row.state in {OPEN, RETURNED}


def is_by(actor: Actor, row: DraftRow) -> bool:
    """Say whether a draft is this person's, or a machine's for which the person answers: then
    another person is the second.
    """
    return row.person == actor.id


def sees(node: Node, actor: Actor, row: DraftRow) -> bool:
    """Say whether a person may see a draft: the own ones, and those to approve; of what is RED,
    those alone who are among its readers.
    """
    if not actor.reads(row.lane, label_of(row)):
        return False
    if is_own(actor, row):
        return True
    if label_of(row) is TLP.RED and not _is_reader(node, actor, row):
        return False
    return alongside.approves(node, actor, row) and row.state in {WAITING, SIGNED, RETURNED}


def _is_reader(node: Node, actor: Actor, row: DraftRow) -> bool:
    if not row.dossier:
        return f"{node.me}:{actor.handle}" in row.form.get("readers", ())
    found = access_acts.dossier(node.db, row.dossier)
    return found is not None and Desk(node, actor).sees(found)


def require(node: Node, actor: Actor, draft: str) -> DraftRow:
    """Return a draft. Raises Refusal S3 when it is not here or not to be seen."""
    row = access.draft(node.db, draft)
    if row is None or not sees(node, actor, row):
        raise Refusal("S3", "There is no such draft here.", draft)
    return row


def mine(node: Node, actor: Actor) -> list[DraftRow]:
    """Return the drafts of a person that are not signed yet."""
    return [row for row in access.drafts(node.db) if is_own(actor, row) and sees(node, actor, row)]


def to_approve(node: Node, actor: Actor) -> list[DraftRow]:
    """Return the drafts that wait for a second person, whom this one may be."""
    waiting = access.drafts(node.db, (WAITING,))
    return [row for row in waiting if not is_by(actor, row) and sees(node, actor, row)]


def change(node: Node, actor: Actor, draft: str, filling: Filling) -> DraftRow:
    """Keep what was filled in anew. Raises Refusal S3, S4, or S12 when it is no longer open."""
    row = own(node, actor, draft)
    _require_label(row.ceiling if row.dossier else "", filling)
    opening.require_growth(_rules(node, row), filling)
    _require_no_wider(node, row.dossier, row.kind, filling)
    form, ceiling = filling.to_object(), _ceiling(row, filling)
    rules, able, _ = _place(node, actor, row.dossier, f"{row.protocol}@{row.version}")
    said = (rules.name, row.kind)
    lane = draftlanes.of(Desk(node, actor), said, row.dossier, able, filling)
    return _changed(node, row, form=form, state=OPEN, ceiling=ceiling, lane=lane)


def _changed(node: Node, row: DraftRow, **fields: Any) -> DraftRow:  # noqa: ANN401
    """Keep other fields of an own draft. Raises Refusal S12 when it was changed meanwhile."""
    with writing(node.db):
        change_or_refuse(node, row, **fields)
    found = access.draft(node.db, row.id)
    if found is None:
        raise AssertionError(row.id)
    return found


def change_or_refuse(node: Node, row: DraftRow, **fields: Any) -> None:  # noqa: ANN401
    """Keep other fields of a draft that was read as ``row``, within a write transaction.

    Raises Refusal S12 when somebody changed it since, or moved it on.
    """
    if not append.change(node.db, row, node.now(), **fields):
        raise moved(access.draft(node.db, row.id) or row)


def _require_label(ceiling: str, filling: Filling) -> None:
    """Raise Refusal S4 for a label beyond the dossier's ceiling, where that is fixed."""
    if ceiling and TLP(filling.tlp) > TLP(ceiling):
        raise Refusal("S4", "Choose a label within the dossier's own.", "tlp")


def _require_no_wider(node: Node, dossier: str, kind: str, filling: Filling) -> None:
    """Raise Refusal S4 for a label wider than that of what is translated."""
    if kind == TRANSLATION.kind:
        act = filling.texts.get("act", "")
        translations.require_label(node, dossier, act, TLP(filling.tlp))


def _ceiling(row: DraftRow, filling: Filling) -> str:
    return row.ceiling if row.dossier else filling.tlp


def own(node: Node, actor: Actor, draft: str) -> DraftRow:
    """Return a draft that its author may still change; a token, what it could have begun.

    Raises Refusal S3, S10 or S12.
    """
    row = require(node, actor, draft)
    if not may_change(actor, row):
        raise moved(row)
    if actor.token:
        hand_of(node, actor, row)
    return row


def require_seen(row: DraftRow, seen: int | None) -> None:
    """Raise Refusal S12 unless a draft is as it was ``seen``: with that ``changed_at``, which every
    change makes another. None asks for nothing.
    """
    if seen is not None and seen != row.changed_at:
        raise moved(row)


def moved(row: DraftRow) -> Refusal:
    """Return the refusal of a draft that somebody moved on."""
    told = Phrase("This draft is {state} by now; load it anew.", state=Phrase(row.state))
    return Refusal("S12", told, row.id)


def attach(node: Node, actor: Actor, draft: str, name: str, source: Path) -> DraftRow:
    """Move a file to a draft. Raises Refusal S3, S4 or S12."""
    row = own(node, actor, draft)
    if not _kind_takes_files(node, row):
        raise Refusal("S4", "Files cannot be sent with this.", "files")
    if len(row.files) >= MOST_FILES:
        raise Refusal("S4", "It has as many files as it can hold.", "files")
    folder = node.folder / FOLDER / row.id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = source.stat().st_size
    path = folder / node.ports.random.bytes(8).hex()
    # It may lie on another file system, as uploads do.
    shutil.move(source, path)
    entry = {"name": name, "size": size, "path": path.name}
    try:
        return _changed(node, row, files=[*row.files, entry])
    except Refusal:
        path.unlink(missing_ok=True)
        raise


def _kind_takes_files(node: Node, row: DraftRow) -> bool:
    kind = kind_of(node, row)
    return kind.batch or kind.files.value != "none"


def detach(node: Node, actor: Actor, draft: str, path: str) -> DraftRow:
    """Take a file away from a draft. Raises Refusal S3 or S12."""
    row = own(node, actor, draft)
    gone = [entry for entry in row.files if entry["path"] == path]
    row = _changed(node, row, files=[entry for entry in row.files if entry["path"] != path])
    for entry in gone:
        (node.folder / FOLDER / row.id / entry["path"]).unlink(missing_ok=True)
    return row


def preview(node: Node, actor: Actor, draft: str) -> Preview:
    """Return what is about to be signed. Raises Refusal S3, S4 or S10, or FormErrors."""
    row = require(node, actor, draft)
    kind, filling = kind_of(node, row), filling_of(row)
    filled = None if is_forgotten(row) else read(node, row, kind, filling)[0]
    role, hand = _role(node, actor, row)
    return Preview(
        row=row,
        kind=kind,
        filling=filling,
        readers=tuple(_readers(node, row, filling, filled)),
        persons=opening.persons_of(node, row, filling),
        files=tuple((entry["name"], entry["size"]) for entry in row.files),
        hand=hand,
        override=alongside.overrides(node, actor, row),
        role=role,
        footing=filling.footing
        if row.dossier
        else opening.footing(_rules(node, row), filling).value,
        growth="" if row.dossier else opening.growth(_rules(node, row), filling),
    )


def _role(node: Node, actor: Actor, row: DraftRow) -> tuple[str, Hand]:
    if is_own(actor, row):
        return hand_of(node, actor, row)
    return row.form.get("role", ""), Hand.SECOND


def _readers(
    node: Node, row: DraftRow, filling: Filling, filled: Filled | None
) -> list[ReaderParty]:
    if row.kind == TRANSLATION.kind:
        return readers.of_translation(node, row.dossier, about(row))
    if row.dossier:
        body = {} if filled is None else filled.body
        return readers.of_draft(node, row.dossier, row.kind, body)
    if filled is None:
        return readers.of_members(node, opening.members_of(node, filling), _rules(node, row))
    return readers.of_opening(node, opening.of_draft(node, row, filling, filled), _rules(node, row))


def attached(node: Node, row: DraftRow, kind: ActKind) -> tuple[Attached, dict[Path, str]]:
    """Return the files of a draft, and what each is called."""
    names = {node.folder / FOLDER / row.id / entry["path"]: entry["name"] for entry in row.files}
    return compose.sort_files([*names], batch=kind.batch), names


def read(node: Node, row: DraftRow, kind: ActKind, filling: Filling) -> tuple[Filled, bool]:
    """Return what the form says, and whether batches of objects are all there is to send.

    Raises FormErrors.
    """
    if carrying.is_kept(row):
        return Filled({}, {}, ()), False
    found, _ = attached(node, row, kind)
    texts = dict(filling.texts)
    alone = bool(found.batches) and not found.files
    alone = alone and not any(texts.get(f.name) for f in kind.content)
    count = len(found.files)
    filled = compose.read(node, kind, texts, dossier=row.dossier, files=count, batch=alone)
    if not row.dossier:
        opening.of_draft(node, row, filling, filled)
    return filled, alone


def drop(node: Node, actor: Actor, draft: str) -> None:
    """Throw a draft away, with its files. Raises Refusal S3 or S12."""
    row = own(node, actor, draft)
    with writing(node.db):
        change_or_refuse(node, row, state=DROPPED)
    clear(node, row)
