"""A dossier as people and programs are shown it: state, members, duties, timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from comity.kernel import kinds
from comity.kernel.content import STIX
from comity.kernel.errors import Refusal
from comity.kernel.ids import host_of
from comity.services.casework import (
    content,
    dossiers,
    erasure,
    missing,
    telling,
    tongues,
    translations,
)
from comity.services.casework.kernelkinds import REASONS, TRANSLATION
from comity.services.casework.ladder import Ladder, Ladders
from comity.services.casework.replies import Replies
from comity.services.casework.translations import Translations
from comity.services.proof.standing import ActStanding, Standings
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.kernel.act import Act, Header
    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.services.casework.telling import Telling
    from comity.services.node import Node
    from comity.store.access.acts import ActRow, DossierRow, DutyRow, PartHeld


Coded: TypeAlias = dict[str, Any]
"""What was coded or written, by field: JSON values, as they are held."""
TIME_AHEAD = 10 * 60 * 1000
"""An act that claims a time further ahead than this, in ms, is shown so; it decides nothing."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of an act: its place in the manifest, and whether all its parts are ``held``."""

    name: str
    type: str
    size: int
    held: bool


@dataclass(frozen=True, slots=True)
class ReplyView:
    """One word on an act: its ``speaker``, a party or a guest of one, called ``name``; its
    ``kind``, acknowledge or answer, and ``words`` for it; ``act`` says it, at ``time``.
    """

    speaker: str
    name: str
    kind: str
    words: str
    act: str
    time: int


@dataclass(frozen=True, slots=True)
class VoidView:
    """Why an act has no effect: the ``rule``, and the ``reason`` in words."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class ErasingView:
    """What a ``party``, called ``name``, said about erasing an act's content: how far it is, and
    why, in words.
    """

    party: str
    name: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A translation of an act into ``lang``, ``called`` official, unofficial or machine: ``mark``
    says so in words, and which ``party`` gives it, known by ``name``. ``act`` says it, at ``time``,
    under ``tlp`` and ``pap``, with a ``footing``; ``narrowed`` to some of the members. ``fields``
    are its words, as far as they are here: ``content`` says what may still come.
    """

    act: str
    called: str
    party: str
    name: str
    mark: str
    lang: str
    time: int
    tlp: str
    pap: str
    footing: str
    narrowed: bool
    content: missing.Content
    fields: Coded

    def is_as_far(self, act: ActView) -> bool:
        """Say whether it goes as far as the act itself, and counts for as much."""
        own = (self.tlp, self.pap, self.footing, self.narrowed)
        return own == (act.tlp, act.pap, act.footing, False)


@dataclass(frozen=True, slots=True)
class ActView:
    """One act of the timeline.

    ``caption`` tells it without its content; of a record, ``recorded`` is the kind of what the
    ``guest`` of the party did. ``ahead`` says that its ``time`` was still to come, by this node's
    clock, when it was ``received_at``. It ``follows`` acts, its author's own first, and cites
    ``refs``. ``body`` are its coded fields; ``fields`` what a person wrote, empty when it is not
    ``held``; ``content`` says what there is of it here, and what may still come; ``objects`` how
    many parts a batch of objects has. ``void`` is set when it has no effect. ``standing`` says how
    strong the evidence for it is, as far as this node has verified it, and whether it has looked at
    all. ``erasing`` is what parties said about erasing its content; its author ``asks`` this party
    for it and has no answer. ``ladder`` is of own acts only; ``replies`` are what parties and
    guests said to it, in the order it came here. ``lang`` is the language of its words, "" where
    nobody said; ``translations`` those of it that stand, official ones first. An act that is
    ``hidden`` is in a lane that the reader does not read: that it is there is all that is told.
    """

    id: str
    dossier: str
    kind: str
    caption: str
    party: str
    name: str
    guest: str
    recorded: str
    time: int
    received_at: int
    ahead: bool
    tlp: str
    pap: str
    footing: str
    body: Coded
    follows: tuple[str, ...]
    refs: tuple[str, ...]
    held: bool
    content: missing.Content
    fields: Coded
    files: tuple[FileView, ...]
    objects: int
    void: VoidView | None
    standing: ActStanding
    erasing: tuple[ErasingView, ...]
    asks: bool
    ladder: tuple[Ladder, ...]
    replies: tuple[ReplyView, ...]
    lang: str
    translations: tuple[TranslationView, ...]
    hidden: bool = False

    def translated(self, reader: str) -> TranslationView | None:
        """Return the translation for who reads the language ``reader``, and the words in it; None
        where there is none here, or the act itself is in that language.
        """
        # Where nobody said in which language an author wrote, nobody else's words go before.
        if not self.lang or tongues.reads(reader, self.lang):
            return None
        able = (each for each in self.translations if each.fields)
        return next((each for each in able if tongues.reads(reader, each.lang)), None)


@dataclass(frozen=True, slots=True)
class DossierView:
    """A dossier: its row, words for it, members as (party, name, state), duties, and acts.

    ``waiting`` counts acts that arrived and wait for earlier ones; ``names`` are those of parties.
    """

    row: DossierRow
    title: str
    status: str
    members: tuple[tuple[str, str, str], ...]
    duties: tuple[tuple[DutyRow, str], ...]
    acts: tuple[ActView, ...]
    waiting: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a dossier's timeline: ``most`` acts, the last of those below index ``before``."""

    before: int
    most: int


def dossier(
    node: Node, dossier_id: str, cut: Cut | None = None, told: Telling | None = None
) -> DossierView:
    """Return a dossier as this node holds it, whole or not, with all its acts or a ``cut`` of them,
    ``told`` in the language of who reads, by default in English.

    Raises Refusal S3.
    """
    row = access.dossier(node.db, dossier_id)
    if row is None:
        raise Refusal("S3", "There is no such dossier here.", dossier_id)
    told = told or telling.of(node, row)
    loaded = _loaded(node, dossier_id)
    acts: tuple[ActView, ...] = ()
    if loaded is not None:
        rows = [*_rows(node, dossier_id, cut)]
        page = _page(node, told, loaded, rows)
        acts = tuple(_act(page, act) for act in rows)
    return DossierView(
        row=row,
        title=told.title(row),
        status=told.status(row),
        members=tuple(
            (party, told.party(party), state)
            for party, state in access.members(node.db, dossier_id)
        ),
        duties=tuple(
            (duty, told.duty(duty)) for duty in access.duties(node.db, dossier_id=dossier_id)
        ),
        acts=acts,
        waiting=len(access.pending(node.db, dossier_id)),
        names=dict[str, str](told.names.items()),
    )


def _rows(node: Node, dossier_id: str, cut: Cut | None) -> Iterable[ActRow]:
    if cut is None:
        return access.acts_of(node.db, dossier_id)
    return access.acts_before(node.db, dossier_id, cut.before, cut.most)


def _loaded(node: Node, dossier_id: str) -> Dossier | None:
    try:
        return dossiers.load(node, dossier_id)
    except Refusal as refusal:
        if refusal.rule == "S8":
            return None
        raise


def act(node: Node, act_id: str, told: Telling | None = None) -> ActView:
    """Return one act, told as ``dossier`` does. Raises Refusal S3 or S8."""
    row = access.act(node.db, act_id)
    if row is None:
        raise Refusal("S3", "There is no such message here.", act_id)
    head = access.dossier(node.db, row.dossier)
    if head is None:
        raise AssertionError(act_id)
    loaded = dossiers.load(node, row.dossier)
    return _act(_page(node, told or telling.of(node, head), loaded, [row]), row)


def some(node: Node, dossier_id: str, ids: Sequence[str], told: Telling) -> list[ActView]:
    """Return some acts of a dossier, of those that are here, at the cost of reading it once.

    Raises Refusal S8.
    """
    rows = [row for row in access.acts_among(node.db, ids).values() if row.dossier == dossier_id]
    page = _page(node, told, dossiers.load(node, dossier_id), rows)
    return [_act(page, row) for row in rows]


class _Page(NamedTuple):
    """What the acts of one dossier are shown with; ``state`` and ``replies`` are without
    what is disowned.
    """

    node: Node
    told: Telling
    dossier: Dossier
    state: State
    standings: Standings
    replies: Replies
    ladders: Ladders
    stored: _Stored
    translations: Translations
    translated: Mapping[str, ActRow]


class _Stored(NamedTuple):
    """What is stored of the content of acts, by act: first part, sizes of all, what was erased."""

    first: Mapping[str, PartHeld]
    sizes: Mapping[str, Sequence[tuple[int, int, bool]]]
    erased: Collection[str]


def _page(node: Node, told: Telling, loaded: Dossier, rows: Sequence[ActRow]) -> _Page:
    own = [row.id for row in rows if row.party == node.me]
    with node.lock:
        gone = dossiers.disowned(node, loaded)
        state, standings = loaded.state_without(gone), Standings(node, loaded)
        replies = Replies(loaded, gone)
    standing = Translations(state)
    given = [each.act for row in rows for each in standing.of(row.id)]
    ids = [*(row.id for row in rows), *given]
    stored = _Stored(
        access.first_parts(node.db, ids),
        access.part_sizes_among(node.db, ids),
        access.erased_among(node.db, ids),
    )
    ladders = Ladders(node, replies, own)
    return _Page(
        node,
        told,
        loaded,
        state,
        standings,
        replies,
        ladders,
        stored,
        standing,
        access.acts_among(node.db, given),
    )


def _act(page: _Page, row: ActRow) -> ActView:
    node, told, dossier = page.node, page.told, page.dossier
    stored = dossiers.stored_act(node, row)
    header = stored.header
    said = kinds.said(header)
    fields, files, objects, lang = _content(page, stored)
    words = erasure.words(dossier, page.state, stored.id)
    return ActView(
        id=row.id,
        dossier=row.dossier,
        kind=row.kind,
        caption=told.act(stored),
        party=row.party,
        name=told.party(row.party),
        guest=host_of(said.party)[1],
        recorded=said.kind if said is not header else "",
        time=row.time,
        received_at=row.received_at,
        ahead=row.time - row.received_at > TIME_AHEAD,
        tlp=header.tlp.value,
        pap="" if header.pap is None else header.pap.value,
        footing=_footing(page, header),
        body=header.body,
        follows=(*((header.prev,) if header.prev else ()), *header.parents),
        refs=header.refs,
        held=row.whole,
        content=missing.state_of(node, dossier, row, erased=row.id in page.stored.erased),
        fields=fields,
        files=files,
        objects=objects,
        void=VoidView(row.void_rule, row.void_reason) if row.void_rule else None,
        standing=page.standings.of(stored.id),
        erasing=tuple(
            ErasingView(word.party, told.party(word.party), word.stage, _reason(word))
            for word in words
        ),
        asks=any(word.party == node.me and word.stage == erasure.SILENT for word in words),
        ladder=page.ladders.of(row) if row.party == node.me else (),
        replies=_replies(page, row.id),
        lang=lang,
        translations=tuple(_translations(page, row.id)),
    )


def _footing(page: _Page, header: Header) -> str:
    footing = header.footing or page.dossier.graph.charter.header.footing
    return "" if footing is None else footing.value


def _translations(page: _Page, act: str) -> Iterator[TranslationView]:
    node, told = page.node, page.told
    for each in page.translations.of(act):
        row, name = page.translated[each.act], told.party(each.party)
        stored = dossiers.stored_act(node, row)
        yield TranslationView(
            act=each.act,
            called=each.as_,
            party=each.party,
            name=name,
            mark=translations.mark(each.as_, name, told.tongue.say),
            lang=each.lang,
            time=row.time,
            tlp=stored.header.tlp.value,
            pap="" if stored.header.pap is None else stored.header.pap.value,
            footing=_footing(page, stored.header),
            narrowed="audience" in stored.header.body,
            content=missing.state_of(node, page.dossier, row, erased=row.id in page.stored.erased),
            fields=_content(page, stored).fields,
        )


def _replies(page: _Page, act: str) -> tuple[ReplyView, ...]:
    told, nodes = page.told, page.dossier.graph.nodes
    return tuple(
        ReplyView(
            speaker=each.speaker,
            name=told.party(each.speaker),
            kind=each.kind,
            words=told.line(each.act, nodes[each.act].header),
            act=each.act,
            time=each.time,
        )
        for said in page.replies.to(act).values()
        for each in said
    )


def _reason(word: erasure.Word) -> str:
    """Return the reason of a word on erasing, with the parts it is about."""
    told = REASONS.get(word.reason, "")
    return f"{told}; parts {', '.join(map(str, word.parts))}" if word.parts else told


class _Content(NamedTuple):
    """What a person wrote, the files, the number of objects, and the language of the words."""

    fields: Object
    files: tuple[FileView, ...]
    objects: int
    lang: str


def _content(page: _Page, act: Act) -> _Content:
    """Return the content of an act, as far as it is held."""
    commitment = act.header.content
    if commitment.type == STIX:
        return _Content({}, (), commitment.parts, "")
    try:
        listed = content.manifest_in(page.node, page.stored.first.get(act.id), commitment)
    except Refusal:
        listed = None  # What others wrote need not have the form it should.
    if listed is None:
        return _Content({}, (), 0, "")
    held = {idx for idx, _, is_held in page.stored.sizes[act.id] if is_held}
    files = tuple(
        FileView(f.name, f.type, f.size, held >= set(range(f.first, f.first + f.parts)))
        for f in listed.files
    )
    # Of a translation everybody sees the language, and what is signed for all counts.
    told = act.header.body.get("lang") if act.header.kind == TRANSLATION.kind else None
    return _Content(listed.fields, files, 0, str(told or listed.lang))
