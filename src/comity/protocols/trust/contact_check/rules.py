"""The guards of a contact check, numbered as in SPEC.md. Each raises Void: no effect."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.kernel.kinds import read_charter
from comity.protocols._vocabulary.contacts import NODE
from comity.protocols.trust.contact_check.acts import (
    Answer,
    Close,
    Open,
    Probe,
    Remind,
    Result,
    asked_of,
    read,
)
from comity.protocols.trust.contact_check.codes import HALF, MACHINE, NINETY, SILENT

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "A check is of one other party, or of one seat without a node.",
    "D2": "Who opened it asks, reminds, says what came of it, and closes.",
    "D3": "Who opened it answers nothing in its own name.",
    "D4": "An answer is due after it is asked for.",
    "D5": "A probe is of no higher level than the check, and a node is asked where there is one.",
    "D6": "What is still right or done is said by who is the right contact, and each field once.",
    "D7": "Where digits were told, the answer says them.",
    "D8": "Each reminder goes out once, in its time, and none after an answer.",
    "D9": "Silence is said when the time has passed, and nobody has answered.",
    "D10": "What is closed asks for nothing more.",
}


def seal_of(contact: str, channel: str, nonce: int) -> str:
    """Return the seal of the digits told to a contact by a channel. Frozen.

    SHA-256 of four lines of text, in hexadecimal digits.
    """
    text = f"comity contact check v1\n{contact}\n{channel}\n{nonce}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def require_one_other(node: Node, _past: Past) -> None:
    """D1: a check is of one other party, or of one seat without a node."""
    act = read(node.header)
    if isinstance(act, Open):
        others = len(read_charter(node.header).members) - 1
        if others + (act.seat is not None) != 1:
            raise Void(
                "D1",
                "Name one other party, or a seat that has no node, and open a check for each.",
            )


def require_checker(node: Node, past: Past) -> None:
    """D2: who opened it asks, reminds, says what came of it, and closes."""
    act = read(node.header)
    if isinstance(act, Probe | Remind | Result | Close) and node.header.party != past.charter.party:
        raise Void("D2", "Another party opened this check; answer it, or open one of your own.")


def require_checked(node: Node, past: Past) -> None:
    """D3: who opened it answers nothing in its own name.

    It may record what a guest answered, and that then stands as said by its guest.
    """
    if isinstance(read(node.header), Answer) and node.header.party == past.charter.party:
        raise Void("D3", "You asked yourself; record it for a guest, or say what came of it.")


def require_ahead(node: Node, _past: Past) -> None:
    """D4: an answer is due after it is asked for."""
    act = read(node.header)
    if isinstance(act, Probe) and act.due <= node.header.time:
        raise Void("D4", "The answer would be due before it was asked for; set a later time.")


def require_level(node: Node, past: Past) -> None:
    """D5: a probe is of no higher level than the check, and a node is asked where there is one."""
    act = read(node.header)
    if not isinstance(act, Probe):
        return
    opened = Open.checked(past.charter)
    if act.level > opened.level:
        raise Void("D5", "The check was opened for less; ask at its level, or open another.")
    if act.channel == NODE and opened.seat is not None:
        raise Void("D5", "Who is checked has no node; ask by another channel.")
    if act.level == MACHINE and act.channel != NODE:
        raise Void("D5", "At level 0 a node answers; ask a person at level 1, or ask the node.")


def require_each_once(node: Node, _past: Past) -> None:
    """D6: what is still right or done is said by who is the right contact, and each field once."""
    act = read(node.header)
    if isinstance(act, Answer):
        if (act.fields or act.tasks) and not act.is_right:
            raise Void("D6", "Who is not the right contact, or declines, confirms nothing here.")
        if not {*(act.fields or ())}.isdisjoint(act.corrected or ()):
            raise Void("D6", "A field cannot be still right and corrected; name it once.")


def require_digits(node: Node, past: Past) -> None:
    """D7: where digits were told, the answer says them.

    A right answer, that is: whoever is wrong there, or declines, need not have been told.
    """
    act = read(node.header)
    if isinstance(act, Answer) and (act.is_right or act.nonce is not None):
        asked = asked_of(node.header, past)
        told = None if act.nonce is None else seal_of(asked.contact, asked.channel, act.nonce)
        if told != asked.seal:
            raise Void(
                "D7",
                "The digits are not those told by that channel; look at the message that came by "
                "it, or leave them out where none were told.",
            )


def require_reminded_once(node: Node, past: Past) -> None:
    """D8: each reminder goes out once, in its time, and none after an answer."""
    act = read(node.header)
    if not isinstance(act, Remind):
        return
    (probe,) = node.header.refs
    sent = (n for n in past.all("remind") if probe in n.header.refs)
    if any(Remind.checked(n.header).stage == act.stage for n in sent):
        raise Void("D8", "This reminder went out already; go on to the next one.")
    if _is_answered(past, probe):
        raise Void("D8", "It was answered; nobody has to be reminded.")
    if (node.header.time < asked_of(node.header, past).due) != (act.stage in {HALF, NINETY}):
        raise Void("D8", "Remind before it is due; after that ask a deputy, or another way.")


def require_time_passed(node: Node, past: Past) -> None:
    """D9: silence is said when the time has passed, and nobody has answered."""
    act = read(node.header)
    if isinstance(act, Result) and act.outcome == SILENT:
        if node.header.time < asked_of(node.header, past).due:
            raise Void("D9", "The answer is not due yet; wait until it is.")
        if _is_answered(past, node.header.refs[0]):
            raise Void("D9", "It was answered; what was answered counts.")


def require_open(node: Node, past: Past) -> None:
    """D10: what is closed asks for nothing more."""
    asks = isinstance(read(node.header), Probe | Remind)
    if asks and next(past.all("close"), None) is not None:
        raise Void("D10", "The check is closed; open another one.")


def _is_answered(past: Past, probe: str) -> bool:
    return any(probe in n.header.refs for n in past.all("answer"))


GUARDS = (
    require_one_other,
    require_checker,
    require_checked,
    require_ahead,
    require_level,
    require_each_once,
    require_digits,
    require_reminded_once,
    require_time_passed,
    require_open,
)
