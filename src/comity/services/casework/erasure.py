"""Erasing content here, telling the others, answering their wishes, and doing it after a restore.

What is erased is gone from this node: data, salts, files, text rows, blobs made or announced, the
words of drafts, and what the database's files still hold of deleted rows. Headers, leaves and
proofs stay. Translations of words that are erased are erased with them, whoever gave them: they say
the same. The author of an act asks the others by an act of kind ``erase``; each applies or refuses
it by its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from comity.kernel import kinds
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.kinds import MAX_ERASED, Erase
from comity.services.casework import dossiers, forgetting, translations
from comity.services.casework.content import part_path
from comity.services.casework.issue import Draft, issue, own_view
from comity.services.sharing import shelving
from comity.store import compact
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.append import acts as append
from comity.store.append import blobs, guests, memos
from comity.store.append.log import lock
from comity.store.append.space import counting
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.services.casework.issue import Then
    from comity.services.node import Node
    from comity.store.access.acts import ActRow
    from comity.store.access.drafts import DraftRow

ASKED, APPLIED, REFUSED, SILENT = "asked", "applied", "refused", "silent"


@dataclass(frozen=True, slots=True)
class Word:
    """What a ``party`` said about erasing an act: a stage, or silent, with reason and parts."""

    party: PartyId
    stage: str
    reason: str = ""
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: the ``act`` that tells the others ("" for none), its ``stage``, whose content
    ``of`` which parts (none for all); ``gone`` when no file of the node holds traces any more.
    """

    act: str
    stage: str
    of: Id
    reason: str
    parts: tuple[int, ...]
    gone: bool = True


def wish(node: Node, act: Id, *, reason: str = "", parts: Sequence[int] = ()) -> Erase:
    """Return what erasing ``act`` would say: asked for an own act, applied for that of another.

    Of what its author asked for, reason and parts need not be said again; what this party said
    before is said again with it. Raises Refusal S3, S4 (no reason, too many parts, or content that
    has not wholly arrived) or S8.
    """
    row = _row(node, act)
    dossier = dossiers.load(node, row.dossier)
    words = words_of(dossiers.shown(node, dossier), act)
    own = row.party == node.me
    asked = None if own else words.get(PartyId(row.party))
    if asked is not None and asked.stage == ASKED:
        reason, parts = reason or asked.reason, parts or asked.parts
    before = words.get(node.me)
    if before is not None and before.stage != REFUSED:
        reason = reason or before.reason
        parts = sorted({*before.parts, *parts}) if before.parts and parts else ()
    _require_sayable(row, reason, parts, dossier.graph.nodes[act].header.content.parts)
    return Erase(act, ASKED if own else APPLIED, reason, tuple(sorted(set(parts))))


def others(node: Node, act: Id) -> int:
    """Return how many other parties learn what is said in the dossier of an act."""
    states = dossiers.member_states(dossiers.load(node, _row(node, act).dossier))
    return sum(party != node.me and state == "member" for party, state in states)


def _row(node: Node, act: Id) -> ActRow:
    row = access.act(node.db, act)
    if row is None:
        raise Refusal("S3", "There is no such message here.", act)
    return row


def _require_sayable(row: ActRow, reason: str, parts: Sequence[int], count: int) -> None:
    if reason not in kinds.REASONS:
        told = Phrase("Give a reason, one of {known}.", known=", ".join(sorted(kinds.REASONS)))
        raise Refusal("S4", told, reason)
    if len(set(parts)) > MAX_ERASED:
        told = Phrase("At most {most} parts are erased apart; erase all of it.", most=MAX_ERASED)
        raise Refusal("S4", told)
    if parts and not 0 <= min(parts) <= max(parts) < count:
        raise Refusal(
            "S4", Phrase("The content has the parts 0 to {last}.", last=count - 1), row.id
        )
    if parts and not row.whole:
        raise Refusal("S4", "Its content has not wholly arrived; erase all of it, or wait.", row.id)


def carry_out(
    node: Node,
    step: Erase,
    *,
    tell: bool = True,
    by: Object | None = None,
    then: Then | None = None,
) -> Erased:
    """Sign what the others are told, unless they were told so before, and erase it here.

    Doing it twice is once, and finishes what was cut off. ``by`` are the roles that stand behind
    it; ``then`` is called as ``issue`` calls it, when something is signed. Raises Refusal as
    ``issue`` does.
    """
    row = _row(node, step.act)
    signed = ""
    if tell and not _is_said(node, dossiers.load(node, row.dossier), step):
        signed = _say(node, row.dossier, step, by, then)
    _erase_words(node, Id(row.dossier), step.act, reason=step.reason, parts=step.parts)
    gone = compact.compact(node.db)
    return Erased(signed, step.stage if tell else "", step.act, step.reason, step.parts, gone)


def _say(node: Node, dossier: str, step: Erase, by: Object | None, then: Then | None) -> Id:
    body = step.to_body() if by is None else {**step.to_body(), "by": by}
    return issue(node, dossier_id=dossier, draft=Draft("erase", body), then=then)


def refuse(
    node: Node,
    act: Id,
    *,
    reason: str,
    by: Object | None = None,
    then: Then | None = None,
) -> Erased:
    """Sign that this party keeps what the author of ``act`` asked to erase.

    ``by`` and ``then`` are as of ``carry_out``. Raises Refusal S3, S4 (nobody asked, or no reason)
    or S8.
    """
    row = _row(node, act)
    dossier = dossiers.load(node, row.dossier)
    asked = words_of(dossiers.shown(node, dossier), act).get(PartyId(row.party))
    if row.party == node.me or asked is None or asked.stage != ASKED:
        raise Refusal("S4", "Its author has not asked this party to erase it.", act)
    if access.is_erased(node.db, act):
        raise Refusal("S4", "It was erased here already; there is nothing left to keep.", act)
    _require_sayable(row, reason, (), 0)
    step = Erase(act, REFUSED, reason, asked.parts)
    signed = _say(node, row.dossier, step, by, then)
    return Erased(signed, REFUSED, act, reason, asked.parts)


def words(dossier: Dossier, state: State, act: Id) -> list[Word]:
    """Return what was said about erasing an act, its author first, by party; [] if nothing.

    Where its author asked, whoever was given the act and has not answered is silent.
    """
    said = words_of(state, act)
    placed = dossier.graph.nodes[act]
    author = placed.header.party
    asked = author in said and said[author].stage == ASKED
    holders = dossier.members.of(placed) - {author} if asked else frozenset[PartyId]()
    others = sorted((holders | said.keys()) - {author})
    first = [said[author]] if author in said else []
    return [*first, *(said.get(party) or Word(party, SILENT) for party in others)]


def words_of(state: State, act: Id) -> dict[PartyId, Word]:
    """Return each party's word; of two that did not know of each other the one that erases.

    ``state`` is that of ``dossiers.shown``: what its own documents disown is no party's word.
    """
    found: dict[PartyId, Word] = {}
    for entry in state.entries("erased", act):
        value = cast("dict[str, object]", entry.value)
        parts = tuple(cast("list[int]", value.get("parts", [])))
        word = Word(entry.author, str(value["stage"]), str(value["reason"]), parts)
        if entry.author not in found or word.stage != REFUSED:
            found[entry.author] = word
    return found


def withdrawn(dossier: Dossier, state: State, act: Id) -> frozenset[int]:
    """Return the parts of an act that its own author erased: who asks others to has done so.

    Nobody passes them on, whoever holds them still, and nobody lacks them.
    """
    placed = dossier.graph.nodes[act]
    header, source = placed.header, translations.source(dossier, placed)
    # The words of a translation are those of the original: they go with its part 0.
    if source is not placed and 0 in withdrawn(dossier, state, source.id):
        return frozenset(range(header.content.parts))
    word = words_of(state, act).get(header.party)
    if word is None or word.stage == REFUSED:
        return frozenset()
    return frozenset(word.parts or range(header.content.parts))


def _is_said(node: Node, dossier: Dossier, step: Erase) -> bool:
    me = node.me
    said = words_of(dossiers.shown(node, dossier), step.act).get(me)
    return said == Word(me, step.stage, step.reason, step.parts)


def _erase_words(
    node: Node, dossier: Id, act: Id, *, reason: str, parts: Sequence[int] = ()
) -> None:
    """Erase parts of an act here and, with its words, every translation of them."""
    erase(node, act, reason=reason, parts=parts)
    if not parts or 0 in parts:
        for each in [*translations.of_act(dossiers.load(node, dossier), act)]:
            erase(node, each, reason=reason)


def erase(node: Node, act: Id, *, reason: str, parts: Sequence[int] = ()) -> None:
    """Remove data, salts and text of an act's parts here, all of them by default.

    Leaves stay, so that proofs go on verifying. Doing it twice is once. The files go after the
    commit: a crash in between leaves files that no part names, and doing it again removes them.
    Blobs it was sent in are served no more, and a mailbox host is told to drop them; what is left
    is sent in others, under other keys.
    """
    drafts: list[DraftRow] = []
    with writing(node.db):
        # Blobs that are being made of it are committed before, and found here, or never.
        lock(node.db, "spool")
        held = [row for row in access.parts(node.db, act) if not parts or row.idx in parts]
        made = [row.hash for row in access_blobs.out_blobs(node.db, act)]
        under_way = access_blobs.announced_blobs(node.db, act)
        append.insert_erasure(node.db, act=act, parts=parts, reason=reason, now=node.now())
        with counting(node.db, act):
            for row in held:
                append.erase_part(node.db, act, row.idx)
            shelving.forget_parts(node, act, [*parts] or None)
            blobs.delete_in_blobs(node.db, act)
        blobs.mark_gone(node.db, made)
        if not parts or 0 in parts:
            append.delete_text(node.db, act)
            append.forget_title(node.db, act)
            guests.forget(node.db, act, node.now())
            memos.forget(node.db, act)
            drafts = forgetting.forget(node, act)
    for row in held:
        (node.parts / part_path(row.leaf)).unlink(missing_ok=True)
    for name in (*made, *(access_blobs.incoming(act, hash_) for hash_ in under_way)):
        (node.spool / name).unlink(missing_ok=True)
    for draft in drafts:
        forgetting.clear(node, draft)


def apply_again(node: Node) -> int:
    """Apply what this party erased, to what a backup or a peer brought back.

    Known from the list of erasures, of which those are looked at that something is held of, and
    from this party's own acts of kind erase, which peers give back after a restore: of these the
    ones that came since this was asked last, and all of them once its documents changed, for they
    say what it disowns. Returns how many had to be applied again.
    """
    done, newest = _cursor(node), access.newest_act(node.db)
    wanted = {Id(act): (parts, reason) for act, parts, reason in access.erasures_undone(node.db)}
    for act, step in _own_steps(node, 0 if done is None else done).items():
        if step.stage != REFUSED:
            before, _ = wanted.get(act, (step.parts, ""))
            parts = sorted({*before, *step.parts}) if before and step.parts else []
            wanted[act] = (parts, step.reason)
    again = 0
    for act, (parts, reason) in wanted.items():
        held = access.part_sizes(node.db, act)
        if any(there for idx, _, there in held if not parts or idx in parts):
            _erase_words(node, Id(_row(node, act).dossier), act, reason=reason, parts=parts)
            again += 1
    if again:
        compact.compact(node.db)
    if done is None or newest > done:
        with writing(node.db):
            append.set_cursor(node.db, _cursor_name(node), newest)
    return again


def _cursor_name(node: Node) -> str:
    """Return the name under which it is kept up to which act own words were looked at, under the
    documents in force.
    """
    return f"erased-{own_view(node).id}"


def _cursor(node: Node) -> int | None:
    return access.round_at(node.db, _cursor_name(node))


def _own_steps(node: Node, after: int) -> dict[Id, Erase]:
    """Return this party's newest word on erasing, by the act it is about, of what came after the
    act numbered ``after`` and its documents stand behind.
    """
    rows, latest = access.acts_of_kind(node.db, "erase", node.me, after), own_view(node)
    said = (dossiers.stored_act(node, row) for row in rows)
    steps = (kinds.read_body(a.header) for a in said if not dossiers.disowns(node, latest, a))
    return {step.act: step for step in steps if isinstance(step, Erase)}
