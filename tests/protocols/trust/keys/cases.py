"""The cases of keys: each function plays one and is written as its vector."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from comity.kernel.act import Act
from comity.kernel.kinds import Growth
from comity.protocols.trust.keys.acts import (
    AcknowledgeRevocation,
    AnswerWords,
    CommitWords,
    Heard,
    RevealWords,
    RevokeKey,
    ShowKey,
    Verify,
)
from comity.protocols.trust.keys.rules import HIDDEN
from comity.protocols.trust.keys.words import commitment
from tests.protocols.table import Table

DESK = ShowKey(algorithm="pgp4", fingerprint="0f1e2d3c4b" * 4, holder="desk", uses=["email"])
NIGHT = ShowKey(
    algorithm="pgp6", fingerprint="1a2b3c4d" * 8, holder="night", uses=["chat", "email"]
)
THEIRS = ShowKey(algorithm="x509", fingerprint="9c8d7e6f" * 8, holder="duty-1", uses=["access"])
DOMAIN = Verify(level="k1", seen=["security_txt", "wkd"])
MET = Verify(level="k3", how="digits")
LOST, STOLEN = RevokeKey(reason="lost"), RevokeKey(reason="stolen")


def nonce(name: str) -> str:
    """A number by its name."""
    return hashlib.sha256(name.encode()).hexdigest()


def begin(
    table: Table,
    voice: str,
    to: str,
    key: Act,
    number: str = "first",
    *,
    holder: str | None = None,
    apart: bool = False,
) -> Act:
    """Commit to a number, as the page of keys does."""
    party = table.id(voice.partition("/")[0])
    hidden = commitment(party, table.id(to), key.id, nonce(number))
    body = CommitWords(to=table.id(to), commitment=hidden, holder=holder).to_body()
    return table.say(voice, "commit_words", [key], body | {"audience": [*HIDDEN]}, apart=apart)


def read_aloud(table: Table, voice: str, to: str, key: Act, number: str = "first") -> Act:
    """Go on to where both know the digits."""
    commit = begin(table, voice, to, key, number)
    answer = table.say(to, AnswerWords(nonce=nonce(f"{number} of the other")), [commit])
    return table.say(voice, RevealWords(nonce=nonce(number)), [answer])


def _shown(table: Table) -> Act:
    """Open it among three, and let Orvanda show the key of its desk."""
    table.open()
    return table.say("orvanda", DESK)


def accepted_read_aloud_and_revoked(table: Table) -> None:
    """Shown, found on the domain, read aloud by both; stolen, revoked, and acknowledged by all."""
    key = _shown(table)
    table.say("tolmere", DOMAIN, [key])
    commit = begin(table, "orvanda", "tolmere", key, holder="desk")
    answer = table.say("tolmere", AnswerWords(nonce=nonce("second"), holder="duty-1"), [commit])
    told = table.say("orvanda", RevealWords(nonce=nonce("first")), [answer])
    table.say("orvanda", Heard(word="same"), [told])
    table.say("tolmere", Heard(word="same"), [told])
    revoked = table.say("orvanda", STOLEN, [key])
    table.say("tolmere", AcknowledgeRevocation(), [revoked])
    table.say("sarivane", AcknowledgeRevocation(), [revoked])


def accepted_met_in_person(table: Table) -> None:
    """Two compare the key of a third in person, one before a witness; one renews it by domain."""
    key = _shown(table)
    table.say("tolmere", Verify(level="k3", how="qr", witnesses=[table.id("sarivane")]), [key])
    table.say("sarivane", MET, [key])
    table.say("tolmere", DOMAIN, [key])
    table.say("tolmere", DOMAIN, [key])


def accepted_different_and_then_the_same(table: Table) -> None:
    """Different digits raise an alarm, which a reading with another party does not end; reading
    once more between the two does.
    """
    key = _shown(table)
    other = table.say("orvanda", NIGHT)
    told = read_aloud(table, "tolmere", "orvanda", key)
    table.say("tolmere", Heard(word="different"), [told])
    third = read_aloud(table, "sarivane", "orvanda", key, "third")
    table.say("sarivane", Heard(word="same"), [third])
    table.say("orvanda", Heard(word="same"), [third])
    for number, about in (("once more", key), ("of night", other)):
        again = read_aloud(table, "tolmere", "orvanda", about, number)
        table.say("tolmere", Heard(word="same"), [again])
        table.say("orvanda", Heard(word="same"), [again])


def accepted_different_and_one_side_the_same(table: Table) -> None:
    """The alarm stays while only one of the two has heard the same since, or they disagree."""
    key = _shown(table)
    told = read_aloud(table, "tolmere", "orvanda", key)
    table.say("orvanda", Heard(word="same"), [told])
    table.say("tolmere", Heard(word="different"), [told])
    again = read_aloud(table, "tolmere", "orvanda", key, "once more")
    table.say("tolmere", Heard(word="same"), [again])
    table.say("orvanda", Heard(word="different"), [again])


def accepted_different_and_not_known_to_one(table: Table) -> None:
    """The alarm stays when one of the two heard the same without knowing of the difference."""
    key = _shown(table)
    told, again = (read_aloud(table, "tolmere", "orvanda", key, name) for name in ("a", "b"))
    table.catch_up("orvanda")
    table.say("tolmere", Heard(word="different"), [told])
    table.say("tolmere", Heard(word="same"), [again])
    table.say("orvanda", Heard(word="same"), [again], apart=True)


def accepted_different_and_revoked(table: Table) -> None:
    """Revoking the key ends the alarm; its owner waits for a word of both others."""
    key = _shown(table)
    told = read_aloud(table, "tolmere", "orvanda", key)
    table.say("tolmere", Heard(word="different"), [told])
    table.say("orvanda", LOST, [key])


def accepted_waiting(table: Table) -> None:
    """Readings at every step; who begins again with a party gives up what it began before."""
    key, other = _shown(table), table.say("orvanda", NIGHT)
    begin(table, "tolmere", "orvanda", key, "given up")
    begin(table, "tolmere", "orvanda", key)
    begin(table, "orvanda", "sarivane", key, "to another")
    begin(table, "orvanda", "tolmere", other)
    asked = begin(table, "orvanda", "tolmere", key)
    table.say("tolmere", AnswerWords(nonce=nonce("second")), [asked])
    read_aloud(table, "sarivane", "orvanda", other)


def accepted_taken_back(table: Table) -> None:
    """Tolmere no longer stands by what it stated and read aloud; what others said stays."""
    key, other = _shown(table), table.say("orvanda", NIGHT)
    for voice in ("tolmere", "sarivane"):
        for about in (key, other):
            told = read_aloud(table, voice, "orvanda", about, f"{voice} {about.id}")
            table.say(voice, Heard(word="same"), [told])
            table.say("orvanda", Heard(word="same"), [told])
    table.say("tolmere", MET, [key])
    table.say("tolmere", Verify(level="k0"), [key])


def accepted_of_another_holder(table: Table) -> None:
    """A key is shown again, of another holder; what speaks for it stays."""
    key = _shown(table)
    table.say("tolmere", DOMAIN, [key])
    again = table.say(
        "orvanda",
        ShowKey(algorithm="pgp4", fingerprint=DESK.fingerprint, holder="night", uses=["email"]),
    )
    table.say("sarivane", MET, [again])


def accepted_a_new_key_for_the_holder(table: Table) -> None:
    """A holder whose key was replaced shows the new one, and verifies again."""
    _shown(table)
    theirs = table.say("tolmere", THEIRS)
    mine = table.say("orvanda", NIGHT)
    table.say("orvanda", RevokeKey(reason="replaced"), [mine])
    fresh = ShowKey(algorithm="ssh", fingerprint="77" * 32, holder="night", uses=["access"])
    table.say("orvanda", fresh)
    table.say("orvanda", Verify(level="k3", how="qr", holder="night"), [theirs])
    table.say("orvanda", Verify(level="k3", how="qr", holder="unknown"), [theirs])


def accepted_revoked_when_it_was_passed_on(table: Table) -> None:
    """Who passed a key on to a colleague is not its holder any more, and verifies."""
    key = _shown(table)
    theirs = table.say("tolmere", THEIRS)
    table.say("tolmere", replace(THEIRS, holder="night"))
    table.say("tolmere", LOST, [theirs])
    table.say("tolmere", Verify(level="k3", how="qr", holder="duty-1"), [key])


def accepted_verified_before_it_was_known(table: Table) -> None:
    """Who had not heard of a revocation verifies with effect; the key is revoked all the same."""
    key = _shown(table)
    table.catch_up("tolmere")
    table.say("orvanda", LOST, [key])
    table.say("tolmere", DOMAIN, [key], apart=True)


def accepted_revoked_for_another_reason(table: Table) -> None:
    """What was lost was stolen: the later reason counts, and a word on it is enough."""
    key, other = _shown(table), table.say("orvanda", NIGHT)
    begin(table, "tolmere", "orvanda", other)
    begin(table, "tolmere", "orvanda", key)
    table.say("orvanda", RevokeKey(reason="left"), [other])
    table.say("orvanda", LOST, [key])
    stolen = table.say("orvanda", STOLEN, [key])
    table.say("tolmere", AcknowledgeRevocation(), [stolen])


def accepted_joined_and_left(table: Table) -> None:
    """Who joins later owes no word on what was revoked before; who leaves owes none any more."""
    table.open(members=["orvanda", "tolmere"], growth=Growth.CHAIR)
    key = table.say("orvanda", DESK)
    table.say("orvanda", LOST, [key])
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})
    table.say("tolmere", "leave")


def accepted_shown_in_two_ways(table: Table) -> None:
    """A restored machine shows a key as another holder's, and one as before."""
    table.open()
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", DESK)
    table.say("orvanda", NIGHT)
    other = ShowKey(algorithm="pgp4", fingerprint=DESK.fingerprint, holder="night", uses=["chat"])
    table.say("orvanda/restored", other, apart=True)
    table.say("orvanda/restored", NIGHT, apart=True)


def refused_d0_no_such_kind_of_key(table: Table) -> None:
    """A kind of key is one of those listed."""
    table.open()
    body = DESK.to_body() | {"algorithm": "rot13"}
    table.say("orvanda", "show_key", body=body)


def refused_d0_part_of_a_fingerprint(table: Table) -> None:
    """A fingerprint is all of it; the last digits of one are easily made."""
    table.open()
    body = DESK.to_body() | {"fingerprint": DESK.fingerprint[-16:]}
    table.say("orvanda", "show_key", body=body)


def refused_d0_one_place_of_the_domain(table: Table) -> None:
    """One place on a domain is not enough."""
    key = _shown(table)
    table.say("tolmere", "verify", [key], {"level": "k1", "seen": ["wkd"]})


def refused_d0_read_aloud_by_word_alone(table: Table) -> None:
    """K2 is reached by reading aloud, and is not stated."""
    key = _shown(table)
    table.say("tolmere", "verify", [key], {"level": "k2"})


def refused_d1_too_short_for_its_kind(table: Table) -> None:
    """A fingerprint of OpenPGP 6 has 64 digits."""
    table.open()
    short = ShowKey(algorithm="pgp6", fingerprint=DESK.fingerprint, holder="desk", uses=["email"])
    table.say("orvanda", short)


def _revoked(table: Table) -> Act:
    key = _shown(table)
    table.say("orvanda", LOST, [key])
    return key


def refused_d2_shown_again(table: Table) -> None:
    """What was revoked does not come back."""
    _revoked(table)
    table.say("orvanda", DESK)


def refused_d2_verified(table: Table) -> None:
    """Nobody verifies a key that was revoked."""
    key = _revoked(table)
    table.say("tolmere", MET, [key])


def refused_d2_read_aloud(table: Table) -> None:
    """Nobody begins to read it aloud."""
    key = _revoked(table)
    begin(table, "tolmere", "orvanda", key)


def refused_d2_answered(table: Table) -> None:
    """What was begun before is not answered after."""
    key = _shown(table)
    commit = begin(table, "tolmere", "orvanda", key)
    table.say("orvanda", LOST, [key])
    table.say("orvanda", AnswerWords(nonce=nonce("second")), [commit])


def refused_d2_heard(table: Table) -> None:
    """What was read before is not heard after."""
    key = _shown(table)
    told = read_aloud(table, "tolmere", "orvanda", key)
    table.say("orvanda", LOST, [key])
    table.say("tolmere", Heard(word="same"), [told])


def refused_d3_own_key(table: Table) -> None:
    """Nobody's word on an own key counts."""
    key = _shown(table)
    table.say("orvanda", DOMAIN, [key])


def refused_d3_of_a_third(table: Table) -> None:
    """Two do not read aloud the key of a third."""
    key = _shown(table)
    begin(table, "tolmere", "sarivane", key)


def refused_d3_with_oneself(table: Table) -> None:
    """Nobody reads to itself."""
    key = _shown(table)
    begin(table, "orvanda", "orvanda", key)


def refused_d3_with_a_stranger(table: Table) -> None:
    """Who is asked to read aloud belongs to it."""
    table.open(members=["orvanda", "tolmere"])
    key = table.say("orvanda", DESK)
    begin(table, "orvanda", "sarivane", key)


def refused_d4_witness_of_a_domain(table: Table) -> None:
    """Nobody stands by where a domain is looked up."""
    key = _shown(table)
    stood_by = [table.id("sarivane")]
    table.say("tolmere", Verify(level="k1", seen=["dns", "wkd"], witnesses=stood_by), [key])


def refused_d4_own_witness(table: Table) -> None:
    """The party whose key it is witnesses nothing of it."""
    key = _shown(table)
    table.say("tolmere", Verify(level="k3", how="qr", witnesses=[table.id("orvanda")]), [key])


def _holder_revoked(table: Table) -> tuple[Act, Act]:
    """Let Tolmere show a key of each of two holders."""
    key = _shown(table)
    table.say("tolmere", replace(NIGHT, holder="duty-2"))
    return key, table.say("tolmere", THEIRS)


def refused_d5_verified_by_the_holder(table: Table) -> None:
    """Whose key was stolen does not verify with it."""
    key, theirs = _holder_revoked(table)
    table.say("tolmere", STOLEN, [theirs])
    table.say("tolmere", Verify(level="k3", how="qr", holder="duty-1"), [key])


def refused_d5_told_by_the_holder(table: Table) -> None:
    """Who began to read aloud and lost its key meanwhile does not go on."""
    key, theirs = _holder_revoked(table)
    commit = begin(table, "tolmere", "orvanda", key, holder="duty-1")
    answer = table.say("orvanda", AnswerWords(nonce=nonce("second")), [commit])
    table.say("tolmere", LOST, [theirs])
    table.say("tolmere", RevealWords(nonce=nonce("first")), [answer])


def refused_d6_number_given_away(table: Table) -> None:
    """A commitment whose number goes to the members hides nothing."""
    key = _shown(table)
    hidden = commitment(table.id("tolmere"), table.id("orvanda"), key.id, nonce("first"))
    table.say("tolmere", CommitWords(to=table.id("orvanda"), commitment=hidden), [key])


def refused_d7_answered_by_a_third(table: Table) -> None:
    """Only who was asked answers."""
    commit = begin(table, "tolmere", "orvanda", _shown(table))
    table.say("sarivane", AnswerWords(nonce=nonce("second")), [commit])


def refused_d7_answered_twice(table: Table) -> None:
    """Nobody chooses another number when it knows the first."""
    commit = begin(table, "tolmere", "orvanda", _shown(table))
    answer = table.say("orvanda", AnswerWords(nonce=nonce("second")), [commit])
    table.say("tolmere", RevealWords(nonce=nonce("first")), [answer])
    table.say("orvanda", AnswerWords(nonce=nonce("chosen")), [commit])


def _answered(table: Table) -> Act:
    commit = begin(table, "tolmere", "orvanda", _shown(table))
    return table.say("orvanda", AnswerWords(nonce=nonce("second")), [commit])


def refused_d8_another_number(table: Table) -> None:
    """What is told is what was committed to."""
    table.say("tolmere", RevealWords(nonce=nonce("chosen")), [_answered(table)])


def refused_d8_told_by_the_other(table: Table) -> None:
    """Only who committed to it tells it."""
    table.say("orvanda", RevealWords(nonce=nonce("first")), [_answered(table)])


def refused_d8_told_twice(table: Table) -> None:
    """A number is told once."""
    answer = _answered(table)
    table.say("tolmere", RevealWords(nonce=nonce("first")), [answer])
    table.say("tolmere", RevealWords(nonce=nonce("first")), [answer])


def refused_d9_heard_by_a_third(table: Table) -> None:
    """Who did not read says nothing of what was heard."""
    told = read_aloud(table, "tolmere", "orvanda", _shown(table))
    table.say("sarivane", Heard(word="same"), [told])


def refused_d9_heard_otherwise(table: Table) -> None:
    """What was heard stays; to hear it again, one reads again."""
    told = read_aloud(table, "tolmere", "orvanda", _shown(table))
    table.say("tolmere", Heard(word="different"), [told])
    table.say("tolmere", Heard(word="same"), [told])


def refused_d10_revoked_by_another(table: Table) -> None:
    """Nobody revokes the key of another party."""
    key = _shown(table)
    table.say("tolmere", STOLEN, [key])


def refused_d11_own_revocation(table: Table) -> None:
    """Who revoked a key owes no word on it."""
    key = _shown(table)
    revoked = table.say("orvanda", LOST, [key])
    table.say("orvanda", AcknowledgeRevocation(), [revoked])
