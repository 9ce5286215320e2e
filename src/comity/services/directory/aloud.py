"""Reading a key aloud with another party, step by step: which act comes next, and the digits.

The number that a party commits to stands in the content of its own act, which goes to nobody: so it
outlasts a session, a restart and a change of person, and nothing has to be typed. Each step is one
press by a person whose mandate lets the person sign it alone: two people wait on the telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.protocols.trust.keys import PROTOCOL
from comity.protocols.trust.keys.acts import (
    AnswerWords,
    CommitWords,
    Heard,
    RevealWords,
    ShowKey,
)
from comity.protocols.trust.keys.chain import is_revoked, key_of, reading_of
from comity.protocols.trust.keys.codes import HEARD
from comity.protocols.trust.keys.rules import HIDDEN
from comity.protocols.trust.keys.words import NONCE, Side, commitment, short_string
from comity.services.casework import content, dossiers, issue
from comity.services.casework.issue import Draft
from comity.services.people import audit
from comity.services.people.mandates import Hand

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.declare import Coded
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.graph import Past
    from comity.services.casework.desk import Desk
    from comity.services.directory.keys import PublicKey
    from comity.store.access.acts import DossierRow

ANSWER, REVEAL, HEAR = "answer", "reveal", "hear"
WAIT, DONE, DIFFERED, ENDED = "wait", "done", "differed", "ended"
"""What comes next: this party answers, tells its number, or says what it heard; it waits for the
other; or it is over: both heard the same, somebody heard different digits, or the key was revoked.
"""
OVER = frozenset({DONE, DIFFERED, ENDED})
READING = (CommitWords, AnswerWords, RevealWords, Heard)
STEPS = frozenset(each.KIND.kind for each in READING)
"""The kinds of acts by which a key is read aloud; also what is owed of it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of a key stands, that the act ``id`` began in a ``dossier`` at ``at`` ms.

    The key of ``holder`` of the party ``party``, called ``name``, with its ``fingerprint``, shown
    last by ``key``. ``other`` is the party that this one reads with, called ``with_``; ``begun``
    whether this one began. ``step`` is what comes next, ``digits`` what both read, once they are
    known; ``said`` and ``theirs`` are what this party and the other said that they heard.
    """

    id: str
    dossier: str
    at: int
    key: str
    party: str
    name: str
    holder: str
    fingerprint: str
    other: str
    with_: str
    begun: bool
    step: str
    digits: str
    said: str
    theirs: str


def of_desk(desk: Desk, key: PublicKey) -> tuple[Reading, ...]:
    """Return the readings of a key in which this party takes part, newest first."""
    row = desk.dossier(key.dossier)
    with desk.node.lock:
        past = dossiers.load(desk.node, row.id).now()
        about = key_of(_shown(past, key.act), past)
        begun = (n for n in past.all(CommitWords.KIND.kind) if key_of(n, past) == about)
        found = [_reading(desk, row, past, node) for node in begun if _is_ours(desk, node, past)]
    return tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True))


def of_act(desk: Desk, act: str) -> Reading:
    """Return the reading that an act of it belongs to: of which this party is one of the two.

    Raises Refusal S3.
    """
    found = desk.act(act)
    row = desk.dossier(found.dossier)
    with desk.node.lock:
        past = dossiers.load(desk.node, row.id).now()
        node = None if row.protocol != PROTOCOL.name else past.effective(act, *STEPS)
        if node is None or not _is_ours(desk, node, past):
            raise Refusal("S3", "There is no such reading here.", act)
        return _reading(desk, row, past, reading_of(node, past).commit)


def waiting(desk: Desk) -> tuple[Reading, ...]:
    """Return the readings in which a step of this party comes next, the one begun last first."""
    owed = [each for each in desk.owed() if desk.is_mine(each)]
    acts = [o.duty.act for o in owed if o.row.protocol == PROTOCOL.name and o.duty.what in STEPS]
    found = [of_act(desk, act) for act in acts]
    return tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True))


def partners(desk: Desk, key: PublicKey) -> list[tuple[str, str]]:
    """Return with whom this party may read a key aloud, by id, with what each is called."""
    if not key.own:
        return [(key.party, key.name)]
    with desk.node.lock:
        members = dossiers.load(desk.node, key.dossier).members.now()
    named = [(str(party), desk.name(party)) for party in members - {desk.node.me}]
    return sorted(named, key=lambda item: item[1].casefold())


def may(desk: Desk, key: PublicKey) -> bool:
    """Say whether the person at a desk may begin to read a key aloud, and go on with it."""
    row = desk.dossier(key.dossier)
    hands = [desk.under(row, each.KIND.kind) for each in READING]
    alone = all(under is not None and under[1] is Hand.ALONE for under in hands)
    return alone and row.state == dossiers.ACTIVE


def _shown(past: Past, act: str) -> GraphNode:
    node = past.effective(act, ShowKey.KIND.kind)
    if node is None:
        raise Refusal("S3", "There is no such key here.", act)
    return node


def _is_ours(desk: Desk, node: GraphNode, past: Past) -> bool:
    reading = reading_of(node, past)
    return desk.node.me in {reading.first, reading.second}


def _reading(desk: Desk, row: DossierRow, past: Past, commit: GraphNode) -> Reading:
    reading, me = reading_of(commit, past), desk.node.me
    begun = reading.first == me
    other = reading.second if begun else reading.first
    shown = ShowKey.checked(reading.shown.header)
    told = _told(past, commit)
    words = {} if told is None else _words(past, told)
    owner = reading.shown.header.party
    return Reading(
        id=commit.id,
        dossier=row.id,
        at=commit.header.time,
        key=_last(past, reading.shown),
        party=owner,
        name=desk.name(owner),
        holder=shown.holder,
        fingerprint=shown.fingerprint,
        other=other,
        with_=desk.name(other),
        begun=begun,
        step=_step(past, commit, words, me),
        digits="" if told is None else digits(past, told),
        said=words.get(me, ""),
        theirs=words.get(other, ""),
    )


def _last(past: Past, shown: GraphNode) -> Id:
    """Return the act that showed a key last, of those that came here."""
    key = key_of(shown, past)
    again = (n for n in past.all(ShowKey.KIND.kind, key.party) if key_of(n, past) == key)
    return max(again, key=lambda node: node.index).id


def _step(past: Past, commit: GraphNode, words: dict[PartyId, str], me: PartyId) -> str:
    """Return what comes next for this party."""
    if "different" in words.values():
        return DIFFERED
    if len(words) > 1:
        return DONE
    if is_revoked(key_of(commit, past), past):
        return ENDED
    if _told(past, commit) is not None:
        return WAIT if me in words else HEAR
    answered, begun = _answer(past, commit) is not None, commit.header.party == me
    return WAIT if answered != begun else (REVEAL if begun else ANSWER)


def _answer(past: Past, commit: GraphNode) -> GraphNode | None:
    return _citing(past, AnswerWords, commit)


def _told(past: Past, commit: GraphNode) -> GraphNode | None:
    """Return the act that told the number committed to, if there is one."""
    told = past.all(RevealWords.KIND.kind)
    return next((n for n in told if reading_of(n, past).commit.id == commit.id), None)


def _citing(past: Past, kind: type[Coded], cited: GraphNode) -> GraphNode | None:
    return next((n for n in past.all(kind.KIND.kind) if cited.id in n.header.refs), None)


def _words(past: Past, told: GraphNode) -> dict[PartyId, str]:
    heard = [n for n in past.all(Heard.KIND.kind) if told.id in n.header.refs]
    return {n.header.party: Heard.checked(n.header).word for n in heard}


def digits(past: Past, told: GraphNode) -> str:
    """Return the digits that both read aloud, once the act ``told`` the number committed to."""
    reading = reading_of(told, past)
    (ref,) = told.header.refs
    answer = past.effective(ref, AnswerWords.KIND.kind)
    if answer is None:
        raise AssertionError(ref)  # What has effect cites one that has.
    first = Side(reading.first, reading.commit.header.doc, RevealWords.checked(told.header).nonce)
    second = Side(reading.second, answer.header.doc, AnswerWords.checked(answer.header).nonce)
    return short_string(reading.commit.id, first, second, key_of(told, past).fingerprint)


# Saying


def begin(desk: Desk, key: PublicKey, to: str = "", holder: str = "") -> str:
    """Choose a number and commit to it, to read a key aloud with ``to``, or with whose key it is;
    return the act. ``holder`` is the handle of who does it.

    Raises Refusal S4 when nobody is named, S10, or as ``issue.issue``.
    """
    node = desk.node
    other = PartyId(to or ("" if key.own else key.party))
    if not other:
        raise Refusal("S4", "Say with which party to read it aloud.", "to")
    number = node.ports.random.bytes(NONCE).hex()
    hidden = commitment(node.me, other, Id(key.act), number)
    act = CommitWords(to=other, commitment=hidden, holder=holder or None)
    prepared = content.prepare_fields(node, {"nonce": number})
    draft = Draft(act.KIND.kind, act.to_body() | {"audience": [*HIDDEN]}, prepared, (Id(key.act),))
    return _say(desk, desk.dossier(key.dossier), draft)


def go_on(desk: Desk, reading: Reading, holder: str = "") -> str:
    """Do the next step that needs no choice: give this party's number, or tell it.

    Raises Refusal S4 when another step comes next, S10, or as ``issue.issue``.
    """
    row = desk.dossier(reading.dossier)
    if reading.step == ANSWER:
        number = desk.node.ports.random.bytes(NONCE).hex()
        return _speak(desk, row, AnswerWords(nonce=number, holder=holder or None), reading.id)
    if reading.step == REVEAL:
        with desk.node.lock:
            past = dossiers.load(desk.node, row.id).now()
            commit = past.effective(reading.id, CommitWords.KIND.kind)
            answer = None if commit is None else _answer(past, commit)
        if commit is None or answer is None:
            raise AssertionError(reading.id)  # The step says that both are here.
        return _speak(desk, row, RevealWords(nonce=_number(desk, commit)), answer.id)
    raise Refusal("S4", "Nothing is to be told now; look at what comes next.", reading.id)


def hear(desk: Desk, reading: Reading, word: str) -> str:
    """Say what this party heard, ``same`` or ``different``, and return the act.

    Raises Refusal S4 when it is not yet known what to read, S10, or as ``issue.issue``.
    """
    if word not in HEARD:
        told = Phrase("Say what you heard: {words}.", words=", ".join(HEARD))
        raise Refusal("S4", told, "word")
    row = desk.dossier(reading.dossier)
    with desk.node.lock:
        past = dossiers.load(desk.node, row.id).now()
        commit = past.effective(reading.id, CommitWords.KIND.kind)
        told_by = None if commit is None else _told(past, commit)
    if told_by is None:
        raise Refusal("S4", "Both numbers have to be told first.", reading.id)
    return _speak(desk, row, Heard(word=word), told_by.id)


def _number(desk: Desk, commit: GraphNode) -> str:
    """Return the number that this party committed to."""
    held = content.read_manifest(desk.node, commit.id, commit.header.content)
    number = None if held is None else held.fields.get("nonce")
    if not isinstance(number, str):
        told = "The number that you committed to is not here any more; begin again."
        raise Refusal("S4", told, commit.id)
    return number


def _speak(desk: Desk, row: DossierRow, act: Coded, cites: str) -> str:
    return _say(desk, row, Draft(act.KIND.kind, act.to_body(), None, (Id(cites),)))


def _say(desk: Desk, row: DossierRow, draft: Draft) -> str:
    """Sign a step for the party, under a mandate that needs no second person."""
    node, actor = desk.node, desk.actor
    under = desk.under(row, draft.kind)
    if under is None or under[1] is not Hand.ALONE:
        told = "Your mandates do not let you sign this alone; ask who may to read it aloud."
        raise Refusal("S10", told, draft.kind)
    by: Object = {"by": {"role": under[0].code}} if actor.id else {}

    def then(act: Id) -> None:
        if actor.id:
            audit.note(node, actor, "read_aloud", row.id, detail={"act": act, "kind": draft.kind})

    said = Draft(draft.kind, draft.body | by, draft.content, draft.refs)
    return issue.issue(node, dossier_id=row.id, draft=said, then=then)
