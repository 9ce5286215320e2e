"""The guards of keys, numbered as in SPEC.md. Each raises Void: the act has no effect.

What was revoked is revoked for who had seen it: a guard asks what the author of an act knew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.audience import PartRange, Reach
from comity.kernel.errors import Void
from comity.protocols.trust.keys.acts import (
    AcknowledgeRevocation,
    AnswerWords,
    CommitWords,
    Heard,
    RevealWords,
    RevokeKey,
    ShowKey,
    Verify,
    read,
)
from comity.protocols.trust.keys.chain import chain, is_revoked, key_of, reading_of, shown_for
from comity.protocols.trust.keys.codes import K3, LENGTHS
from comity.protocols.trust.keys.words import commitment

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "A fingerprint has as many digits as its kind of key gives.",
    "D2": "A key that was revoked is not shown, verified or read aloud any more.",
    "D3": "A key is verified by another party than whose it is, and read aloud between the two.",
    "D4": "Witnesses are third parties, of a comparison in person.",
    "D5": "Nobody verifies as the holder of a key that was revoked.",
    "D6": "The number that is committed to stays with its author.",
    "D7": "Who is asked to read aloud answers with a number, once.",
    "D8": "The number told is the one committed to; who committed to it tells it once.",
    "D9": "Each of the two says once what it heard.",
    "D10": "A key is revoked by the party that showed it.",
    "D11": "A revocation is acknowledged by the others.",
}
READING = (CommitWords, AnswerWords, RevealWords, Heard)
"""What belongs to reading a key aloud."""
HIDDEN = [PartRange(0, 0, Reach.AUTHOR).to_object()]
"""The audience of a commitment's content: its author alone."""


def require_length(node: Node, _past: Past) -> None:
    """D1: a fingerprint has as many digits as its kind of key gives."""
    act = read(node.header)
    if isinstance(act, ShowKey) and len(act.fingerprint) != LENGTHS[act.algorithm]:
        raise Void("D1", "The fingerprint is too short or too long for this kind; write all of it.")


def require_standing(node: Node, past: Past) -> None:
    """D2: a key that was revoked is not shown, verified or read aloud any more."""
    about = isinstance(read(node.header), (ShowKey, Verify, *READING))
    if about and is_revoked(key_of(node, past), past):
        raise Void("D2", "This key was revoked; show another key, or ask the party for one.")


def require_between(node: Node, past: Past) -> None:
    """D3: a key is verified by another party than whose it is, and read aloud between the two."""
    act, author = read(node.header), node.header.party
    if not isinstance(act, Verify | CommitWords):
        return
    owner = key_of(node, past).party
    if isinstance(act, Verify) and author == owner:
        raise Void("D3", "The key is your own; another party says how it knows it.")
    if isinstance(act, CommitWords):
        if (author == owner) == (act.to == owner):
            raise Void("D3", "A key is read aloud by whose it is and one other; name that party.")
        if act.to not in past.members:
            raise Void("D3", "The party to read it aloud with is no member here; name one.")


def require_witnesses(node: Node, past: Past) -> None:
    """D4: witnesses are third parties, of a comparison in person."""
    act = read(node.header)
    if isinstance(act, Verify) and act.witnesses is not None:
        if act.level != K3:
            raise Void("D4", "Nobody stands by unless you meet in person; leave witnesses out.")
        if not {node.header.party, key_of(node, past).party}.isdisjoint(act.witnesses):
            raise Void("D4", "A witness is neither of the two parties; name others, or nobody.")


def require_holder(node: Node, past: Past) -> None:
    """D5: nobody verifies as the holder of a key that was revoked.

    Unless a key stands that the party shows for the same holder. Who reads aloud is who was named
    when beginning, or answering.
    """
    author = node.header.party
    if not isinstance(read(node.header), (Verify, *READING)):
        return
    said = (read(n.header) for n in chain(node, past) if n.header.party == author)
    named = [act.holder for act in said if isinstance(act, Verify | CommitWords | AnswerWords)]
    for holder in filter(None, named):
        keys = shown_for(holder, author, past)
        if keys and all(is_revoked(key, past) for key in keys):
            raise Void("D5", "The key of this holder was revoked; show its new key first.")


def require_hidden(node: Node, _past: Past) -> None:
    """D6: the number that is committed to stays with its author."""
    committed = isinstance(read(node.header), CommitWords)
    if committed and node.header.body.get("audience") != HIDDEN:
        raise Void(
            "D6", "The number would go to others; begin on the page of keys, which hides it."
        )


def require_answer(node: Node, past: Past) -> None:
    """D7: who is asked to read aloud answers with a number, once.

    So it is given before the other is told: telling it cites an answer.
    """
    if isinstance(read(node.header), AnswerWords):
        author, (commit,) = node.header.party, node.header.refs
        if author != reading_of(node, past).second:
            raise Void("D7", "Another party was asked to read this aloud; begin with it yourself.")
        if any(commit in n.header.refs for n in past.all(node.header.kind, author)):
            raise Void("D7", "Your party gave its number before; let the other tell its own.")


def require_committed(node: Node, past: Past) -> None:
    """D8: the number told is the one committed to; who committed to it tells it once."""
    act = read(node.header)
    if not isinstance(act, RevealWords):
        return
    author, reading = node.header.party, reading_of(node, past)
    if author != reading.first:
        raise Void("D8", "Another party committed to a number; wait until it tells its own.")
    promised = CommitWords.checked(reading.commit.header).commitment
    if commitment(author, reading.second, reading.shown.id, act.nonce) != promised:
        raise Void("D8", "This is not the number that was committed to; begin again.")
    told = past.all(node.header.kind, author)
    if any(reading_of(n, past).commit.id == reading.commit.id for n in told):
        raise Void("D8", "Your party told its number before; say what you heard, or begin again.")


def require_heard_once(node: Node, past: Past) -> None:
    """D9: each of the two says once what it heard."""
    if isinstance(read(node.header), Heard):
        author, reading = node.header.party, reading_of(node, past)
        if author not in {reading.first, reading.second}:
            raise Void("D9", "This was read aloud by two other parties; begin with one yourself.")
        said = past.all(node.header.kind, author)
        if any(n.header.refs == node.header.refs for n in said):
            raise Void("D9", "Your party said before what it heard; begin again to read once more.")


def require_owner(node: Node, past: Past) -> None:
    """D10: a key is revoked by the party that showed it."""
    revoked = isinstance(read(node.header), RevokeKey)
    if revoked and key_of(node, past).party != node.header.party:
        raise Void("D10", "The key is another party's; say that you no longer rely on it: K0.")


def require_of_others(node: Node, past: Past) -> None:
    """D11: a revocation is acknowledged by the others."""
    if isinstance(read(node.header), AcknowledgeRevocation):
        cited = map(past.find, node.header.refs)
        if any(act is not None and act.header.party == node.header.party for act in cited):
            raise Void("D11", "A revocation cited is your own; acknowledge those of others.")


GUARDS = (
    require_length,
    require_standing,
    require_between,
    require_witnesses,
    require_holder,
    require_hidden,
    require_answer,
    require_committed,
    require_heard_once,
    require_owner,
    require_of_others,
)
